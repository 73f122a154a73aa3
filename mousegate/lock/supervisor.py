"""The supervisor: a parent so small that it does not die, which starts a keeper whenever the last one did.

It forks rather than executes: the next keeper has everything imported already, and grabs again a few
milliseconds after the last one died. Until the first report of `locked` it gives up after a few tries and can
be stopped; from then on only an unlock, a vanished X server or somebody else's lock ends it.
"""

import contextlib
import logging
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from mousegate.lock.doorbell import Doorbell

_log = logging.getLogger("mousegate.lock")

UNLOCKED: Final = 0
NO_DISPLAY: Final = 4
ALREADY_LOCKED: Final = 5
INTERNAL_ERROR: Final = 70
SIGNALLED: Final = 128
"""What a shell adds to the number of the signal that ended a process."""
KEEPER_NAME: Final = "mousegate-keep"
"""What `ps` and `pgrep -x` call the keeper, whose command line is the supervisor's. At most 15 bytes."""
_STOPPING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
REFUSED_SIGNALS: Final = (
    *(*_STOPPING, signal.SIGQUIT, signal.SIGPIPE, signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2),
    *(signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
)
"""Signals that would end or stop a process which does not ask for them, and that a locked one ignores."""
_READ_BYTES: Final = 4096


@dataclass(frozen=True)
class Persistence:
    """How often and how fast to start again; `silence_s` is how long a keeper may be stuck."""

    tries_before_locked: int = 3
    fastest_s: float = 0.05
    slowest_s: float = 0.5
    calm_s: float = 2.0
    """A keeper that lived so long was well; the pause before the next one doubles with each that was not."""
    silence_s: float = 15.0
    lost_servers: int = 10
    """Keepers in a row that found no server. One that had locked and lost its connection is none of them: a
    client, or a key (XF86ClearGrab), can have it closed; and a server full of clients has room again."""


class Supervisor:
    """Runs keepers until one unlocks. `keep` is the keeper: told how to report, it returns its status.

    doorbell: where a keeper waits for a request, silent until then; while it is locked, others are refused.
    """

    def __init__(
        self,
        keep: Callable[[Callable[[str], None]], int],
        announce: Callable[[], None],
        successor: tuple[str, ...] = (),
        persistence: Persistence = Persistence(),
        *,
        doorbell: "Doorbell | None" = None,
    ) -> None:
        self._keep = keep
        self._announce = announce
        self._successor = successor
        self._persistence = persistence
        self.is_locked = False
        self._doorbell = doorbell
        self._unlocked = False
        self._has_locked = False
        self._keeper = 0

    def run(self) -> int:
        """Return the exit status of the contracts: 0 unlocked, 3, 4, 5, or 70 when no keeper came to lock."""
        self._take_signals()
        tries = lost = 0
        pause_s = self._persistence.fastest_s
        while True:
            started_s = time.monotonic()
            status = self._run_keeper()
            tries += 1
            lost = lost + 1 if status == NO_DISPLAY and not self._has_locked else 0
            if self._is_final(status, tries, lost):
                return status if status >= 0 else SIGNALLED - status
            _log.critical("the keeper ended with status %d without an unlock: starting the next one", status)
            _wait_until(started_s + pause_s)
            calm = time.monotonic() - started_s >= self._persistence.calm_s
            pause_s = self._persistence.fastest_s if calm else min(self._persistence.slowest_s, 2 * pause_s)

    def succeed(self, reading: int, keeper: int) -> int:
        """Supervise a keeper whose supervisor is dead, heard through `reading`, and what comes after it."""
        self._take_signals()
        self.is_locked, self._keeper = True, keeper
        self._listen(reading)
        return UNLOCKED if self._unlocked else self.run()

    def _take_signals(self) -> None:
        for number in _STOPPING:
            signal.signal(number, self._stop)
        for number in set(REFUSED_SIGNALS) - set(_STOPPING):
            signal.signal(number, signal.SIG_IGN)

    def _is_final(self, status: int, tries: int, lost: int) -> bool:
        if status in (UNLOCKED, ALREADY_LOCKED):
            return True
        if not self.is_locked:
            return status not in (INTERNAL_ERROR, -signal.SIGKILL, -signal.SIGSEGV) or (
                tries >= self._persistence.tries_before_locked
            )
        return status == NO_DISPLAY and lost >= self._persistence.lost_servers

    def _run_keeper(self) -> int:
        """Fork one keeper, listen to it, and return how it ended: its status, or minus the signal."""
        reading, writing = os.pipe()
        self._has_locked = False
        self._keeper = os.fork()
        if self._keeper == 0:
            os.close(reading)
            self._become_keeper(writing)
        os.close(writing)
        try:
            self._listen(reading)
        finally:
            os.close(reading)
        _, status = os.waitpid(self._keeper, 0)
        self._keeper = 0
        return os.waitstatus_to_exitcode(status)

    def _become_keeper(self, writing: int) -> NoReturn:
        """Run the keeper in this forked process, and never return into the supervisor's code."""
        status = INTERNAL_ERROR
        try:
            for number in _STOPPING:
                signal.signal(number, signal.SIG_DFL)
            _name_process(KEEPER_NAME)
            status = self._keep(lambda word: self._report(writing, word))
        finally:
            os._exit(status)

    def _listen(self, reading: int) -> None:
        """Return when the keeper has closed its pipe, which its death does; kill it where it is stuck."""
        bell = [self._doorbell.fileno()] if self._doorbell is not None else []
        silence_s = None if bell and not self.is_locked else self._persistence.silence_s
        while True:
            ready, _, _ = select.select([reading, *(bell if self.is_locked else [])], [], [], silence_s)
            silence_s = self._persistence.silence_s
            if self._doorbell is not None and self._doorbell.fileno() in ready:
                self._doorbell.refuse(ALREADY_LOCKED)
                continue
            if not ready:
                _log.critical("the keeper is stuck: killing it; the covers stay")
                os.kill(self._keeper, signal.SIGKILL)
            words = os.read(reading, _READ_BYTES)
            if not words:
                return
            said = words.splitlines()
            self._unlocked = self._unlocked or b"unlocked" in said
            self._has_locked = self._has_locked or b"locked" in said
            if self._has_locked and not self.is_locked:
                self.is_locked = True
                self._announce()

    def _report(self, writing: int, word: str) -> None:
        """In the keeper: write one line. A supervisor that is gone is replaced, but never waited for."""
        line = f"{word}\n".encode()
        try:
            os.write(writing, line)
        except BrokenPipeError:
            if not self._successor or word != "alive":
                return
            _log.critical("the supervisor is dead: starting another")
            reading, new_end = os.pipe()
            os.dup2(new_end, writing, inheritable=False)
            os.close(new_end)
            os.set_inheritable(reading, True)
            os.posix_spawn(self._successor[0], [*self._successor, str(reading)], os.environ)
            os.close(reading)
            os.write(writing, line)

    def _stop(self, number: int, _frame: object) -> None:
        """Before the lock, pass the signal on to the keeper; a locked one ignores it."""
        if self._keeper and not self.is_locked:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._keeper, number)


def announce_ready(ready_fd: int | None, sleep_lock_fd: int | None) -> None:
    """Tell who waits that the screen is locked: the caller's pipe, systemd (sd_notify(3)), xss-lock(1)."""
    if ready_fd is not None:
        with contextlib.suppress(OSError):
            os.write(ready_fd, b"locked\n")
            os.close(ready_fd)
    tell_systemd("READY=1\nSTATUS=Locked")
    if sleep_lock_fd is not None:
        with contextlib.suppress(OSError):
            os.close(sleep_lock_fd)


def tell_systemd(state: str) -> None:
    """Pass `state` to the systemd that started us, if one did (sd_notify(3))."""
    if path := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            try:
                sender.sendto(state.encode(), "\0" + path[1:] if path.startswith("@") else path)
            except OSError as reason:
                _log.warning("cannot tell systemd %s: %s", state.splitlines()[-1], reason)


def _name_process(name: str) -> None:
    """Set the name of this process as in prctl(2), PR_SET_NAME."""
    with contextlib.suppress(OSError):
        Path("/proc/self/comm").write_text(name, encoding="ascii")


def _wait_until(moment_s: float) -> None:
    select.select([], [], [], max(0.0, moment_s - time.monotonic()))
