"""Telling the person, through org.freedesktop.Notifications.

One notification, replaced and not stacked, and no more often than RATE_S. The server may be absent, hang,
come back, or know no actions: nothing here ever waits for it.
Source: Desktop Notifications Specification 1.2.
"""

import html
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import dbus

from mousegate.bus import names

_LOG = logging.getLogger(__name__)
_I = names.NOTIFICATIONS_NAME
RATE_S: Final = 30.0
ICON: Final = "security-medium"
_CRITICAL: Final = 2
_NORMAL: Final = 1
NEVER_EXPIRES: Final = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What is shown. actions: key and label of each button; where there are none, `remedy` is added."""

    summary: str
    body: str
    actions: tuple[tuple[str, str], ...] = ()
    remedy: str = ""
    urgent: bool = False
    expires_ms: int = NEVER_EXPIRES


class Notifier:
    """Shows one message at a time and says which button was pressed.

    pressed: called with the key of the button. clock: monotonic seconds.
    """

    def __init__(self, bus: Any, pressed: Callable[[str], None], clock: Callable[[], float]) -> None:
        """Use `bus`; the server is looked for when there is something to say."""
        self._bus = bus
        self._pressed = pressed
        self._clock = clock
        self._id = 0
        self._shown: Message | None = None
        self._shown_at_s = float("-inf")
        self._complained = False
        self._in_flight = False
        self._owner: str | None = None
        bus.add_signal_receiver(self._action, "ActionInvoked", _I, None, names.NOTIFICATIONS_PATH)
        bus.add_signal_receiver(self._closed, "NotificationClosed", _I, None, names.NOTIFICATIONS_PATH)
        bus.watch_name_owner(_I, self._owner_changed)

    @property
    def number(self) -> int:
        """The server's number of what is shown; 0 for nothing."""
        return self._id

    def show(self, message: Message) -> bool:
        """Show a message in place of the one before; False when that was too short a time ago."""
        now_s = self._clock()
        if self._shown is not None and self._shown == message and now_s - self._shown_at_s < RATE_S:
            return False
        self._shown, self._shown_at_s = message, now_s
        self._send(message)
        return True

    def clear(self) -> None:
        """Take the message away."""
        number, self._id, self._shown = self._id, 0, None
        if number:
            self._method("CloseNotification")(
                dbus.UInt32(number), reply_handler=_nothing, error_handler=self._failed
            )

    def _send(self, message: Message) -> None:
        def capable(untrusted_names: Any) -> None:
            self._in_flight = self._shown is message
            if self._in_flight:
                self._notify(message, "actions" in [str(name) for name in untrusted_names])

        self._in_flight = True
        self._method("GetCapabilities")(reply_handler=capable, error_handler=self._failed)

    def _notify(self, message: Message, buttons: bool) -> None:
        body = message.body if buttons or not message.remedy else f"{message.body}\n{message.remedy}"
        actions = [word for pair in message.actions for word in pair] if buttons else []
        urgency = _CRITICAL if message.urgent else _NORMAL
        hints = {
            "urgency": dbus.Byte(urgency),
            "category": dbus.String("device"),
            "desktop-entry": dbus.String("mousegate"),
        }
        self._method("Notify")(
            "mousegate",
            dbus.UInt32(self._id),
            ICON,
            message.summary,
            html.escape(body, quote=False),
            dbus.Array(actions, signature="s"),
            dbus.Dictionary(hints, signature="sv"),
            dbus.Int32(message.expires_ms),
            reply_handler=self._told,
            error_handler=self._failed,
        )

    def _method(self, name: str) -> Any:
        server = self._bus.get_object(
            _I, names.NOTIFICATIONS_PATH, introspect=False, follow_name_owner_changes=True
        )
        return server.get_dbus_method(name, _I)

    def _told(self, untrusted_id: Any) -> None:
        self._id = int(untrusted_id)
        self._complained = self._in_flight = False

    def _failed(self, error: Exception) -> None:
        if not self._complained:
            _LOG.warning("The notification server does not answer (%s): alerts are only in the log.", error)
        self._complained, self._in_flight = True, False

    def _owner_changed(self, untrusted_owner: str) -> None:
        """A new server knows nothing of ours: show again what is still to be seen."""
        before, self._owner = self._owner, str(untrusted_owner)
        if before is None or before == self._owner:
            return
        self._id = 0
        if self._owner and self._shown is not None and not self._in_flight:
            self._send(self._shown)

    def _action(self, untrusted_id: Any, untrusted_key: Any) -> None:
        if self._shown is None or int(untrusted_id) != self._id or not self._id:
            return
        key = str(untrusted_key)
        if key in {known for known, _ in self._shown.actions}:
            self.clear()
            self._pressed(key)

    def _closed(self, untrusted_id: Any, _reason: Any) -> None:
        if self._id and int(untrusted_id) == self._id:
            self._id, self._shown = 0, None


def _nothing(*_values: Any) -> None:
    return
