"""One window per session: a second start brings the first forward.

Source: Desktop Entry Specification 1.5, "D-Bus Activation" (org.freedesktop.Application).
"""

from collections.abc import Callable
from typing import Any, Final

import dbus
import dbus.service

NameExistsError = dbus.exceptions.NameExistsException
DASHBOARD: Final = "org.mousegate.Dashboard"
TRAY: Final = "org.mousegate.Tray"
_I: Final = "org.freedesktop.Application"
_PATIENCE_S: Final = 5.0


def brought_forward(bus: Any, name: str) -> bool:
    """Ask who owns `name` to come forward; False where nobody does, or does not answer."""
    if not bus.name_has_owner(name):
        return False
    first = bus.get_object(name, _path(name), introspect=False)
    try:
        first.get_dbus_method("Activate", _I)(dbus.Dictionary({}, signature="sv"), timeout=_PATIENCE_S)
    except dbus.DBusException:
        return False
    return True


class Single(dbus.service.Object):
    """Owns `name` while it lives; `activate` is called when somebody starts the program again."""

    def __init__(self, bus: Any, name: str, activate: Callable[[], None]) -> None:
        self._activate = activate
        owned = dbus.service.BusName(name, bus, do_not_queue=True)
        super().__init__(bus_name=owned, object_path=_path(name))

    @dbus.service.method(_I, in_signature="a{sv}")
    def Activate(self, platform_data: Any) -> None:
        """Come forward."""
        self._activate()

    @dbus.service.method(_I, in_signature="asa{sv}")
    def Open(self, uris: Any, platform_data: Any) -> None:
        """Come forward; there is nothing to open."""
        self._activate()

    @dbus.service.method(_I, in_signature="sava{sv}")
    def ActivateAction(self, action: str, parameter: Any, platform_data: Any) -> None:
        """Come forward; there are no actions."""
        self._activate()


def _path(name: str) -> str:
    return "/" + name.replace(".", "/")
