"""A scripted logind on a private bus."""

import os
from typing import Any

import dbus
import dbus.mainloop.glib
import dbus.service

from mousegate.daemon.logind import MANAGER, NAME, PATH, SESSION, USER

SESSION_PATH = "/org/freedesktop/login1/session/_37"
OTHER_SESSION_PATH = "/org/freedesktop/login1/session/_38"
USER_PATH = "/org/freedesktop/login1/user/_1000"


class FakeSession(dbus.service.Object):
    """A session, which remembers its hints."""

    def __init__(self, bus: Any, path: str) -> None:
        super().__init__(bus, path)
        self.hints: list[tuple[str, bool]] = []

    @dbus.service.signal(SESSION)
    def Lock(self) -> None:  # noqa: N802
        """Ask for a lock."""

    @dbus.service.signal(SESSION)
    def Unlock(self) -> None:  # noqa: N802
        """Ask for an unlock."""

    @dbus.service.method(SESSION, in_signature="b")
    def SetLockedHint(self, locked: bool) -> None:  # noqa: N802
        """Remember."""
        self.hints.append(("locked", bool(locked)))

    @dbus.service.method(SESSION, in_signature="b")
    def SetIdleHint(self, idle: bool) -> None:  # noqa: N802
        """Remember."""
        self.hints.append(("idle", bool(idle)))


class FakeUser(dbus.service.Object):
    """The user, whose display is the session."""

    @dbus.service.method(dbus.PROPERTIES_IFACE, in_signature="ss", out_signature="v")
    def Get(self, interface: str, name: str) -> Any:  # noqa: N802
        """Return Display."""
        assert (interface, name) == (USER, "Display")
        return dbus.Struct(("7", dbus.ObjectPath(SESSION_PATH)), signature="so")


class FakeLogind(dbus.service.Object):
    """The manager. `held`: read ends of the inhibitor pipes, which end when the daemon lets go."""

    def __init__(self, address: str) -> None:
        loop = dbus.mainloop.glib.DBusGMainLoop()
        self.bus = dbus.bus.BusConnection(address, mainloop=loop)
        self.bus.set_exit_on_disconnect(False)
        self.bus.request_name(NAME)
        super().__init__(self.bus, PATH)
        self.held: list[int] = []
        self.asked: list[tuple[str, ...]] = []
        self.session = FakeSession(self.bus, SESSION_PATH)
        self.other = FakeSession(self.bus, OTHER_SESSION_PATH)
        self.user = FakeUser(self.bus, USER_PATH)

    @dbus.service.method(MANAGER, in_signature="s", out_signature="o")
    def GetSession(self, name: str) -> Any:  # noqa: N802
        """Return the session's path."""
        assert name == "7"
        return dbus.ObjectPath(SESSION_PATH)

    @dbus.service.method(MANAGER, in_signature="u", out_signature="o")
    def GetUser(self, number: int) -> Any:  # noqa: N802
        """Return the user's path."""
        assert number == os.getuid()
        return dbus.ObjectPath(USER_PATH)

    @dbus.service.method(MANAGER, in_signature="ssss", out_signature="h")
    def Inhibit(self, what: str, who: str, why: str, mode: str) -> Any:  # noqa: N802
        """Hold sleep back."""
        self.asked.append((str(what), str(who), str(why), str(mode)))
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self.held.append(reading)
        descriptor = dbus.types.UnixFd(writing)
        os.close(writing)
        return descriptor

    @dbus.service.signal(MANAGER, signature="b")
    def PrepareForSleep(self, begins: bool) -> None:  # noqa: N802
        """Sleep begins, or is over."""

    def is_held(self, number: int) -> bool:
        """Return whether the daemon still holds the inhibitor that it got as number `number`."""
        try:
            return os.read(self.held[number], 1) != b""
        except BlockingIOError:
            return True

    def close(self) -> None:
        """Leave the bus."""
        for descriptor in self.held:
            os.close(descriptor)
        for thing in (self, self.session, self.other, self.user):
            thing.remove_from_connection()
        self.bus.close()
