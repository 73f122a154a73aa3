"""Alerts, and every way in which a notification server can fail."""

import logging
from collections.abc import Callable, Iterator

import dbus
import dbus.mainloop.glib
import pytest

from mousegate.daemon.notifier import RATE_S, Notifier
from mousegate.daemon.reactions import ACTIONS, message_of
from mousegate.daemon.state import Anomaly
from tests.bus.fake_notifications import FakeNotifications
from tests.bus.peer import iterate_until
from tests.e2e.desktop import Desktop

ALERT = message_of(Anomaly(1000.0, 0.4, "the hand <b>differs</b>", 940.0))
OTHER = message_of(Anomaly(2000.0, 0.3, "the hand differs more", 1940.0))


class Teller:
    """A notifier with a clock of its own, and what was pressed on it."""

    def __init__(self, address: str) -> None:
        self.bus = dbus.bus.BusConnection(address, mainloop=dbus.mainloop.glib.DBusGMainLoop())
        self.bus.set_exit_on_disconnect(False)
        self.pressed: list[str] = []
        self.now_s = 0.0
        self.notifier = Notifier(self.bus, self.pressed.append, lambda: self.now_s)


Serve = Callable[..., FakeNotifications]


@pytest.fixture
def address(enrolled_desktop: Desktop) -> str:
    """A private bus on which no notification server runs."""
    return enrolled_desktop.env["DBUS_SESSION_BUS_ADDRESS"]


@pytest.fixture
def teller(address: str) -> Iterator[Teller]:
    """Whoever tells."""
    one = Teller(address)
    yield one
    one.bus.close()


@pytest.fixture
def serve(address: str) -> Iterator[Serve]:
    """Start servers; they end with the test."""
    servers: list[FakeNotifications] = []

    def start(**words: object) -> FakeNotifications:
        servers.append(FakeNotifications(address, **words))  # type: ignore[arg-type]
        return servers[-1]

    yield start
    for server in servers:
        if server.bus.get_is_connected():
            server.close()


def test_alert_is_replaced_and_not_stacked(teller: Teller, serve: Serve) -> None:
    """Two alerts are one notification with the newer text, three buttons, critical; markup is only text."""
    server = serve()
    assert teller.notifier.show(ALERT)
    iterate_until(lambda: server.calls == 1, "the first")
    (values,) = server.shown.values()
    assert "&lt;b&gt;" in values[2] and values[4]["urgency"] == 2
    assert [str(word) for word in values[3]] == [word for pair in ACTIONS for word in pair]
    iterate_until(lambda: teller.notifier.number != 0, "the number")
    assert teller.notifier.show(OTHER)
    iterate_until(lambda: server.calls == 2, "the second")
    assert len(server.shown) == 1 and "more" in next(iter(server.shown.values()))[2]


def test_same_alert_is_not_repeated_at_once(teller: Teller, serve: Serve) -> None:
    """It is shown again only after a while."""
    serve()
    assert teller.notifier.show(ALERT)
    assert not teller.notifier.show(ALERT)
    teller.now_s += RATE_S
    assert teller.notifier.show(ALERT)


def test_pressed_button_is_told_once(teller: Teller, serve: Serve) -> None:
    """Our button on our notification counts; other numbers, other keys and a second press do not."""
    server = serve()
    teller.notifier.show(ALERT)
    iterate_until(lambda: teller.notifier.number != 0, "the number")
    number = teller.notifier.number
    for wrong, key in ((number + 1, "lock"), (number, "unlock")):
        server.ActionInvoked(wrong, key)
    server.ActionInvoked(number, "me")
    server.ActionInvoked(number, "lock")
    iterate_until(lambda: not server.shown, "the alert to go")
    assert teller.pressed == ["me"]


def test_server_without_actions_gets_the_remedy(teller: Teller, serve: Serve) -> None:
    """Where there are no buttons, the text says what to do."""
    server = serve(capabilities=("body",))
    teller.notifier.show(ALERT)
    iterate_until(lambda: server.calls == 1, "the alert")
    (values,) = server.shown.values()
    assert "mousegate lock" in values[2] and len(values[3]) == 0


def test_alert_survives_a_new_server(teller: Teller, serve: Serve) -> None:
    """When the server is started again, the alert that was up is shown again, once."""
    first = serve()
    teller.notifier.show(ALERT)
    iterate_until(lambda: teller.notifier.number != 0, "the alert")
    first.close()
    iterate_until(lambda: teller.notifier.number == 0, "the end to be noticed")
    second = serve()
    iterate_until(lambda: second.calls == 1, "the alert again")
    assert len(second.shown) == 1


def test_absent_server_is_named_once(teller: Teller, caplog: pytest.LogCaptureFixture) -> None:
    """Alerts without a server are one line in the log."""
    with caplog.at_level(logging.WARNING):
        for alert in (ALERT, OTHER, ALERT):
            teller.now_s += RATE_S
            teller.notifier.show(alert)
        iterate_until(lambda: bool(caplog.records), "the word")
    assert len(caplog.records) == 1


def test_hanging_server_holds_nothing_up(teller: Teller, serve: Serve) -> None:
    """Showing and clearing return at once."""
    serve(silent=True)
    assert teller.notifier.show(ALERT)
    teller.notifier.clear()
    assert teller.notifier.show(OTHER)
