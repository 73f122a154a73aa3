"""One critical notification, shown by a process of its own: `python -m mousegate.bus.alarm SUMMARY TEXT`.

For those who must tell of an emergency but not load D-Bus: the keeper. Source: Desktop Notifications
Specification 1.2; urgency 2 is critical, and a timeout of 0 stays until it is closed.
"""

import os
import sys
from typing import Final

import dbus

_NAME: Final = "org.freedesktop.Notifications"
_PATH: Final = "/org/freedesktop/Notifications"
_TIMEOUT_S: Final = 4.0


def alarm(summary: str, text: str) -> None:
    """Show it. Raises dbus.DBusException where there is no session bus or no notification server."""
    # Named, because libdbus would otherwise start a bus of its own where there is none.
    os.environ.setdefault(
        "DBUS_SESSION_BUS_ADDRESS", f"unix:path={os.environ.get('XDG_RUNTIME_DIR', '')}/bus"
    )
    bus = dbus.SessionBus()
    server = dbus.Interface(bus.get_object(_NAME, _PATH), _NAME)
    hints = dbus.Dictionary({"urgency": dbus.Byte(2)}, signature="sv")
    actions = dbus.Array([], signature="s")
    icon = "dialog-warning"
    server.Notify("mousegate", dbus.UInt32(0), icon, summary, text, actions, hints, 0, timeout=_TIMEOUT_S)


if __name__ == "__main__":
    try:
        alarm(*sys.argv[1:])
    except dbus.DBusException as error:
        sys.exit(f"cannot show a notification: {error.get_dbus_message()}")
