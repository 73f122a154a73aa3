"""Which kind of device moves the pointer, told by XInput2 raw events.

Raw events name the physical device (`sourceid`) behind the one core pointer, and since XInput 2.1 they are
delivered in spite of other clients' grabs. Nothing but sources is read from them.

Source: "The X Input Extension 2.x", sections on XIQueryVersion and RawEvent (XI2proto.h, xXIRawEvent).
"""

import logging
import socket
import struct
import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from Xlib.display import Display
from Xlib.error import XError
from Xlib.ext import xinput

from mousegate.capture.display import CONNECTION_LOST, open_display, require_extension
from mousegate.capture.wire import GENERIC_EVENT, REPLY, Listener, Packets, take_over
from mousegate.core.events import PointerDevice
from mousegate.errors import DisplayError, ProtocolError

_LOG = logging.getLogger(__name__)

_EXTENSION: Final = "XInputExtension"
_VERSION: Final = (2, 2)
_RAW_BUTTON_PRESS, _RAW_BUTTON_RELEASE, _RAW_MOTION = 15, 16, 17
_RAW_MASK: Final = 1 << _RAW_BUTTON_PRESS | 1 << _RAW_BUTTON_RELEASE | 1 << _RAW_MOTION
_RAW_EVENT: Final = struct.Struct("=BBHIHHIIH")
"""type, extension, sequence, length, evtype, deviceid, time, detail, sourceid."""
_GET_INPUT_FOCUS: Final = struct.pack("=BBH", 43, 0, 1)
_GATHER_S: Final = 0.1
"""Events are read at most so often, so that the process is not woken for each; who asks does not wait."""


@dataclass(frozen=True, slots=True)
class DeviceSigns:
    """What tells a class of pointing device apart; all in lower case.

    touchpad_properties: the drivers xf86-input-libinput and xf86-input-synaptics give these to touchpads
    only (libinput(4), synaptics(4)). trackpoint_names: as Linux (psmouse, alps, elantech) and HID name them;
    a trackpoint has no property of its own. xtest_*: the X server gives these to its XTEST devices.
    """

    xtest_names: tuple[str, ...] = ("xtest pointer", "xtest keyboard")
    xtest_properties: tuple[str, ...] = ("xtest device",)
    trackpoint_names: tuple[str, ...] = (
        "trackpoint",
        "pointing stick",
        "dualpoint stick",
        "tpps/2",
        "trackstick",
    )
    touchpad_properties: tuple[str, ...] = (
        "libinput tapping enabled",
        "synaptics off",
        "synaptics capabilities",
    )
    touchpad_names: tuple[str, ...] = ("touchpad", "trackpad", "synaptics", "glidepoint")
    no_mouse_names: tuple[str, ...] = ("touchscreen", "stylus", "eraser", "wacom", "tablet")


SIGNS: Final = DeviceSigns()
ALLOWED_WARPS: Final = 2
"""Window managers warp the pointer once in a while, when focus or the monitor changes."""


def classify(name: str, properties: tuple[str, ...], signs: DeviceSigns = SIGNS) -> PointerDevice:
    """Return the class of a pointing device with this name and these XInput property names."""
    name = name.lower()
    known = {item.lower() for item in properties}

    def named(words: tuple[str, ...]) -> bool:
        return any(word in name for word in words)

    if named(signs.xtest_names) or known & set(signs.xtest_properties):
        return PointerDevice.XTEST
    if named(signs.trackpoint_names):
        return PointerDevice.TRACKPOINT
    if known & set(signs.touchpad_properties) or named(signs.touchpad_names):
        return PointerDevice.TOUCHPAD
    return PointerDevice.UNKNOWN if named(signs.no_mouse_names) else PointerDevice.MOUSE


class DeviceWatcher:
    """Counts, per device class, the pointer events since the last `clear`; runs within its `with` block.

    `dominant`, `saw_synthetic` and `count` first catch up with the X server: every event that it handled
    before the call is counted. All methods may be called from any thread.
    """

    def __init__(self, display_name: str | None = None, patience_s: float = 5.0) -> None:
        self._display_name = display_name
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._counts = dict.fromkeys(PointerDevice, 0)
        self._classes: dict[int, PointerDevice] = {}
        self._rush = threading.Event()
        self._asked = 0
        self._answered = 0
        self._ended = False
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="mousegate-devices", daemon=True)

    def __enter__(self) -> Self:
        """Connect and start. Raises DisplayError: no display, Wayland, or no XInput 2.1."""
        self._control = open_display(self._display_name)
        try:
            self._socket = _select_raw_events(self._display_name)
        except BaseException:
            self._control.close()
            raise
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop watching."""
        with self._changed:
            self._closing = True
            self._rush.set()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError as gone:
            _LOG.debug("the X server is gone: %s", gone)
        self._thread.join(self._patience_s)
        self._socket.close()
        try:
            self._control.close()
        except CONNECTION_LOST as gone:
            _LOG.debug("the X server is gone: %s", gone)

    def clear(self) -> None:
        """Start counting anew, from the events that the server handles after this call."""
        self._catch_up()
        with self._changed:
            for device in self._counts:
                self._counts[device] = 0

    def count(self, device: PointerDevice) -> int:
        """Return how many events came from devices of this class."""
        self._catch_up()
        with self._changed:
            return self._counts[device]

    def dominant(self) -> PointerDevice:
        """Return the class that most events came from; UNKNOWN when there were none."""
        self._catch_up()
        with self._changed:
            most = max(self._counts, key=lambda device: self._counts[device])
            return most if self._counts[most] else PointerDevice.UNKNOWN

    def saw_synthetic(self, recorded: int = 0) -> bool:
        """Return whether programs, not hands, made events; also when the watch is broken and cannot tell.

        recorded: how many events a Recorder saw in the same time. Events from the XTEST device are
        synthetic; and a pointer that is warped (XWarpPointer, as `xdotool mousemove` does) moves without
        any device, so that more events are recorded than devices made.
        """
        caught_up = self._catch_up()
        with self._changed:
            warped = recorded - sum(self._counts.values())
            return not caught_up or self._counts[PointerDevice.XTEST] > 0 or warped > ALLOWED_WARPS

    def _catch_up(self) -> bool:
        """Ask the server anything and await the answer: events before it have then been counted."""
        with self._changed:
            if self._ended:
                return False
            try:
                self._socket.sendall(_GET_INPUT_FOCUS)
            except OSError as error:
                _LOG.warning("The X server went away while watching devices (%s).", error)
                return False
            self._asked += 1
            self._rush.set()
            ticket = self._asked
            self._changed.wait_for(lambda: self._ended or self._answered >= ticket, self._patience_s)
            return self._answered >= ticket

    def _run(self) -> None:
        packets, listener = Packets(), Listener(self._socket)
        try:
            while True:
                for code, _, packet in packets.feed(listener.receive()):
                    self._handle(code & 0x7F, packet)
                with self._changed:
                    if self._answered >= self._asked and not self._closing:
                        self._rush.clear()
                self._rush.wait(_GATHER_S)
        except (OSError, ProtocolError) as error:
            if not self._closing:
                _LOG.warning("The X server went away while watching devices (%s).", error)
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _handle(self, code: int, packet: memoryview) -> None:
        if code == REPLY:
            with self._changed:
                self._answered += 1
                self._changed.notify_all()
        elif code == GENERIC_EVENT:
            source = _RAW_EVENT.unpack_from(packet)[8]
            device = self._class_of(source)
            with self._changed:
                self._counts[device] += 1

    def _class_of(self, source: int) -> PointerDevice:
        if source not in self._classes:
            self._classes[source] = device_class(self._control, source)
        return self._classes[source]


def device_class(display: Display, device_id: int) -> PointerDevice:
    """Ask the server for the name and properties of a device and classify it; UNKNOWN when it is gone."""
    try:
        name = display.xinput_query_device(device_id).devices[0].name
        atoms = display.xinput_list_device_properties(device_id).atoms
        properties = tuple(str(display.get_atom_name(atom)) for atom in atoms)
    except (XError, IndexError) as error:
        _LOG.info("pointer device %d cannot be asked: %s", device_id, error)
        return PointerDevice.UNKNOWN
    device = classify(str(name), properties)
    _LOG.debug("pointer device %d %r is a %s", device_id, name, device.name)
    return device


def _select_raw_events(display_name: str | None) -> socket.socket:
    display = open_display(display_name)
    try:
        select_raw_events(display, _RAW_MASK)
    except BaseException:
        display.close()
        raise
    return take_over(display)


def select_raw_events(display: Display, mask: int) -> None:
    """Ask for the raw events of `mask` (1 << event type) of all pointers. Raises DisplayError: no XInput 2.1.

    From that version on they come in spite of grabs.
    """
    require_extension(display, _EXTENSION, "start the X server with XInput")
    major, minor = _VERSION
    version = xinput.XIQueryVersion(
        display=display.display,
        opcode=display.display.get_extension_major(_EXTENSION),
        major_version=major,
        minor_version=minor,
    )
    if (version.major_version, version.minor_version) < (2, 1):
        raise DisplayError(f"The X display {display.get_display_name()} has no XInput 2.1; update it.")
    display.screen().root.xinput_select_events([(xinput.AllMasterDevices, mask)])
    display.sync()
