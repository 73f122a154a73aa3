"""`mousegate-lock`: lock the screen of $DISPLAY, and end when it is unlocked."""

import argparse
import contextlib
import importlib
import logging
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from Xlib.display import Display
from Xlib.error import ConnectionClosedError

from mousegate.errors import GrabError, MousegateError
from mousegate.lock import keeper
from mousegate.lock.doorbell import AlreadyWaitingError, Doorbell
from mousegate.lock.emergency import log_to
from mousegate.lock.grabs import GrabPatience
from mousegate.lock.settings import Backoff, Commands, Limits, Settings
from mousegate.lock.supervisor import (
    ALREADY_LOCKED,
    INTERNAL_ERROR,
    NO_DISPLAY,
    UNLOCKED,
    Persistence,
    Supervisor,
    announce_ready,
    tell_systemd,
)
from mousegate.storage.openable import could_open, lock_socket

_log = logging.getLogger("mousegate.lock")

_NOTIFY_LIMIT_S: Final = 5.0


def main() -> None:
    """Exit with the status of the contracts: 0 unlocked, 3 not grabbed, 4 no display, 5 already locked."""
    log_to(sys.stderr)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    options = _parser().parse_args()
    doorbell = _doorbell(options) if options.wait_for_lock else None
    status = _supervise(options, doorbell)
    while doorbell is not None and status in (UNLOCKED, GrabError.exit_status, ALREADY_LOCKED):
        tell_systemd("STATUS=Waiting to be asked to lock")
        options.succeed = options.ready_fd = None
        os.environ.pop("XSS_SLEEP_LOCK_FD", None)
        status = _supervise(options, doorbell)
    sys.exit(status)


def _doorbell(options: argparse.Namespace) -> Doorbell:
    """Return what to wait on, with everything imported that a lock needs. Exits where that cannot be."""
    path = lock_socket()
    if path is None:
        _log.error("XDG_RUNTIME_DIR or DISPLAY is not set: there is no place to wait for requests to lock.")
        sys.exit(NO_DISPLAY)
    importlib.import_module("mousegate.lock.children")
    could_open()
    try:
        return Doorbell(Path(path), replace=options.succeed is not None)
    except (AlreadyWaitingError, OSError) as reason:
        _log.error("%s", reason)
        sys.exit(getattr(reason, "exit_status", INTERNAL_ERROR))


def _supervise(options: argparse.Namespace, doorbell: Doorbell | None) -> int:
    """Run one lock, from the first keeper to the unlock, and return its status."""
    sleep_lock_fd = _sleep_lock_fd(os.environ)
    mine = [descriptor for descriptor in (options.ready_fd, sleep_lock_fd) if descriptor is not None]
    for descriptor in mine:
        os.set_inheritable(descriptor, False)

    def keep(report: Callable[[str], None]) -> int:
        for descriptor in mine:
            with contextlib.suppress(OSError):
                os.close(descriptor)
        if doorbell is None:
            return keep_locked(settings_of(options, report), lambda _display: None)
        return _keep_on_request(options, report, doorbell, supervisor.is_locked)

    def announce() -> None:
        announce_ready(options.ready_fd, sleep_lock_fd)
        # The screen is covered, so there is time: keepers forked from now on need no more files to be read.
        importlib.import_module("mousegate.lock.children")

    # Under systemd the unit restarts a killed supervisor; elsewhere the keeper calls the next one itself.
    successor = () if "NOTIFY_SOCKET" in os.environ else _successor(options)
    persistence = Persistence(silence_s=1.5 * options.silence)
    supervisor = Supervisor(keep, announce, successor, persistence, doorbell=doorbell)
    if options.succeed is not None:
        return supervisor.succeed(options.succeed, os.getppid())
    return supervisor.run()


def _keep_on_request(
    options: argparse.Namespace, report: Callable[[str], None], doorbell: Doorbell, locked: bool
) -> int:
    """Be a keeper that waits until it is asked, unless it succeeds one that had locked already."""

    def pass_on(word: str) -> None:
        report(word)
        if word == "locked":
            doorbell.tell(word)
            doorbell.part()

    def wait(display: Display) -> None:
        if not locked:
            tell_systemd("READY=1\nSTATUS=Waiting to be asked to lock")
            doorbell.wait(display, could_open)
            report("waiting")

    status = keep_locked(settings_of(options, pass_on), wait)
    doorbell.tell(str(status))
    return status


def keep_locked(settings: Settings, wait: Callable[[Display], None]) -> int:
    """Run one keeper and turn what it raises into one line and an exit status."""
    try:
        return keeper.run(settings, wait)
    except GrabError as reason:
        _log.critical("%s", reason)
        _notify(str(reason))
        return reason.exit_status
    except MousegateError as reason:
        _log.error("%s", reason)
        return reason.exit_status
    except ConnectionClosedError as reason:
        _log.error("the connection to the X server is gone: %s", reason)
        return NO_DISPLAY
    except Exception:  # noqa: BLE001 - the covers stay, and the supervisor starts the next keeper
        _log.critical("internal error; the screen stays covered", exc_info=True)
        return INTERNAL_ERROR


def settings_of(options: argparse.Namespace, report: Callable[[str], None]) -> Settings:
    """Return the keeper's settings from the command line."""
    import shlex

    commands = Commands()
    if options.greeter_command or options.auth_command:
        commands = Commands(
            greeter=tuple(shlex.split(options.greeter_command or "")) or commands.greeter,
            auth=tuple(shlex.split(options.auth_command or "")) or commands.auth,
        )
    return Settings(
        report=report,
        commands=commands,
        limits=Limits(silence_s=options.silence, first_sign_s=max(options.silence, Limits.first_sign_s)),
        patience=GrabPatience(limit_s=options.grab_timeout),
        backoff=Backoff(last_s=options.longest_wait),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mousegate-lock", description="Lock the screen of $DISPLAY.")
    parser.add_argument(
        "--ready-fd", type=int, metavar="N", help='write "locked" to this descriptor once locked'
    )
    parser.add_argument(
        "--grab-timeout",
        type=float,
        metavar="SECONDS",
        default=GrabPatience.limit_s,
        help="how long to wait for another program's grab (default %(default)s)",
    )
    parser.add_argument(
        "--wait-for-lock",
        action="store_true",
        help="stay, ready to lock within milliseconds whenever `mousegate lock` asks for it",
    )
    for name in ("--greeter-command", "--auth-command"):
        parser.add_argument(name, help=argparse.SUPPRESS)
    parser.add_argument("--succeed", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--silence", type=float, default=Limits.silence_s, help=argparse.SUPPRESS)
    longest_s = Backoff.last_s
    parser.add_argument("--longest-wait", type=float, default=longest_s, help=argparse.SUPPRESS)
    return parser


def _successor(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the command line of a supervisor that takes over, but for the descriptor that follows it."""
    words = [f"--grab-timeout={options.grab_timeout}", f"--silence={options.silence}"]
    words += [f"--longest-wait={options.longest_wait}"]
    words += [f"--greeter-command={options.greeter_command}"] if options.greeter_command else []
    words += ["--wait-for-lock"] if options.wait_for_lock else []
    words += [f"--auth-command={options.auth_command}"] if options.auth_command else []
    return (sys.executable, "-P", "-m", "mousegate.lock", *words, "--succeed")


def _sleep_lock_fd(environment: "os._Environ[str]") -> int | None:
    """Return the descriptor that xss-lock(1) wants closed once the screen is locked, or None."""
    untrusted = environment.get("XSS_SLEEP_LOCK_FD", "")
    if not untrusted.isdecimal():
        return None
    try:
        os.fstat(int(untrusted))
    except OSError:
        return None
    return int(untrusted)


def _notify(text: str) -> None:
    """Show a critical desktop notification where there is a notifier; never wait long for it."""
    import subprocess

    words = (sys.executable, "-P", "-m", "mousegate.bus.alarm", "The screen is not locked", text)
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(words, timeout=_NOTIFY_LIMIT_S, check=False, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
