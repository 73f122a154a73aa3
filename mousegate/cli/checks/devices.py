"""Check that each pointer device in use has a reference of its own."""

from collections.abc import Iterator
from typing import Final

from mousegate.cli.finding import Finding, good, hint
from mousegate.core.events import PointerDevice
from mousegate.errors import DisplayError

_SLAVE_POINTER: Final = 3
"""`use` of a physical pointer in the XInput 2 protocol: XISlavePointer."""


def check_devices() -> Iterator[Finding]:
    """Every pointer device here is known to a reference, since a touchpad is moved unlike a mouse."""
    try:
        present = _present()
    except DisplayError:  # check_display has told it
        return
    if not present:
        yield hint("devices", "no mouse, touchpad or trackpoint is connected.", "Connect one to enrol with.")
        return
    names = ", ".join(sorted(device.name.lower() for device in present))
    enrolled = _enrolled()
    lacking = present - enrolled
    if enrolled and PointerDevice.UNKNOWN not in enrolled and lacking:
        for device in sorted(lacking):
            name = device.name.lower()
            yield hint(
                "devices", f"the {name} here has no reference of its own.",
                f"Enrol with it: mousegate enrol --label {name} --device {name} --record 120 --rhythm",
            )  # fmt: skip
    else:
        yield good("devices", f"{names} connected.")


def _present() -> set[PointerDevice]:
    """Return the classes of the physical pointers of this display; not those that only pass events on."""
    from Xlib.ext import xinput

    from mousegate.capture.devices import device_class
    from mousegate.capture.display import open_display

    display = open_display()
    try:
        if not display.has_extension("XInputExtension"):
            return set()
        pointers = display.xinput_query_device(xinput.AllDevices).devices
        found = {device_class(display, one.deviceid) for one in pointers if one.use == _SLAVE_POINTER}
        return found - {PointerDevice.UNKNOWN, PointerDevice.XTEST}
    finally:
        display.close()


def _enrolled() -> set[PointerDevice]:
    from mousegate.storage.store import Store

    store = Store.open()
    if store is None:
        return set()
    with store:
        return {reference.device for reference in store.references.all()}
