"""A scripted notification server on a private bus."""

from typing import Any

import dbus
import dbus.mainloop.glib
import dbus.service

from mousegate.bus import names

_I = names.NOTIFICATIONS_NAME


class FakeNotifications(dbus.service.Object):
    """Remembers what it was told to show: id and the arguments of Notify. silent: never answers."""

    def __init__(
        self, address: str, capabilities: tuple[str, ...] = ("body", "actions"), silent: bool = False
    ) -> None:
        loop = dbus.mainloop.glib.DBusGMainLoop()
        self.bus = dbus.bus.BusConnection(address, mainloop=loop)
        self.bus.set_exit_on_disconnect(False)
        self.capabilities = capabilities
        self.silent = silent
        self.shown: dict[int, tuple[Any, ...]] = {}
        self.calls = 0
        super().__init__(self.bus, names.NOTIFICATIONS_PATH)
        self.bus.request_name(_I)

    @dbus.service.method(_I, out_signature="as", async_callbacks=("reply", "failed"))
    def GetCapabilities(self, reply: Any, failed: Any) -> None:  # noqa: N802
        """Answer, unless silent."""
        if not self.silent:
            reply(self.capabilities)

    @dbus.service.method(_I, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(  # noqa: N802
        self,
        name: str,
        replaces: int,
        icon: str,
        summary: str,
        body: str,
        actions: Any,
        hints: Any,
        timeout_ms: int,
    ) -> int:
        """Show."""
        self.calls += 1
        number = int(replaces) or 40 + self.calls
        self.shown[number] = (icon, summary, body, actions, hints, timeout_ms)
        return number

    @dbus.service.method(_I, in_signature="u")
    def CloseNotification(self, number: int) -> None:  # noqa: N802
        """Take away."""
        self.shown.pop(int(number))
        self.NotificationClosed(number, 3)

    @dbus.service.signal(_I, signature="uu")
    def NotificationClosed(self, number: int, reason: int) -> None:  # noqa: N802
        """Taken away."""

    @dbus.service.signal(_I, signature="us")
    def ActionInvoked(self, number: int, key: str) -> None:  # noqa: N802
        """Pressed."""

    def close(self) -> None:
        """Leave the bus."""
        self.remove_from_connection()
        self.bus.close()
