"""A hand at the X server's own mouse instead of the XTEST device, as far as any client can tell.

XTEST 2.2 can speak for a slave device: raw events then name that device as their source. A property makes the
device a touchpad for whoever asks.
"""

import socket
import struct
import time
from types import TracebackType
from typing import Final, Self

from Xlib import X, Xatom

from mousegate.capture.display import open_display
from mousegate.capture.wire import take_over
from mousegate.core.events import Events, Kind

_BUTTON_PRESS, _BUTTON_RELEASE, _MOTION = 3, 4, 5
_REQUEST: Final = struct.Struct("=BBH")
_EVENT: Final = struct.Struct("=BBHI16x7xB")
_VALUATORS: Final = struct.Struct("=BBHHBB6i")
_GET_VERSION: Final = struct.Struct("=BBHBxH")
_GET_INPUT_FOCUS: Final = struct.pack("=BBH", 43, 0, 1)
_CHANGE_PROPERTY: Final = struct.Struct("=BBHHBBIIIB3x")
_CHANGE_PROPERTY_MINOR: Final = 57


class DeviceHand:
    """Plays through the device called `device`; connected within its `with` block."""

    def __init__(self, display_name: str, device: str = "Xvfb mouse") -> None:
        self._display_name = display_name
        self._device = device

    def __enter__(self) -> Self:
        """Connect."""
        display = open_display(self._display_name)
        found = display.xinput_query_device(0).devices
        (self._id,) = (info.deviceid for info in found if info.name == self._device)
        extension = display.query_extension("XInputExtension")
        assert extension is not None
        self._first = extension.first_event
        self._opcode = display.display.get_extension_major("XTEST")
        display.sync()
        self._socket = take_over(display)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        self._socket.close()

    def play(self, events: Events, speed: float = 0.0) -> None:
        """Play `events`, `speed` times as fast as they were; 0: at once. The server has handled them then."""
        start_s, first_ms = time.monotonic(), int(events["time_ms"][0])
        for event in events:
            if speed:
                due_s = start_s + (int(event["time_ms"]) - first_ms) / 1000 / speed
                time.sleep(max(0.0, due_s - time.monotonic()))
            self._send(Kind(event["kind"]), int(event["button"]), int(event["x"]), int(event["y"]))
        self._socket.sendall(_GET_VERSION.pack(self._opcode, 0, 2, 2, 2))
        self._socket.recv(32, socket.MSG_WAITALL)

    def _send(self, kind: Kind, button: int, x: int, y: int) -> None:
        code = {Kind.MOVE: _MOTION, Kind.PRESS: _BUTTON_PRESS, Kind.RELEASE: _BUTTON_RELEASE}[kind]
        event = _EVENT.pack(self._first + code, button, 0, 0, self._id)
        if kind is not Kind.MOVE:
            self._socket.sendall(_REQUEST.pack(self._opcode, 2, 1 + 8) + event)
            return
        where = _VALUATORS.pack(self._first, self._id, 0, 0, 2, 0, x, y, 0, 0, 0, 0)
        self._socket.sendall(_REQUEST.pack(self._opcode, 2, 1 + 16) + event + where)


def make_touchpad(display_name: str, device: str = "Xvfb mouse") -> None:
    """Give a device the property that the libinput driver gives to touchpads."""
    display = open_display(display_name)
    (number,) = (info.deviceid for info in display.xinput_query_device(0).devices if info.name == device)
    name = display.intern_atom("libinput Tapping Enabled")
    opcode = display.display.get_extension_major("XInputExtension")
    display.sync()
    with take_over(display) as connection:
        words = (number, X.PropModeReplace, 8, name, Xatom.INTEGER, 1, 1)
        connection.sendall(_CHANGE_PROPERTY.pack(opcode, _CHANGE_PROPERTY_MINOR, 6, *words))
        connection.sendall(_GET_INPUT_FOCUS)
        connection.recv(32, socket.MSG_WAITALL)
