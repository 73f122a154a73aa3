"""Reading an X connection raw, once python-xlib has set it up.

python-xlib parses every event on its own, at tens of microseconds each. A connection that from now on only
listens is instead read here: packets are cut by their lengths and handed on as bytes.
"""

import os
import select
import socket
import struct
from collections.abc import Iterator
from typing import Final

from Xlib.display import Display

from mousegate.errors import ProtocolError

REPLY: Final = 1
ERROR: Final = 0
GENERIC_EVENT: Final = 35
_SIZE: Final = 32
_HEAD: Final = struct.Struct("=BBHI")
_MAX_PACKET: Final = 16 << 20
_RECEIVE_BYTES: Final = 1 << 18
_TIMEVAL: Final = "@ll"


def take_over(display: Display) -> socket.socket:
    """Return the socket of `display`, whose queue is empty; python-xlib must not use the display again.

    The caller closes the socket. `display.sync()` has to have been called, with nothing else under way.
    """
    old = display.display.socket
    taken = socket.socket(fileno=os.dup(old.fileno()))
    taken.setblocking(True)
    old.close()
    return taken


class Listener:
    """Receives from a socket in portions, so that few events cost few wake-ups and many are taken at once.

    While it gathers, the kernel empties the socket into our memory: a socket that is full would lose records
    (xserver, os/io.c, FlushClient: what RECORD adds while that client's backlog is written is forgotten).
    """

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._poll = select.poll()
        self._poll.register(connection, select.POLLIN)

    def gather(self, least_bytes: int, at_most_s: float) -> None:
        """From now on wait, after the first byte, for `least_bytes`, but no longer than `at_most_s`."""
        seconds = int(at_most_s)
        patience = struct.pack(_TIMEVAL, seconds, int(1e6 * (at_most_s - seconds)))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, patience)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, least_bytes)

    def receive(self) -> bytes:
        """Return the next portion. Raises OSError when the connection has ended."""
        self._poll.poll()
        untrusted_bytes = self._socket.recv(_RECEIVE_BYTES)
        if not untrusted_bytes:
            raise ConnectionResetError("it closed the connection")
        return untrusted_bytes


class Packets:
    """Feed it what a socket gave; it yields the packets (replies, errors, events) that are complete."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, untrusted_bytes: bytes) -> Iterator[tuple[int, int, memoryview]]:
        """Yield (code, second byte, whole packet). Raises ProtocolError for an absurd length."""
        data = self._rest + untrusted_bytes
        whole, offset, size = memoryview(data), 0, len(data)
        while size - offset >= _SIZE:
            code, second, _, words = _HEAD.unpack_from(data, offset)
            length = _SIZE + 4 * words if code == REPLY or code & 0x7F == GENERIC_EVENT else _SIZE
            if length > _MAX_PACKET:
                raise ProtocolError("The X server announced a packet of an absurd length.")
            if size - offset < length:
                break
            yield code, second, whole[offset : offset + length]
            offset += length
        self._rest = data[offset:]
