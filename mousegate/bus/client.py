"""Talking to the daemon over the session bus."""

from dataclasses import dataclass
from typing import Any, Final

import dbus

from mousegate.bus import names
from mousegate.bus.errors import UnreachableError, error_from

_GONE: Final = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.NoReply",
    "org.freedesktop.DBus.Error.Disconnected",
    "org.freedesktop.DBus.Error.NoServer",
    "org.freedesktop.DBus.Error.NotSupported",
    "org.freedesktop.DBus.Error.FileNotFound",
)
LOCK_TIMEOUT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class DaemonState:
    """The daemon's properties. last_anomaly_s, paused_until_s: Unix seconds, 0 for never or not paused."""

    monitoring: bool
    trust: float
    locked: bool
    last_anomaly_s: float
    last_anomaly_reason: str
    events_seen: int
    version: str
    paused_until_s: float = 0.0


class DaemonClient:
    """The daemon of this session. Every method raises UnreachableError where there is none, and what the
    daemon raises otherwise.
    """

    def __init__(self, bus: Any = None) -> None:
        """Connect to `bus`, a dbus-python connection; by default the session bus."""
        try:
            self._bus = bus if bus is not None else dbus.SessionBus()
        except dbus.DBusException as error:
            raise UnreachableError(
                "There is no session bus; run this inside your desktop session."
            ) from error

    def call(
        self, method: str, *values: Any, interface: str = names.INTERFACE, timeout_s: float = 25.0
    ) -> Any:
        """Call any method and return what it returns."""
        try:
            daemon = self._bus.get_object(names.NAME, names.PATH, introspect=False)
            return daemon.get_dbus_method(method, interface)(*values, timeout=timeout_s)
        except dbus.DBusException as error:
            if error.get_dbus_name() in _GONE:
                raise UnreachableError(
                    "The mousegate daemon does not answer: `systemctl --user start mousegate` starts it."
                ) from error
            raise error_from(str(error.get_dbus_name()), str(error.get_dbus_message())) from error

    def state(self) -> DaemonState:
        """Return the properties."""
        return state_from(self.call("GetAll", names.INTERFACE, interface=names.PROPERTIES))

    def lock(self) -> None:
        """Lock the screen; returns once it is locked."""
        self.call("Lock", timeout_s=LOCK_TIMEOUT_S)

    def pause(self, duration_s: int) -> None:
        """Stop monitoring for so many seconds."""
        self.call("Pause", dbus.UInt32(duration_s))

    def resume(self) -> None:
        """Go on monitoring."""
        self.call("Resume")


def state_from(untrusted: Any) -> DaemonState:
    """Return the properties of a GetAll. Raises KeyError, TypeError, ValueError or IndexError for others."""
    anomaly = untrusted["LastAnomaly"]
    return DaemonState(
        monitoring=bool(untrusted["Monitoring"]),
        trust=float(untrusted["Trust"]),
        locked=bool(untrusted["Locked"]),
        last_anomaly_s=float(anomaly[0]),
        last_anomaly_reason=str(anomaly[2]),
        events_seen=int(untrusted["EventsSeen"]),
        version=str(untrusted["Version"]),
        paused_until_s=float(untrusted.get("PausedUntil", 0.0)),
    )


def present_state() -> DaemonState | None:
    """Return the state of the daemon that runs; None where none does. Never starts one.

    Raises MousegateError where it runs and does not answer.
    """
    try:
        bus = dbus.SessionBus(private=True)
    except dbus.DBusException:
        return None
    try:
        return DaemonClient(bus).state() if bus.name_has_owner(names.NAME) else None
    finally:
        bus.close()
