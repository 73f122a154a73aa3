"""Pointing devices are told apart by name and properties."""

import pytest

from mousegate.capture.devices import classify
from mousegate.core.events import PointerDevice

LIBINPUT = ("Device Enabled", "libinput Accel Speed")
TOUCHPAD = (*LIBINPUT, "libinput Tapping Enabled")


@pytest.mark.parametrize(
    ("name", "properties", "device"),
    [
        ("Logitech USB Receiver Mouse", LIBINPUT, PointerDevice.MOUSE),
        ("Xvfb mouse", ("Device Accel Profile",), PointerDevice.MOUSE),
        ("SynPS/2 Synaptics TouchPad", TOUCHPAD, PointerDevice.TOUCHPAD),
        ("ELAN0672:00 04F3:3187", TOUCHPAD, PointerDevice.TOUCHPAD),
        ("Apple Inc. Magic Trackpad", LIBINPUT, PointerDevice.TOUCHPAD),
        ("bcm5974", ("Synaptics Off", "Synaptics Edges"), PointerDevice.TOUCHPAD),
        ("TPPS/2 IBM TrackPoint", LIBINPUT, PointerDevice.TRACKPOINT),
        ("TPPS/2 Elan TrackPoint", TOUCHPAD, PointerDevice.TRACKPOINT),
        ("AlpsPS/2 ALPS DualPoint Stick", LIBINPUT, PointerDevice.TRACKPOINT),
        ("ETPS/2 Elantech TrackPoint", LIBINPUT, PointerDevice.TRACKPOINT),
        ("Virtual core XTEST pointer", ("XTEST Device",), PointerDevice.XTEST),
        ("Disguised mouse", ("XTEST Device",), PointerDevice.XTEST),
        ("Wacom Intuos S Pen stylus", LIBINPUT, PointerDevice.UNKNOWN),
        ("Raydium Touchscreen", LIBINPUT, PointerDevice.UNKNOWN),
    ],
)
def test_a_device_is_classified(name: str, properties: tuple[str, ...], device: PointerDevice) -> None:
    """Drivers' properties and the names of makers decide."""
    assert classify(name, properties) is device
