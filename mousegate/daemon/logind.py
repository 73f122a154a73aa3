"""systemd-logind: locks on its word, holds sleep back until the screen is covered, and tells it the state.

Source: org.freedesktop.login1(5) and "Inhibitor Locks" (systemd.io/INHIBITOR_LOCKS).
"""

import logging
import os
from collections.abc import Callable, Mapping
from typing import Any, Final

import dbus

from mousegate.daemon.service import Service
from mousegate.errors import MousegateError

_LOG = logging.getLogger(__name__)
NAME: Final = "org.freedesktop.login1"
PATH: Final = "/org/freedesktop/login1"
MANAGER: Final = "org.freedesktop.login1.Manager"
SESSION: Final = "org.freedesktop.login1.Session"
USER: Final = "org.freedesktop.login1.User"
TIMEOUT_S: Final = 5.0


class Logind:
    """The session at logind. Where there is none, one line in the log, until it comes.

    wake: lights the screen, which is all that `Unlock` does here.
    """

    def __init__(
        self,
        bus: Any,
        service: Service,
        wake: Callable[[], None],
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """Use `bus`, the system bus, and follow logind as it comes and goes."""
        self._bus = bus
        self._service = service
        self._wake = wake
        self._environment = environment
        self._session: Any = None
        self._signals: list[Any] = []
        self._inhibitor: int | None = None
        self._hints: dict[str, bool] = {}
        bus.watch_name_owner(NAME, self._owner_changed)

    def tell(self, locked: bool, idle: bool) -> None:
        """Set LockedHint and IdleHint where they have changed; never waits."""
        for method, value in (("SetLockedHint", locked), ("SetIdleHint", idle)):
            if self._session is not None and self._hints.get(method) is not value:
                self._hints[method] = value
                self._session.get_dbus_method(method, SESSION)(
                    value, reply_handler=_nothing, error_handler=_failed
                )

    def close(self) -> None:
        """Let logind go; sleep is not held back any more."""
        self._leave()

    def _owner_changed(self, untrusted_owner: str) -> None:
        self._leave()
        if not untrusted_owner:
            _LOG.warning("logind is not there: the screen is not locked before sleep until it is.")
            return
        try:
            self._join()
        except dbus.DBusException as error:
            _LOG.warning("logind does not know this session (%s): it cannot ask for a lock.", error)

    def _join(self) -> None:
        manager = self._bus.get_object(NAME, PATH, introspect=False)
        self._signals.append(
            self._bus.add_signal_receiver(self._sleep, "PrepareForSleep", MANAGER, NAME, PATH)
        )
        self._hold_sleep()
        path = self._session_path(manager)
        self._session = self._bus.get_object(NAME, path, introspect=False)
        for member, heard in (("Lock", self._lock), ("Unlock", self._unlock)):
            self._signals.append(self._bus.add_signal_receiver(heard, member, SESSION, NAME, path))
        _LOG.info("following session %s", path)

    def _leave(self) -> None:
        for signal in self._signals:
            signal.remove()
        self._signals, self._session, self._hints = [], None, {}
        self._let_sleep()

    def _session_path(self, manager: Any) -> str:
        """Return the path of this session: of XDG_SESSION_ID, else the user's graphical session.

        A user service belongs to no session, so that logind cannot tell it by the process id.
        """
        name = self._environment.get("XDG_SESSION_ID", "")
        if name:
            return str(manager.get_dbus_method("GetSession", MANAGER)(name, timeout=TIMEOUT_S))
        user = manager.get_dbus_method("GetUser", MANAGER)(dbus.UInt32(os.getuid()), timeout=TIMEOUT_S)
        properties = self._bus.get_object(NAME, user, introspect=False)
        display = properties.get_dbus_method("Get", dbus.PROPERTIES_IFACE)(USER, "Display", timeout=TIMEOUT_S)
        return str(display[1])

    def _lock(self) -> None:
        self._service.lock(_log_failure)

    def _unlock(self) -> None:
        _LOG.info("logind asks to unlock: the prompt is woken, nothing is unlocked")
        self._wake()

    def _sleep(self, begins: bool) -> None:
        if not begins:
            self._hold_sleep()
            self._wake()
            return

        def covered(error: MousegateError | None) -> None:
            _log_failure(error)
            self._let_sleep()

        self._service.lock(covered)

    def _hold_sleep(self) -> None:
        self._let_sleep()
        manager = self._bus.get_object(NAME, PATH, introspect=False)
        words = ("sleep", "mousegate", "The screen is locked before sleep", "delay")
        try:
            descriptor = manager.get_dbus_method("Inhibit", MANAGER)(*words, timeout=TIMEOUT_S)
        except dbus.DBusException as error:
            _LOG.warning("logind does not let sleep be delayed (%s).", error)
            return
        self._inhibitor = descriptor.take()

    def _let_sleep(self) -> None:
        descriptor, self._inhibitor = self._inhibitor, None
        if descriptor is not None:
            os.close(descriptor)


def _nothing() -> None:
    return


def _failed(error: Exception) -> None:
    _LOG.info("logind does not take a hint: %s", error)


def _log_failure(error: MousegateError | None) -> None:
    if error is not None:
        _LOG.error("logind asked for a lock: %s", error)
