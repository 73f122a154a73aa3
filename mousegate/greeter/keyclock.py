"""When the key was pressed that Qt is reading from the X server right now.

Qt 5 hands on what a compose sequence makes at once, but queues plain letters. When it reads several keys in
one go, as after a moment of load, the composed letter would overtake the plain ones typed before it. Knowing
when its last key was pressed, the field can put it back in its place.
"""

import struct
from typing import Final

from PyQt5.QtCore import QAbstractNativeEventFilter, QByteArray
from PyQt5.sip import voidptr

_HEAD: Final = struct.Struct("=BBHI")
"""An X event's type, detail, sequence number and time (X11 protocol, appendix B)."""
_KEY_PRESS: Final = 2
_SENT: Final = 0x80
"""Set in the type of an event that was sent by XSendEvent."""


class KeyClock(QAbstractNativeEventFilter):
    """Install it on the application; it keeps no event back and looks at nothing but the time."""

    def __init__(self) -> None:
        super().__init__()
        self.pressed_ms = 0

    def nativeEventFilter(self, kind: QByteArray | bytes | bytearray, message: voidptr) -> tuple[bool, int]:
        """Note the X time (CARD32 ms) of each KeyPress as it is read."""
        if bytes(kind) == b"xcb_generic_event_t":
            code, _, _, time_ms = _HEAD.unpack(message.asstring(_HEAD.size))
            if code & ~_SENT == _KEY_PRESS:
                self.pressed_ms = time_ms
        return False, 0
