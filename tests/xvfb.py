"""A private, real X server for tests and the demo."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def xvfb(width: int = 1280, height: int = 800, *extra: str) -> Iterator[str]:
    """Start Xvfb on a free display; yield its name, such as ":93".

    Stops it at the end, and whatever of ours still waits for it: a supervisor that outlived its server would
    lock the next one of the same number.
    """
    read_fd, write_fd = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_fd), "-screen", "0", f"{width}x{height}x24"]
    command += ["-nolisten", "tcp", "-noreset", "-dpi", "96", *extra]
    server = subprocess.Popen(
        command, pass_fds=[write_fd], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write_fd)
    number = ""
    try:
        with os.fdopen(read_fd) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError(f"Xvfb did not start: {' '.join(command)}")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()
        if number:
            _end_programs_of(f":{number}")


def _end_programs_of(display: str) -> None:
    marks = {f"DISPLAY={display}{screen}".encode() for screen in ("", ".0", ".1")}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            ours = b"mousegate" in (process / "cmdline").read_bytes() and int(process.name) != os.getpid()
            if ours and marks & set((process / "environ").read_bytes().split(b"\0")):
                os.kill(int(process.name), signal.SIGKILL)
