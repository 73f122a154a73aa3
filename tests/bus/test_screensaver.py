"""org.freedesktop.ScreenSaver on a private bus."""

from collections.abc import Callable
from typing import Any

import dbus
import pytest

from mousegate.bus import names
from mousegate.daemon.idle import MAX_INHIBITORS
from tests.bus.peer import Peer, iterate_until
from tests.e2e.desktop import Desktop

Join = Callable[[], Peer]


def saver(peer: Peer, method: str, *values: Any, path: str = names.SCREENSAVER_PATHS[0]) -> Any:
    """Call the screen saver."""
    proxy = peer.bus.get_object(names.SCREENSAVER_NAME, path, introspect=False)
    return proxy.get_dbus_method(method, names.SCREENSAVER_NAME)(*values)


def test_set_active_false_unlocks_nothing(desktop: Desktop, join: Join) -> None:
    """It returns false, as GetActive does, on both paths; SimulateUserActivity is harmless."""
    iterate_until(lambda: join().bus.name_has_owner(names.SCREENSAVER_NAME), "the name")
    peer = join()
    for path in names.SCREENSAVER_PATHS:
        assert not saver(peer, "GetActive", path=path)
        assert not saver(peer, "SetActive", False, path=path)
        saver(peer, "SimulateUserActivity", path=path)


def test_cookies_are_given_back_by_their_owner_only(desktop: Desktop, join: Join) -> None:
    """Inhibit returns different cookies; another program's UnInhibit is an error, the owner's is not."""
    first, second = join(), join()
    iterate_until(lambda: first.bus.name_has_owner(names.SCREENSAVER_NAME), "the name")
    cookies = [saver(first, "Inhibit", "player", "film") for _ in range(2)]
    assert len(set(cookies)) == 2
    with pytest.raises(dbus.DBusException):
        saver(second, "UnInhibit", cookies[0])
    for cookie in cookies:
        saver(first, "UnInhibit", cookie)
    with pytest.raises(dbus.DBusException):
        saver(first, "UnInhibit", cookies[0])
    with pytest.raises(dbus.DBusException):
        saver(first, "Inhibit", 1, 2)


def test_cookies_die_with_their_owner(desktop: Desktop, join: Join) -> None:
    """A program that leaves the bus with all cookies in its hands frees them for others."""
    greedy, other = join(), join()
    iterate_until(lambda: greedy.bus.name_has_owner(names.SCREENSAVER_NAME), "the name")
    for _ in range(MAX_INHIBITORS):
        saver(greedy, "Inhibit", "greedy", "all of them")
    with pytest.raises(dbus.DBusException, match="Too many"):
        saver(other, "Inhibit", "player", "film")
    greedy.close()
    cookies: list[int] = []

    def inhibits() -> bool:
        try:
            cookies.append(saver(other, "Inhibit", "player", "film"))
        except dbus.DBusException:
            return False
        return True

    iterate_until(inhibits, "the cookies to be free")
    saver(other, "UnInhibit", cookies[0])
