"""What the kernel is asked for, seen from outside the process."""

import ctypes
import os
import resource
import subprocess
import sys
from pathlib import Path

from mousegate.auth.libpam import Library


def test_a_hardened_process_is_not_dumpable() -> None:
    """prctl(PR_GET_DUMPABLE) is 0 and core files are limited to nothing."""
    code = (
        "import ctypes, resource\n"
        "from mousegate.auth.hardening import harden\n"
        "harden(die_with_parent=False)\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0 (0, 0)"


def test_a_hardened_process_dies_with_its_parent() -> None:
    """When the parent is gone, the kernel ends the child: its end of a pipe closes."""
    reading, writing = os.pipe()
    child = (
        "from mousegate.auth.hardening import harden; import os, signal\n"
        f"harden(die_with_parent=True); os.write({writing}, b'x'); signal.pause()"
    )
    parent = (
        "import os, subprocess, sys\n"
        f"subprocess.Popen([sys.executable, '-c', {child!r}], pass_fds=({writing},))\n"
        "os.read(0, 1); os._exit(0)"
    )
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, pass_fds=(writing,))
    os.close(writing)
    assert os.read(reading, 1) == b"x"
    assert process.stdin is not None
    process.stdin.close()
    assert os.read(reading, 1) == b""
    os.close(reading)
    process.wait()


def test_a_secret_is_copied_whole_for_pam() -> None:
    """The copy ends with NUL, and can be freed."""
    library = Library()
    for secret in (b"", b"x", bytes(range(1, 256))):
        address = library.copy(bytearray(secret))
        assert ctypes.string_at(address) == secret
        library.free(address)


def test_a_secret_for_pam_is_kept_out_of_swap() -> None:
    """Its copy lies in locked memory (VmLck of proc(5)), where the limit on that is not nothing."""

    def locked_kib() -> int:
        status = Path("/proc/self/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmLck")).split()[1])

    library = Library()
    before = locked_kib()
    address = library.copy(bytearray(b"correct horse" * 1000))
    allowed = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] != 0
    assert (locked_kib() > before) is allowed
    library.free(address)
