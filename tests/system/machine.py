"""A throw-away machine: a Debian root booted by systemd-nspawn, with service managers of its own.

The root itself stays as it is; what the machine writes goes to an overlay. Mounts exist only in the name
space of the machine's own process, and everything that ran in it ends with it. It needs root, and shares the
network name space, so that programs outside reach its X server by the abstract socket.
"""

import contextlib
import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from tests.e2e.screen import WaitTimeoutError

_BOOT: Final = """
set -e
umount -R /sys/fs/cgroup
mount -t cgroup2 none /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/$GROUP
echo 0 >/sys/fs/cgroup/$GROUP/cgroup.procs
mkdir -p /run/systemd
mount -t tmpfs none /run/systemd
mount -t overlay overlay -o lowerdir="$BASE",upperdir="$WORK/upper",workdir="$WORK/work" "$WORK/root"
consoles=
for tty in 0 1 2 3 4 5 6 7 8; do consoles="$consoles --bind=/dev/tty$tty"; done
mkdir -p "$WORK/power"
echo mem >"$WORK/power/state"
exec systemd-nspawn --quiet --register=no --keep-unit --console=pipe $consoles \
    --bind="$WORK/power":/sys/power -D "$WORK/root" -b
"""
"""/sys/power is a folder of ours: the machine says that it can sleep, and cannot put its host to sleep."""
_LEAVE: Final = "mount -t cgroup2 none /mnt && find /mnt/$GROUP -depth -type d -exec rmdir {} \\; || true"
_REBOOT: Final = 133
"""systemd-nspawn(1): the status with which it asks whoever started it to start it again."""
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def await_fact(condition: Callable[[], object], timeout_s: float, what: str) -> float:
    """Return the seconds until `condition` held, asked a few times a second. Raises WaitTimeoutError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > timeout_s:
            raise WaitTimeoutError(f"not within {timeout_s:g} s: {what}")
        time.sleep(0.2)
    return time.monotonic() - began


@dataclass
class Machine:
    """A running machine. `leader` is its first process, as this side sees it."""

    base: Path
    work: Path
    log: IO[str]
    process: "subprocess.Popen[str] | None" = None
    leader: int = 0
    group: str = field(default_factory=lambda: f"mousegate-machine-{os.getpid()}")

    def __post_init__(self) -> None:
        for name in ("upper", "work", "root"):
            (self.work / name).mkdir(parents=True)

    def put(self, inside: str, text: str, mode: int = 0o644, uid: int = 0) -> None:
        """Write a file into the machine before it is booted. New directories belong to `uid` as well."""
        path = self.work / "upper" / inside.lstrip("/")
        missing = [one for one in path.parents if not one.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        for one in (path, *missing):
            below = self.base / one.relative_to(self.work / "upper")
            owner = below.stat() if below.exists() else None
            os.chown(one, owner.st_uid if owner else uid, owner.st_gid if owner else uid)
            if owner:
                one.chmod(owner.st_mode & 0o7777)

    def boot(self) -> None:
        """Boot, and return when all units are started."""
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--propagation=private", "bash", "-c", _BOOT],
            env=self._variables(), stdin=subprocess.PIPE, stdout=self.log, stderr=self.log, text=True,
        )  # fmt: skip
        self.leader = 0
        await_fact(self._has_started, 60, f"the machine to start (see {self.log.name})")
        await_fact(lambda: self.run("systemctl", "is-system-running").stdout.strip() == "running", 90,
                   "all units to be started")  # fmt: skip

    def _has_started(self) -> bool:
        assert self.process is not None
        if self.process.poll() is not None:
            raise WaitTimeoutError(f"the machine ended with {self.process.returncode}: see {self.log.name}")
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            with contextlib.suppress(OSError):
                if Path(f"/proc/{child}/root/run/dbus/system_bus_socket").exists() and self._is_init(child):
                    self.leader = int(child)
        return self.leader != 0

    @staticmethod
    def _is_init(child: str) -> bool:
        status = Path(f"/proc/{child}/status").read_text()
        return any(line.startswith("NSpid:") and line.split()[-1] == "1" for line in status.splitlines())

    def run(
        self, *words: str, user: str = "root", timeout_s: float = 60.0, stdin: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command in the machine, outside of any session, and return it with its output."""
        return subprocess.run(
            self.entering(user, *words),
            capture_output=True, text=True, timeout=timeout_s, input=stdin, check=False,
        )  # fmt: skip

    def entering(self, user: str, *words: str) -> list[str]:
        """Return the words by which a command runs in the machine, in an environment of its own."""
        home = f"/home/{user}" if user != "root" else "/root"
        clean = ["env", "-i", f"PATH={_PATH}", f"HOME={home}", f"USER={user}", "LANG=C.UTF-8", "TERM=dumb"]
        if user != "root":
            runtime = f"/run/user/{self.uid_of(user)}"
            clean += [f"XDG_RUNTIME_DIR={runtime}", f"DBUS_SESSION_BUS_ADDRESS=unix:path={runtime}/bus"]
            clean += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"]
        return ["nsenter", "--target", str(self.leader), "--all", "--wdns=/", *clean, *words]

    def must(self, *words: str, user: str = "root", timeout_s: float = 60.0) -> str:
        """Run a command that must succeed; return what it printed. Raises AssertionError with its errors."""
        done = self.run(*words, user=user, timeout_s=timeout_s)
        assert done.returncode == 0, f"{' '.join(words)}: {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout

    def uid_of(self, user: str) -> int:
        """Return the number of a user of the machine."""
        for line in self.path("/etc/passwd").read_text().splitlines():
            name, _, uid, *_ = line.split(":")
            if name == user:
                return int(uid)
        raise KeyError(user)

    def path(self, inside: str) -> Path:
        """Return where a file of the machine is to be found from outside."""
        return Path(f"/proc/{self.leader}/root{inside}")

    def journal(self, *matches: str) -> list[Mapping[str, Any]]:
        """Return the entries of the machine's journal that match (journalctl(1))."""
        said = self.run("journalctl", "--output=json", "--no-pager", *matches).stdout
        return [json.loads(line) for line in said.splitlines()]

    def sessions(self, user: str) -> list[Mapping[str, str]]:
        """Return what logind says about each session of a user (org.freedesktop.login1(5))."""
        listed = self.run("loginctl", "list-sessions", "--no-legend").stdout.splitlines()
        ids = [words[0] for words in map(str.split, listed) if len(words) > 2 and words[2] == user]
        shown = (self.run("loginctl", "show-session", one).stdout for one in ids)
        return [
            dict(line.split("=", 1) for line in text.splitlines() if "=" in line) for text in shown if text
        ]

    def unit(self, name: str, user: str, *wanted: str) -> Sequence[str]:
        """Return properties of a unit of a user's manager, in the order of `wanted`."""
        asked = [f"--property={one}" for one in wanted]
        text = self.run("systemctl", "--user", "show", *asked, name, user=user).stdout
        facts = _facts(text)
        return [facts.get(one, "") for one in wanted]

    def reboot(self) -> None:
        """Restart the machine as its administrator would, and return when it is up again."""
        self.run("systemctl", "reboot")
        self.await_reboot()

    def await_reboot(self) -> None:
        """Wait until somebody has restarted the machine, and it is up again."""
        assert self.process is not None
        status = self.process.wait(timeout=90)
        assert status == _REBOOT, f"the machine ended with {status} and not to be booted again"
        self.boot()

    def close(self) -> None:
        """End it with all that runs in it; no mount and no control group is left."""
        if self.process is not None and self.process.poll() is None:
            if self.leader:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.run("systemctl", "poweroff", "--force", timeout_s=10)
            try:
                self.process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.leader or self.process.pid, 9)
                self.process.kill()
                self.process.wait()
        words = ["unshare", "--mount", "--propagation=private", "sh", "-c", _LEAVE]
        subprocess.run(words, env=self._variables(), stderr=subprocess.DEVNULL, check=False)

    def _variables(self) -> dict[str, str]:
        return {
            "PATH": _PATH, "GROUP": self.group, "BASE": str(self.base), "WORK": str(self.work),
        }  # fmt: skip


def _facts(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
