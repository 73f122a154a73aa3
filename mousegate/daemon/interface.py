"""The D-Bus interface: translates between the bus and the service, and does nothing else."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import dbus
import dbus.service

from mousegate.bus import names
from mousegate.bus.errors import INTERNAL, name_of
from mousegate.daemon import state as facts
from mousegate.daemon.peers import PeerWatch
from mousegate.daemon.service import Service
from mousegate.errors import MousegateError
from mousegate.storage.history import Stretch

_LOG = logging.getLogger(__name__)
_I = names.INTERFACE
_T = TypeVar("_T")


class BusError(dbus.DBusException):
    """An error of ours as the bus carries it."""

    include_traceback = False

    def __init__(self, error: MousegateError) -> None:
        super().__init__(str(error), name=name_of(error))


class Interface(dbus.service.Object):
    """The object at names.PATH. It is told by the service, and signals what it is told."""

    def __init__(self, bus: Any, service: Service, clock: Callable[[], float]) -> None:
        """Export on `bus`. clock: monotonic seconds."""
        self._service = service
        self._clock = clock
        self._peers = PeerWatch(bus, service.peer_vanished)
        super().__init__(bus, names.PATH)
        service.add_listener(self)

    @dbus.service.method(_I, in_signature="s", sender_keyword="sender")
    def EnrolStart(self, label: str, sender: str) -> None:
        """See names.interface_xml."""
        _told(lambda: self._service.enrol_start(sender, str(typed(label, dbus.String))))
        self._peers.watch(sender)

    @dbus.service.method(_I, sender_keyword="sender")
    def EnrolStop(self, sender: str) -> None:
        """See names.interface_xml."""
        _told(lambda: self._service.enrol_stop(sender))

    @dbus.service.method(_I, sender_keyword="sender")
    def VerifyStart(self, sender: str) -> None:
        """See names.interface_xml."""
        _told(lambda: self._service.verify_start(sender))
        self._peers.watch(sender)

    @dbus.service.method(_I, sender_keyword="sender")
    def VerifyStop(self, sender: str) -> None:
        """See names.interface_xml."""
        _told(lambda: self._service.verify_stop(sender))

    @dbus.service.method(_I, out_signature="a(ssbdd)")
    def ListReferences(self) -> Any:
        """See names.interface_xml."""
        listed = _told(self._service.list_references)
        rows = [(one.label, one.device, one.rhythm, one.movement_s, one.updated_s) for one in listed]
        return dbus.Array(rows, signature="(ssbdd)")

    @dbus.service.method(_I, in_signature="s", out_signature="u")
    def DeleteReference(self, label: str) -> int:
        """See names.interface_xml."""
        return _told(lambda: self._service.delete_reference(str(typed(label, dbus.String))))

    @dbus.service.method(_I, async_callbacks=("reply", "failed"))
    def Lock(self, reply: Callable[[], None], failed: Callable[[Exception], None]) -> None:
        """See names.interface_xml."""
        self._service.lock(lambda error: reply() if error is None else failed(BusError(error)))

    @dbus.service.method(_I, in_signature="u")
    def Pause(self, seconds: int) -> None:
        """See names.interface_xml."""
        _told(lambda: self._service.pause(int(typed(seconds, dbus.UInt32)), self._clock()))

    @dbus.service.method(_I)
    def Resume(self) -> None:
        """See names.interface_xml."""
        _told(lambda: self._service.resume(self._clock()))

    @dbus.service.signal(_I, signature="sb")
    def EnrolStatus(self, result: str, done: bool) -> None:
        """See names.interface_xml."""

    @dbus.service.signal(_I, signature="sb")
    def VerifyStatus(self, result: str, done: bool) -> None:
        """See names.interface_xml."""

    @dbus.service.signal(_I, signature="ds")
    def Anomaly(self, trust: float, reason: str) -> None:
        """See names.interface_xml."""

    @dbus.service.method(names.PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, interface: str, name: str) -> Any:
        """See names.interface_xml."""
        values = self.GetAll(interface)
        if name not in values:
            raise dbus.DBusException(
                f"There is no property {name!r}.", name="org.freedesktop.DBus.Error.UnknownProperty"
            )
        return values[name]

    @dbus.service.method(names.PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface: str) -> Any:
        """See names.interface_xml."""
        if interface != _I:
            raise dbus.DBusException(
                f"There is no interface {interface!r}.", name="org.freedesktop.DBus.Error.UnknownInterface"
            )
        return dbus.Dictionary(bus_values(self._service.state), signature="sv")

    @dbus.service.method(names.PROPERTIES, in_signature="ssv")
    def Set(self, interface: str, name: str, value: Any) -> None:
        """See names.interface_xml."""
        raise dbus.DBusException(
            f"{name!r} cannot be set.", name="org.freedesktop.DBus.Error.PropertyReadOnly"
        )

    @dbus.service.signal(names.PROPERTIES, signature="sa{sv}as")
    def PropertiesChanged(self, interface: str, changed: Any, invalidated: Any) -> None:
        """See names.interface_xml."""

    @dbus.service.method("org.freedesktop.DBus.Introspectable", out_signature="s")
    def Introspect(self) -> str:
        """See names.interface_xml."""
        return names.interface_xml()

    def enrol_status(self, result: str, done: bool) -> None:
        """Signal it."""
        self.EnrolStatus(result, done)

    def verify_status(self, result: str, done: bool) -> None:
        """Signal it."""
        self.VerifyStatus(result, done)

    def anomaly(self, anomaly: facts.Anomaly) -> None:
        """Signal it."""
        self.Anomaly(anomaly.trust, anomaly.reason)

    def stretch(self, one: Stretch) -> None:
        """Nothing to signal: Trust changes with it."""

    def answered(self, key: str) -> None:
        """Nothing to signal."""

    def noted(self, kind: str, detail: str) -> None:
        """Nothing to signal."""

    def state_changed(self, state: facts.State, changed: frozenset[str]) -> None:
        """Signal the new values."""
        values = {name: value for name, value in bus_values(state).items() if _field(name) in changed}
        self.PropertiesChanged(_I, dbus.Dictionary(values, signature="sv"), dbus.Array([], signature="s"))


def bus_values(state: facts.State) -> dict[str, Any]:
    """Return the properties by their names on the bus."""
    anomaly = state.last_anomaly
    return {
        "Monitoring": dbus.Boolean(state.monitoring),
        "Trust": dbus.Double(state.trust),
        "Locked": dbus.Boolean(state.locked),
        "PausedUntil": dbus.Double(state.paused_until_s),
        "LastAnomaly": dbus.Struct((anomaly.time_s, anomaly.trust, anomaly.reason), signature="dds"),
        "EventsSeen": dbus.UInt64(state.events_seen),
        "Version": dbus.String(state.version),
    }


def _field(name: str) -> str:
    """Return the field of State behind a property: LastAnomaly is last_anomaly, times carry their unit."""
    field = "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")
    return field + "_s" if field == "paused_until" else field


def _told(call: Callable[[], _T]) -> _T:
    try:
        return call()
    except MousegateError as error:
        raise BusError(error) from error
    except dbus.DBusException:
        raise
    except Exception as error:
        _LOG.exception("unexpected")
        raise dbus.DBusException("Something unexpected happened; see the log.", name=INTERNAL) from error


def typed(untrusted: Any, kind: type) -> Any:
    """Return an argument if it has the declared type, which dbus-python does not check."""
    if type(untrusted) is not kind:
        raise dbus.DBusException(
            f"Expected {kind.__name__}, got {type(untrusted).__name__}.",
            name="org.freedesktop.DBus.Error.InvalidArgs",
        )
    return untrusted
