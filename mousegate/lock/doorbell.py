"""The doorbell: how a lock is asked of a keeper that waits warm, imported and connected to the X server.

A request is one line, `lock` or `lock checked`, on a socket that only its owner may open. It is answered with
lines: `check` (look first whether anything could open the lock, then ask again with `lock checked`), or
`locking` and then `locked` or the exit status of the contracts. Whoever gets no answer locks without it.
Nothing can be asked here but to lock.
"""

import contextlib
import logging
import os
import select
import socket
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Final

from Xlib import X
from Xlib.display import Display

from mousegate.errors import MousegateError
from mousegate.lock.cover import find_covers
from mousegate.lock.display import lock_selection

_log = logging.getLogger("mousegate.lock")

_REQUEST_LIMIT_S: Final = 1.0
_REQUEST_BYTES: Final = 64
_ORPHAN_S: Final = 0.5
"""How often to look whether another keeper, which has covered the screen, still lives."""


class AlreadyWaitingError(MousegateError):
    """There is a waiting keeper already."""

    exit_status = 5


class Doorbell:
    """Listens at `path`; the supervisor makes it, and every keeper it forks inherits it.

    Raises AlreadyWaitingError where another listens there, unless told to take its place.
    """

    def __init__(self, path: Path, *, replace: bool = False) -> None:
        if not replace and _is_answered(path):
            raise AlreadyWaitingError("another mousegate-lock already waits for requests on this display.")
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        before = os.umask(0o177)
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(before)
        self._listener.listen(4)
        self._visitor: socket.socket | None = None

    def wait(self, display: Display, could_open: Callable[[], bool]) -> None:
        """Return when somebody has asked for a lock, or the screen is covered and nobody keeps it any more.

        Raises ConnectionClosedError when the X server goes. Who rang while the screen was locked has hung up
        by now, and whoever has hung up is not heard.
        """
        number = display.get_default_screen()
        while self._visitor is None:
            covered = bool(find_covers(display, number))
            if covered and display.get_selection_owner(lock_selection(display, number)) == X.NONE:
                return
            patience_s = _ORPHAN_S if covered else None
            ready, _, _ = select.select([display.fileno(), self.fileno()], [], [], patience_s)
            for _ in range(display.pending_events()):
                display.next_event()
            if self.fileno() in ready:
                self._hear(could_open)

    def fileno(self) -> int:
        """Return what to wait for."""
        return self._listener.fileno()

    def refuse(self, status: int) -> None:
        """Answer one request with an exit status, unheard."""
        with contextlib.suppress(OSError):
            visitor, _ = self._listener.accept()
            with visitor:
                visitor.sendall(b"locking\n%d\n" % status)

    def tell(self, word: str) -> None:
        """Answer whoever has asked, if somebody has and still listens."""
        if self._visitor is not None:
            with contextlib.suppress(OSError):
                self._visitor.sendall(f"{word}\n".encode())

    def part(self) -> None:
        """Hang up."""
        if self._visitor is not None:
            self._visitor.close()
            self._visitor = None

    def _hear(self, could_open: Callable[[], bool]) -> None:
        try:
            self._visitor, _ = self._listener.accept()
            self._visitor.settimeout(_REQUEST_LIMIT_S)
            credentials = self._visitor.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            _, uid, _ = struct.unpack("3i", credentials)
            untrusted = self._visitor.recv(_REQUEST_BYTES)
        except OSError:
            self.part()
            return
        known = uid == os.getuid() and untrusted in (b"lock\n", b"lock checked\n")
        if known and (untrusted == b"lock checked\n" or could_open()):
            with contextlib.suppress(OSError):
                self._visitor.sendall(b"locking\n")
                return
        elif known:
            self.tell("check")
        else:
            _log.warning("a request that is none came on the doorbell")
        self.part()


def _is_answered(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as visitor:
        visitor.settimeout(_REQUEST_LIMIT_S)
        try:
            visitor.connect(str(path))
        except OSError:
            return False
    return True
