"""The lock's backend: greetd messages over the socketpair that greeter and auth share."""

import socket
from typing import Final

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Decoder, Message
from mousegate.errors import ProtocolError

_CHUNK: Final = 16 * 1024
_SEND_LIMIT_S: Final = 5.0


class PeerClosedError(ProtocolError):
    """The peer ended the conversation."""


class AuthBackend:
    """One end of the conversation. Watch `fileno()` for reading, then call `receive()`."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._decoder = Decoder()

    @classmethod
    def from_fd(cls, fd: int) -> "AuthBackend":
        """Take over the inherited descriptor. Raises ProtocolError when it is not a socket."""
        try:
            return cls(socket.socket(fileno=fd))
        except OSError as error:
            raise ProtocolError(
                f"MOUSEGATE_PEER_FD={fd} is not a socket; start me from the keeper."
            ) from error

    def fileno(self) -> int:
        """Return the descriptor to watch."""
        return self._peer.fileno()

    def send(self, message: Message) -> None:
        """Send one message whole. Raises PeerClosedError when nobody takes it in time."""
        try:
            self._peer.settimeout(_SEND_LIMIT_S)
            self._peer.sendall(greetd_ipc.encode(message))
        except OSError as error:
            raise PeerClosedError("The other end of the conversation is gone.") from error

    def receive(self) -> list[Message]:
        """Return the messages that have become complete; call it when `fileno()` is readable.

        Raises PeerClosedError at the end of the conversation and ProtocolError on anything malformed.
        """
        try:
            self._peer.settimeout(0)
            untrusted_bytes = self._peer.recv(_CHUNK)
        except BlockingIOError:
            return []
        except OSError as error:
            raise PeerClosedError("The other end of the conversation is gone.") from error
        if not untrusted_bytes:
            raise PeerClosedError("The other end closed the conversation.")
        return self._decoder.feed(untrusted_bytes)

    def close(self) -> None:
        """End the conversation."""
        self._peer.close()
