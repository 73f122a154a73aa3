"""`mousegate lock`: start the lock, and return as soon as the screen is locked."""

import logging
import os
import shutil
import subprocess
import sys
from typing import Final

import click

from mousegate.errors import MousegateError

_log = logging.getLogger("mousegate.cli")

UNIT: Final = "mousegate-lock.service"
_EXPLANATIONS: Final = {
    3: "another program holds the keyboard or the pointer: the screen is NOT locked. "
    "Close open menus and full-screen programs and lock again.",
    4: "there is no X display that can be locked. Run this inside your X11 session.",
    5: "the screen is already locked.",
}
_FAILED: Final = (
    "the lock could not be started: the screen is NOT locked. Run mousegate doctor to find out why."
)


class NotLockedError(MousegateError):
    """The lock ended before the screen was locked; its own exit status is passed on."""

    def __init__(self, exit_status: int) -> None:
        super().__init__(_EXPLANATIONS.get(exit_status, _FAILED))
        self.exit_status = exit_status if exit_status in _EXPLANATIONS else MousegateError.exit_status


@click.command(name="lock")
@click.option("--wait", is_flag=True, help="Return only when the screen is unlocked again.")
@click.option("--foreground", is_flag=True, help="Become the lock itself, as xss-lock wants its locker.")
def lock_command(wait: bool, foreground: bool) -> int:
    """Lock the screen now. Exits with 0, or 3 could not grab, 4 no display, 5 already locked."""
    if foreground:
        os.execv(sys.executable, _command())
    if not wait and _unit_is_installed():
        return _start_unit()
    return _start(wait)


def _start(wait: bool) -> int:
    """Start the lock in a session of its own and wait for its word that the screen is locked."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [*_command(), "--ready-fd", str(writing)],
        pass_fds=(writing,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as ready:
        if ready.readline() != b"locked\n":
            raise NotLockedError(process.wait())
    if wait:
        return process.wait()
    process.returncode = 0  # it outlives this command on purpose, so there is nothing to reap
    return 0


def _unit_is_installed() -> bool:
    """Return whether a systemd user manager runs that knows the lock's unit."""
    if shutil.which("systemctl") is None:
        return False
    return _systemctl("show", "--property=LoadState", "--value", UNIT).stdout.strip() == "loaded"


def _start_unit() -> int:
    """Have systemd start the lock, which returns when the screen is locked (Type=notify)."""
    _systemctl("import-environment", *(name for name in ("DISPLAY", "XAUTHORITY") if name in os.environ))
    if _systemctl("is-active", "--quiet", UNIT).returncode == 0:
        raise NotLockedError(5)
    if _systemctl("start", UNIT).returncode == 0:
        return 0
    untrusted = _systemctl("show", "--property=ExecMainStatus", "--value", UNIT).stdout.strip()
    raise NotLockedError(int(untrusted) if untrusted.isdecimal() else MousegateError.exit_status)


def _systemctl(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["systemctl", "--user", *words], capture_output=True, text=True, check=False)


def _command() -> list[str]:
    return [sys.executable, "-P", "-m", "mousegate.lock"]
