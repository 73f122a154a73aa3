"""Auth's two pipes to the keeper: the heartbeat, and the one on which the nonce goes back."""

import os
import re
import threading
import time
from typing import IO, Final

from mousegate.errors import ProtocolError

HEARTBEAT_S: Final = 1.0
BUSY_LIMIT_S: Final = 180.0
"""Longer than any PAM module of Debian waits by default (pam_fprintd: 30 s and three tries)."""
_NONCE: Final = re.compile(rb"[0-9a-f]{64}\n", re.IGNORECASE)


def read_nonce(source: IO[bytes]) -> bytes:
    """Return the 64 hexadecimal digits that the keeper wrote. Raises ProtocolError on anything else."""
    line = source.readline(66)
    if not _NONCE.fullmatch(line):
        raise ProtocolError("The keeper gave no nonce; auth is started by `mousegate lock`, not by hand.")
    return line[:64]


class Unlocker:
    """Holds the nonce until it is given back, once."""

    def __init__(self, descriptor: int, nonce: bytes) -> None:
        self._descriptor = descriptor
        self._nonce: bytes | None = nonce

    def unlock(self) -> None:
        """Give the nonce back to the keeper. Raises ProtocolError the second time or when nobody takes it."""
        nonce, self._nonce = self._nonce, None
        if nonce is None:
            raise ProtocolError("The screen was unlocked already.")
        try:
            os.write(self._descriptor, nonce)
            os.close(self._descriptor)
        except OSError as cause:
            raise ProtocolError("The keeper is gone.") from cause


class Heartbeat:
    """Says `alive` on a pipe once a second from a thread of its own, until the keeper is gone.

    It falls silent, so that the keeper starts us anew, when the main thread has been at work for BUSY_LIMIT_S
    without once waiting for the greeter: a PAM module that never returns must not keep its owner out.
    """

    def __init__(self, descriptor: int, busy_limit_s: float = BUSY_LIMIT_S) -> None:
        self._descriptor = descriptor
        self._busy_limit_s = busy_limit_s
        self._busy_since: float | None = time.monotonic()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        self._pause = threading.Event()

    def start(self) -> None:
        """Begin, with the first beat at once."""
        self._thread.start()

    def rest(self, resting: bool) -> None:
        """Hear from the main thread that it begins (True) or ends (False) waiting for the greeter."""
        self._busy_since = None if resting else time.monotonic()

    def _is_stuck(self) -> bool:
        busy_since = self._busy_since
        return busy_since is not None and time.monotonic() - busy_since > self._busy_limit_s

    def _beat(self) -> None:
        while not self._is_stuck():
            try:
                os.write(self._descriptor, b"alive\n")
            except OSError:
                # Nobody could unlock any more: end at once, whatever the other thread waits for.
                os._exit(1)
            self._pause.wait(HEARTBEAT_S)
