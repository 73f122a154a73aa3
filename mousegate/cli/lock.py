"""`mousegate lock`: start the lock, and return as soon as the screen is locked."""

import logging
import os
import subprocess
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, Final

import click

from mousegate.cli.ask import ask
from mousegate.errors import MousegateError, UsageError

_log = logging.getLogger("mousegate.cli")

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
    _refuse_unless_it_can_be_unlocked()
    if foreground:
        os.execv(sys.executable, _command())
    status = None if wait else ask(checked=True)
    if status is None:
        return _start(wait)
    if status != 0:
        raise NotLockedError(status)
    return 0


def _start(wait: bool) -> int:
    """Start the lock in a session of its own and wait for its word that the screen is locked."""
    reading, writing = os.pipe()
    with _log_file(wait) as log:
        process = subprocess.Popen(
            [*_command(), "--ready-fd", str(writing)],
            pass_fds=(writing,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=log,
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


def _log_file(wait: bool) -> AbstractContextManager[IO[str] | None]:
    """Open what the lock logs to after this command has returned: `lock.log` beside the store, made anew."""
    from mousegate.storage.paths import data_directory

    if wait:
        return nullcontext(None)
    try:
        directory = data_directory()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(
            directory / "lock.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600
        )
        return os.fdopen(descriptor, "w")
    except OSError as reason:
        _log.warning("cannot write the lock's log: %s", reason)
        return Path(os.devnull).open("w")


def _refuse_unless_it_can_be_unlocked() -> None:
    """Raise UsageError where nothing is enrolled and the password alone does not open either.

    Raises StoreError or ConfigurationError where that cannot be told: such a lock could not be opened again.
    """
    from mousegate.storage import config as configuration
    from mousegate.storage.store import Store

    if configuration.load().unenrolled == "password":
        return
    store = Store.open()
    if store is not None:
        with store:
            if store.settings.disarmed or store.references.all() or store.recovery.count():
                return
    raise UsageError(
        "nothing is enrolled, so nothing could open this lock again. Run mousegate enrol first, "
        'or set unenrolled = "password" in config.toml to lock with the password alone.'
    )


def _command() -> list[str]:
    return [sys.executable, "-P", "-m", "mousegate.lock"]
