"""Following the daemon: told when it comes, changes and goes. Never waits, never starts it."""

import logging
from collections.abc import Callable
from typing import Any, Final

import dbus

from mousegate.bus import names
from mousegate.bus.client import DaemonState, state_from
from mousegate.bus.errors import error_from
from mousegate.errors import MousegateError

_LOG = logging.getLogger(__name__)
_PATIENCE_S: Final = 5.0
LOCK_PATIENCE_S: Final = 60.0


class DaemonWatch:
    """Follows the daemon on `bus`, a dbus-python connection with a main loop.

    told: called with the daemon's state whenever it changes, and with None while there is no daemon.
    """

    def __init__(self, bus: Any, told: Callable[[DaemonState | None], None]) -> None:
        self._bus = bus
        self._told = told
        self._there = False
        self._watch = bus.watch_name_owner(names.NAME, self._owner_changed)
        self._signal = bus.add_signal_receiver(
            self._changed, "PropertiesChanged", names.PROPERTIES, names.NAME, names.PATH
        )

    def ask(self) -> None:
        """Ask anew, for what is not signalled."""
        if self._there:
            self._send("GetAll", names.PROPERTIES, names.INTERFACE, told=self._answered, failed=self._failed)

    def call(
        self,
        method: str,
        *values: Any,
        failed: Callable[[MousegateError], None],
        patience_s: float = _PATIENCE_S,
    ) -> None:
        """Call a method of the daemon; `failed` is told what went wrong."""

        def refused(error: dbus.DBusException) -> None:
            failed(error_from(str(error.get_dbus_name()), str(error.get_dbus_message())))

        self._send(method, names.INTERFACE, *values, told=_nothing, failed=refused, patience_s=patience_s)

    def close(self) -> None:
        """Follow no more."""
        self._watch.cancel()
        self._signal.remove()

    def _send(
        self,
        method: str,
        interface: str,
        *values: Any,
        told: Callable[..., None],
        failed: Callable[..., None],
        patience_s: float = _PATIENCE_S,
    ) -> None:
        daemon = self._bus.get_object(names.NAME, names.PATH, introspect=False)
        daemon.get_dbus_method(method, interface)(
            *values, reply_handler=told, error_handler=failed, timeout=patience_s
        )

    def _owner_changed(self, untrusted_owner: str) -> None:
        self._there = bool(untrusted_owner)
        if self._there:
            self.ask()
        else:
            self._told(None)

    def _changed(self, *_untrusted: Any) -> None:
        self.ask()

    def _answered(self, untrusted_values: Any) -> None:
        try:
            state = state_from(untrusted_values)
        except (KeyError, TypeError, ValueError, IndexError) as error:
            _LOG.warning("The daemon says what this version does not understand: %s", error)
            return
        self._told(state)

    def _failed(self, error: Exception) -> None:
        _LOG.info("The daemon does not answer: %s", error)
        self._told(None)


def _nothing(*_values: Any) -> None:
    return
