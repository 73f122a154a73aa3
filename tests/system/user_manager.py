"""A real `systemd --user` with a real journal, in a mount namespace and a control group of its own.

It needs what only root has; nothing of the machine's own service managers is touched.
"""

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.x11.stage import wait_until

SYSTEMD: Final = "/lib/systemd/systemd"
_ENTER: Final = """
set -e
mount -t cgroup2 none /mnt
mkdir -p /mnt/$GROUP
echo 0 > /mnt/$GROUP/cgroup.procs
umount -R /sys/fs/cgroup || true
mount --move /mnt /sys/fs/cgroup
mount -t tmpfs none /run/systemd
mkdir /run/systemd/system
mount -t tmpfs none /run/log
mkdir /run/log/journal
test ! -e /etc/systemd/journald.conf || mount --bind "$HOME/journald.conf" /etc/systemd/journald.conf
/lib/systemd/systemd-journald &
echo $! > "$HOME/journald.pid"
exec /lib/systemd/systemd --user --unit=basic.target
"""
_LEAVE: Final = """
mount -t cgroup2 none /mnt && find /mnt/$GROUP -depth -type d -exec rmdir {} \\;
"""
_QUIET: Final = "[Journal]\nForwardToWall=no\nReadKMsg=no\nAudit=no\n"


class NoManagerError(Exception):
    """Such a manager cannot be started here."""


@dataclass(frozen=True)
class UserManager:
    """A running manager. `home` is where its units lie, in `.config/systemd/user`."""

    process: "subprocess.Popen[str]"
    environment: Mapping[str, str]

    def systemctl(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run `systemctl --user`."""
        return self._run("systemctl", "--user", *words)

    def show(self, unit: str, name: str) -> str:
        """Return one property of a unit."""
        return self.systemctl("show", "--value", f"--property={name}", unit).stdout.strip()

    def journal(self) -> list[tuple[int, str]]:
        """Return priority and text of each message in the journal."""
        said = self._run("journalctl", "--directory=/run/log/journal", "--output=json", "--no-pager").stdout
        entries = [json.loads(line) for line in said.splitlines()]
        return [(int(entry.get("PRIORITY", 6)), str(entry.get("MESSAGE"))) for entry in entries]

    def _run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        entered = ["nsenter", "--target", str(self.process.pid), "--mount", *words]
        return subprocess.run(
            entered, env=dict(self.environment), capture_output=True, text=True, check=False, timeout=60
        )


@contextmanager
def user_manager(home: Path, environment: Mapping[str, str]) -> Iterator[UserManager]:
    """Start a manager whose units get this environment; it ends with all of them.

    Raises NoManagerError where this user may not mount, or the kernel has no control groups to mount.
    """
    runtime = home / "runtime"
    runtime.mkdir(mode=0o700)
    (home / "journald.conf").write_text(_QUIET)
    group = f"mousegate-test-{os.getpid()}"
    variables = dict(environment) | {"HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "GROUP": group}
    words = ["unshare", "--mount", "--propagation=private", "bash", "-c"]
    with (home / "manager.log").open("w") as log:
        process = subprocess.Popen([*words, _ENTER], env=variables, stdout=log, stderr=log, text=True)
    try:
        socket = runtime / "systemd/private"
        wait_until(lambda: socket.exists() or process.poll() is not None, "the manager")
        if process.poll() is not None:
            raise NoManagerError((home / "manager.log").read_text().strip())
        yield UserManager(process, variables)
    finally:
        process.terminate()
        process.wait()
        with contextlib.suppress(OSError, ValueError):
            os.kill(int((home / "journald.pid").read_text()), 15)
        subprocess.run([*words, _LEAVE], env=variables, stderr=subprocess.DEVNULL, check=False)
