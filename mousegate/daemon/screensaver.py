"""org.freedesktop.ScreenSaver, as browsers and players call it. SetActive(false) unlocks nothing.

Source: the interface as KDE and GNOME serve it (there is no finished specification): Lock, GetActive,
SetActive, GetActiveTime, GetSessionIdleTime, SimulateUserActivity, Inhibit, UnInhibit, ActiveChanged.
"""

import logging
from collections.abc import Callable
from typing import Any

import dbus
import dbus.service

from mousegate.bus import names
from mousegate.daemon import state as facts
from mousegate.daemon.idle import Inhibitors
from mousegate.daemon.interface import BusError, typed
from mousegate.daemon.peers import PeerWatch
from mousegate.daemon.service import Service
from mousegate.storage.history import Stretch

_I = names.SCREENSAVER_NAME
_LOG = logging.getLogger(__name__)


class ScreenSaver(dbus.service.Object):
    """The object at one path. wake: lights the screen, so that the prompt is seen."""

    def __init__(
        self, bus: Any, path: str, service: Service, inhibitors: Inhibitors, wake: Callable[[], None]
    ) -> None:
        """Export on `bus` at `path`."""
        super().__init__(bus, path)
        self._service = service
        self._inhibitors = inhibitors
        self._wake = wake
        self._peers = PeerWatch(bus, inhibitors.peer_vanished)
        service.add_listener(self)

    @dbus.service.method(_I, async_callbacks=("reply", "failed"))
    def Lock(self, reply: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """Lock; returns once locked."""
        self._service.lock(lambda error: reply() if error is None else failed(BusError(error)))

    @dbus.service.method(_I, out_signature="b")
    def GetActive(self) -> bool:
        """Return whether the screen is locked."""
        return self._service.state.locked

    @dbus.service.method(_I, in_signature="b", out_signature="b", async_callbacks=("reply", "failed"))
    def SetActive(
        self, active: bool, reply: Callable[[bool], None], failed: Callable[[Exception], None]
    ) -> None:
        """Lock where true. False only lights the screen: it unlocks nothing, and returns False."""
        if not active:
            self._wake()
            reply(False)
            return
        self._service.lock(lambda error: reply(True) if error is None else failed(BusError(error)))

    @dbus.service.method(_I)
    def SimulateUserActivity(self) -> None:
        """Light the screen; it unlocks nothing."""
        self._wake()

    @dbus.service.method(_I, in_signature="ss", out_signature="u", sender_keyword="sender")
    def Inhibit(self, application: str, reason: str, sender: str) -> int:
        """Hold the idle lock off; returns a cookie, which dies with its owner."""
        untrusted = str(typed(application, dbus.String)), str(typed(reason, dbus.String))
        cookie = self._inhibitors.add(sender, *untrusted)
        if cookie is None:
            raise dbus.DBusException("Too many.", name="org.freedesktop.DBus.Error.LimitsExceeded")
        self._peers.watch(sender)
        return cookie

    @dbus.service.method(_I, in_signature="u", sender_keyword="sender")
    def UnInhibit(self, cookie: int, sender: str) -> None:
        """Give a cookie back."""
        if not self._inhibitors.remove(sender, int(typed(cookie, dbus.UInt32))):
            raise dbus.DBusException(
                "This cookie is not yours.", name="org.freedesktop.DBus.Error.InvalidArgs"
            )

    @dbus.service.signal(_I, signature="b")
    def ActiveChanged(self, active: bool) -> None:
        """Tell that the screen was locked or unlocked."""

    def enrol_status(self, result: str, done: bool) -> None:
        """Nothing to tell."""

    def verify_status(self, result: str, done: bool) -> None:
        """Nothing to tell."""

    def anomaly(self, anomaly: facts.Anomaly) -> None:
        """Nothing to tell."""

    def stretch(self, one: Stretch) -> None:
        """Nothing to tell."""

    def answered(self, key: str) -> None:
        """Nothing to tell."""

    def noted(self, kind: str, detail: str) -> None:
        """Nothing to tell."""

    def state_changed(self, state: facts.State, changed: frozenset[str]) -> None:
        """Signal a lock or unlock."""
        if "locked" in changed:
            self.ActiveChanged(state.locked)


def serve(
    bus: Any, service: Service, inhibitors: Inhibitors, wake: Callable[[], None]
) -> tuple[Any, list[ScreenSaver]] | None:
    """Own the name where it is free and serve; None, and a line in the log, where another program has it.

    It lasts as long as what is returned.
    """
    try:
        name = dbus.service.BusName(_I, bus, do_not_queue=True)
    except dbus.exceptions.NameExistsException:
        _LOG.warning("Another program is %s: its requests to stay awake are not known here.", _I)
        return None
    return name, [ScreenSaver(bus, path, service, inhibitors, wake) for path in names.SCREENSAVER_PATHS]
