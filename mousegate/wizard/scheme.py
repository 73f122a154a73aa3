"""Whether the desktop is dark: asked of the settings portal, else guessed from the palette."""

import logging
from typing import Final

from PyQt5.QtGui import QGuiApplication, QPalette

_LOG = logging.getLogger(__name__)
_PORTAL: Final = (
    "org.freedesktop.portal.Desktop",
    "/org/freedesktop/portal/desktop",
    "org.freedesktop.portal.Settings",
)
_PREFERS_DARK: Final = 1
"""Value of color-scheme in org.freedesktop.appearance (XDG Desktop Portal, Settings)."""


def prefers_dark() -> bool:
    """Return whether the person has chosen a dark desktop."""
    import dbus

    try:
        bus = dbus.SessionBus()
        if not bus.name_has_owner(_PORTAL[0]):
            return _palette_is_dark()
        portal = bus.get_object(*_PORTAL[:2], introspect=False)
        value = portal.Read(
            "org.freedesktop.appearance", "color-scheme", dbus_interface=_PORTAL[2], timeout=2.0
        )
        return int(value) == _PREFERS_DARK
    except (dbus.DBusException, TypeError, ValueError) as error:
        _LOG.debug("the portal does not say: %s", error)
        return _palette_is_dark()


def _palette_is_dark() -> bool:
    return QGuiApplication.palette().color(QPalette.Window).lightnessF() < 0.5
