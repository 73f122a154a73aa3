"""What the children may say to the keeper: lines of ASCII of at most 64 bytes (ARCHITECTURE.md)."""

import re
from dataclasses import dataclass
from typing import Final

from mousegate.errors import ProtocolError

LINE_LIMIT_BYTES: Final = 64
_WINDOW: Final = re.compile(rb"window ([1-9][0-9]{0,9})")
_XID_LIMIT: Final = 1 << 29
"""X resource ids have their top three bits clear (X Window System Protocol, section 4)."""


@dataclass(frozen=True)
class Alive:
    """The child's heartbeat."""


@dataclass(frozen=True)
class GreeterWindow:
    """The greeter's window is ready for forwarded input."""

    window_id: int


Message = Alive | GreeterWindow


class MessageReader:
    """Cuts one child's byte stream into messages."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, untrusted_bytes: bytes) -> list[Message]:
        """Return the messages completed by these bytes. Raises ProtocolError on anything that is none."""
        *lines, self._rest = (self._rest + untrusted_bytes).split(b"\n")
        if len(self._rest) >= LINE_LIMIT_BYTES:
            raise ProtocolError(f"a line longer than {LINE_LIMIT_BYTES} bytes")
        return [parse_line(line) for line in lines]


def parse_line(untrusted_line: bytes) -> Message:
    """Return the message in one line without its newline. Raises ProtocolError if it is none."""
    if untrusted_line == b"alive":
        return Alive()
    match = _WINDOW.fullmatch(untrusted_line)
    if match is None or int(match[1]) >= _XID_LIMIT:
        raise ProtocolError(f"not a message: {untrusted_line[:LINE_LIMIT_BYTES]!r}")
    return GreeterWindow(int(match[1]))
