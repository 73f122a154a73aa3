"""What the daemon is called on the session bus (see mousegate/data/org.mousegate.Mousegate1.xml)."""

from importlib.resources import files
from typing import Final

NAME: Final = "org.mousegate.Mousegate1"
PATH: Final = "/org/mousegate/Mousegate1"
INTERFACE: Final = "org.mousegate.Mousegate1"
PROPERTIES: Final = "org.freedesktop.DBus.Properties"

SCREENSAVER_NAME: Final = "org.freedesktop.ScreenSaver"
SCREENSAVER_PATHS: Final = ("/org/freedesktop/ScreenSaver", "/ScreenSaver")
"""The path of the specification, and the one that browsers still call."""

NOTIFICATIONS_NAME: Final = "org.freedesktop.Notifications"
NOTIFICATIONS_PATH: Final = "/org/freedesktop/Notifications"


def interface_xml() -> str:
    """Return the documented interface, in the D-Bus introspection format."""
    return (files("mousegate") / "data/org.mousegate.Mousegate1.xml").read_text(encoding="utf-8")
