"""The socket to the greeter: whole messages in, whole messages out, every wait bounded."""

import select
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.errors import ProtocolError

ANSWER_TIMEOUT_S: Final = 300.0
"""How long a person may take over one prompt, for instance to fetch a token."""
_CHUNK: Final = 16 * 1024
_MAX_QUEUED: Final = 64


class PeerGoneError(ProtocolError):
    """The greeter has closed its end; there is nobody left to talk to."""


class AnswerTimeoutError(ProtocolError):
    """The greeter did not answer in time."""


class Channel:
    """Speaks the greetd vocabulary over a connected stream socket. Not for use by several threads.

    rest: told when waiting for the greeter begins (True) and ends (False).
    """

    def __init__(self, peer: socket.socket, rest: Callable[[bool], None] = lambda resting: None) -> None:
        self._peer = peer
        self._rest = rest
        self._decoder = greetd_ipc.Decoder()
        self._queue: deque[Message] = deque()

    def send(self, message: Message) -> None:
        """Send one message. Raises PeerGoneError when nobody reads it."""
        try:
            self._peer.settimeout(ANSWER_TIMEOUT_S)
            self._peer.sendall(greetd_ipc.encode(message))
        except OSError as cause:
            raise PeerGoneError("The greeter went away.") from cause

    def receive(self, timeout_s: float | None = None) -> Message:
        """Return the next message.

        Raises PeerGoneError, AnswerTimeoutError, or ProtocolError for what is no message.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        self._rest(True)
        try:
            while not self._queue:
                self._read(deadline)
        finally:
            self._rest(False)
        return self._queue.popleft()

    def idle_until(self, deadline: float) -> None:
        """Return at time.monotonic() == deadline. Raises PeerGoneError as soon as the greeter goes away."""
        while (remaining_s := deadline - time.monotonic()) > 0:
            readable, _, _ = select.select([self._peer], [], [], remaining_s)
            if readable:
                self._read(None)

    def _read(self, deadline: float | None) -> None:
        """Take what has arrived into the queue, waiting for it until `deadline`."""
        try:
            self._peer.settimeout(None if deadline is None else max(0.001, deadline - time.monotonic()))
            received = self._peer.recv(_CHUNK)
        except TimeoutError as cause:
            raise AnswerTimeoutError("The greeter did not answer.") from cause
        except OSError as cause:
            raise PeerGoneError("The greeter went away.") from cause
        if not received:
            raise PeerGoneError("The greeter went away.")
        self._queue.extend(self._decoder.feed(received))
        if len(self._queue) > _MAX_QUEUED:
            raise ProtocolError("The greeter sends more than it is asked for.")
