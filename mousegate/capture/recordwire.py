"""The RECORD extension on the wire: its two connections, its context, its replies.

Source: "Record Extension Protocol" 1.13, X Consortium; event layout: X11 protocol, appendix B.
"""

import logging
import socket
import struct
import threading
from typing import Final

import numpy as np
from Xlib import X
from Xlib.display import Display
from Xlib.ext import record
from Xlib.protocol import rq

from mousegate.capture.display import CONNECTION_LOST, limitation, open_display, require_extension
from mousegate.capture.wire import ERROR, REPLY, Packets, take_over
from mousegate.errors import ProtocolError

_LOG = logging.getLogger(__name__)

_EXTENSION: Final = "RECORD"
_ENABLE_CONTEXT: Final = struct.Struct("=BBHI")
_ENABLE_CONTEXT_MINOR: Final = 5
_REPLY_SIZE: Final = 32
_NO_OPERATION: Final = 127
MARK_BYTES: Final = 8192
"""Size of a mark; about 250 events are gathered in as much."""
_FROM_SERVER, _FROM_CLIENT, _START_OF_DATA, _END_OF_DATA = 0, 1, 4, 5
X_EVENT: Final = np.dtype(
    {
        "names": ["type", "detail", "time", "x", "y"],
        "formats": ["u1", "u1", "=u4", "=i2", "=i2"],
        "offsets": [0, 1, 4, 20, 22],
        "itemsize": 32,
    }
)
"""What is kept of a recorded X event."""


class RecordConnection:
    """The two X connections and the record context."""

    def __init__(self, display_name: str | None) -> None:
        self._lock = threading.Lock()
        self._marks = 0
        self._control = open_display(display_name)
        try:
            require_extension(self._control, _EXTENSION, "start the X server with '+extension RECORD'")
            if lacking := limitation(self._control):
                _LOG.warning("%s", lacking)
            self._context = _create_context(self._control)
            data = open_display(display_name)
        except BaseException:
            self._control.close()
            raise
        data.sync()
        major = data.display.get_extension_major(_EXTENSION)
        self.socket = take_over(data)
        self.socket.sendall(_ENABLE_CONTEXT.pack(major, _ENABLE_CONTEXT_MINOR, 2, self._context))

    def mark(self) -> int | None:
        """Have a mark recorded after everything until now; return its number, None when the server is gone.

        The mark is a NoOperation of the controlling connection, the only request that is recorded; it is
        padded, as the protocol allows, so that the listener does not wait for more. The server keeps up to
        28 records until it writes to any client (xserver, record/record.c, RecordFlushAllContexts);
        answering our `sync` makes it hand them over.
        """
        try:
            with self._lock:
                _Mark(display=self._control.display)
                self._control.sync()
                self._marks += 1
                return self._marks
        except CONNECTION_LOST as error:
            _LOG.debug("the X server is gone: %s", error)
            return None

    def stop(self, thread: threading.Thread, patience_s: float) -> None:
        """Disable the context, wait for the thread that reads, close both connections."""
        try:
            with self._lock:
                self._control.record_disable_context(self._context)
                self._control.sync()
            thread.join(patience_s)
            self._control.close()
        except CONNECTION_LOST as error:
            _LOG.debug("the X server is gone: %s", error)
        if thread.is_alive():
            self.socket.shutdown(socket.SHUT_RDWR)
            thread.join(patience_s)
        self.socket.close()


def _create_context(control: Display) -> int:
    """Record the pointer events of all devices, and our own NoOperations as marks."""
    pointer = _range(device_events=(X.ButtonPress, X.MotionNotify))
    context = int(control.record_create_context(0, [record.AllClients], [pointer]))
    marks = _range(core_requests=(_NO_OPERATION, _NO_OPERATION))
    control.record_register_clients(context, 0, [control.display.info.resource_id_base], [marks])
    control.sync()
    return context


def _range(
    device_events: tuple[int, int] = (0, 0), core_requests: tuple[int, int] = (0, 0)
) -> dict[str, tuple[int, ...] | bool]:
    return {
        "core_requests": core_requests,
        "core_replies": (0, 0),
        "ext_requests": (0, 0, 0, 0),
        "ext_replies": (0, 0, 0, 0),
        "delivered_events": (0, 0),
        "device_events": device_events,
        "errors": (0, 0),
        "client_started": False,
        "client_died": False,
    }


class _Mark(rq.Request):
    """NoOperation, X11 protocol: its length is free."""

    _request = rq.Struct(rq.Opcode(_NO_OPERATION), rq.Pad(1), rq.RequestLength(), rq.Pad(MARK_BYTES - 4))


class Replies:
    """Cuts the replies of EnableContext out of the byte stream."""

    def __init__(self) -> None:
        self.started = False
        self.ended = False
        self.marks = 0
        self._packets = Packets()

    def feed(self, untrusted_bytes: bytes) -> bytes:
        """Return the recorded X events that these bytes complete, 32 bytes each.

        Raises ProtocolError when the server answers with an error or with half an event.
        """
        parts = []
        for code, category, packet in self._packets.feed(untrusted_bytes):
            if code == ERROR:
                raise ProtocolError(f"it answered with error {category}")
            if code != REPLY:
                continue
            self.started |= category == _START_OF_DATA
            self.ended |= category == _END_OF_DATA
            self.marks += category == _FROM_CLIENT
            if category == _FROM_SERVER:
                parts.append(packet[_REPLY_SIZE:])
        payload = b"".join(parts)
        if len(payload) % X_EVENT.itemsize:
            raise ProtocolError("it sent half an event")
        return payload
