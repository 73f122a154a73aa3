"""The greetd IPC vocabulary as bytes: a 4-byte native-endian length, then JSON.

Source: greetd-ipc(7). Pure encoding and decoding; sockets are the caller's. The lock uses it over a
socketpair between greeter and auth, so that one greeter serves auth, greetd and LightDM alike.
"""

import json
import struct
from typing import Any, Literal

from mousegate.errors import ProtocolError

MAX_MESSAGE = 64 * 1024
_LENGTH = struct.Struct("=I")
AuthMessageType = Literal["secret", "visible", "info", "error"]
Message = dict[str, Any]


def create_session(username: str) -> Message:
    """Begin one attempt for `username`."""
    return {"type": "create_session", "username": username}


def post_response(response: str | None) -> Message:
    """Answer the last auth_message; None acknowledges info and error texts."""
    return {"type": "post_auth_message_response", "response": response}


def cancel_session() -> Message:
    """Give this attempt up."""
    return {"type": "cancel_session"}


def auth_message(kind: AuthMessageType, text: str) -> Message:
    """Ask or tell the person something."""
    return {"type": "auth_message", "auth_message_type": kind, "auth_message": text}


def success() -> Message:
    """The attempt succeeded."""
    return {"type": "success"}


def error(kind: Literal["auth_error", "error"], description: str) -> Message:
    """The attempt failed (auth_error) or could not be made (error)."""
    return {"type": "error", "error_type": kind, "description": description}


def encode(message: Message) -> bytes:
    """Return the framed bytes of one message. Raises ProtocolError when it is too large."""
    payload = json.dumps(message).encode()
    if len(payload) > MAX_MESSAGE:
        raise ProtocolError("A message between greeter and auth is too large.")
    return _LENGTH.pack(len(payload)) + payload


class Decoder:
    """Feed it what a socket gave; it returns the messages that are complete."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, untrusted_bytes: bytes) -> list[Message]:
        """Return the messages completed by these bytes. Raises ProtocolError on anything malformed."""
        self._buffer += untrusted_bytes
        messages = []
        while len(self._buffer) >= _LENGTH.size:
            (size,) = _LENGTH.unpack_from(self._buffer)
            if size > MAX_MESSAGE:
                raise ProtocolError("A peer announced a message that is too large.")
            if len(self._buffer) < _LENGTH.size + size:
                break
            payload = self._buffer[_LENGTH.size : _LENGTH.size + size]
            # Some messages carry a password: leave no copy behind that can be overwritten.
            self._buffer[: _LENGTH.size + size] = bytes(_LENGTH.size + size)
            del self._buffer[: _LENGTH.size + size]
            try:
                messages.append(_parse(payload))
            finally:
                payload[:] = bytes(size)
        return messages


def _parse(payload: bytearray) -> Message:
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError) as cause:
        raise ProtocolError("A peer sent something that is not JSON.") from cause
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise ProtocolError("A peer sent a message without a type.")
    return message
