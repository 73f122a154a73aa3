"""Locking: `mousegate lock` is run, and answers once the screen is locked."""

import logging
import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import IO, Any, Final, TypeAlias

from mousegate.errors import BadInput, DisplayError, GrabError, MousegateError, UsageError

_LOG = logging.getLogger(__name__)

Done: TypeAlias = Callable[[MousegateError | None], None]
"""Told None once the screen is locked, else why it is not."""

Watch: TypeAlias = Callable[[int, Callable[[int], None]], None]
"""Calls back with the exit status of a process id once it has ended."""

_KINDS: Final[dict[int, type[MousegateError]]] = {
    GrabError.exit_status: GrabError,
    DisplayError.exit_status: DisplayError,
    UsageError.exit_status: UsageError,
    BadInput.exit_status: BadInput,
}
ALREADY_LOCKED: Final = 5
COMMAND: Final = (sys.executable, "-P", "-m", "mousegate.cli.entry", "lock")


class Locker:
    """Locks the screen, one start at a time; whoever asks meanwhile waits for the same answer."""

    def __init__(self, watch: Watch, command: tuple[str, ...] = COMMAND) -> None:
        self._watch = watch
        self._command = command
        self._waiting: list[Done] = []
        self._process: subprocess.Popen[bytes] | None = None

    def lock(self, done: Done) -> None:
        """Lock and tell `done`; it is told exactly once."""
        self._waiting.append(done)
        if self._process is not None:
            return
        said = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process has ended
        try:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said
            )
        except OSError as error:
            said.close()
            self._answer(MousegateError(f"The lock cannot be started ({error}): the screen is NOT locked."))
            return
        self._watch(self._process.pid, lambda status: self._ended(status, said))

    def _ended(self, status: int, said: IO[Any]) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.returncode = status
        with said:
            said.seek(0)
            untrusted_words = said.read(2000).decode("utf-8", "replace").strip()
        if status in (0, ALREADY_LOCKED):
            self._answer(None)
            return
        kind = _KINDS.get(status, MousegateError)
        words = untrusted_words.splitlines()[-1] if untrusted_words else f"status {status}"
        error = kind(words.removeprefix("mousegate: "))
        _LOG.error("The screen is NOT locked: %s", error)
        self._answer(error)

    def _answer(self, error: MousegateError | None) -> None:
        waiting, self._waiting = self._waiting, []
        for done in waiting:
            done(error)
