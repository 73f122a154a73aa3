"""The device behind the pointer is told on a real X server."""

from collections.abc import Iterator

import pytest

from mousegate.capture.devices import DeviceWatcher, device_class
from mousegate.core.events import PointerDevice
from tests.x11.conftest import Hand
from tests.xvfb import xvfb


@pytest.fixture
def watcher(x_server: str) -> Iterator[DeviceWatcher]:
    """A watcher at the shared X server."""
    with DeviceWatcher(x_server) as watching:
        yield watching


def test_nothing_moved_is_no_device(watcher: DeviceWatcher) -> None:
    """Without events there is no dominant device and nothing synthetic."""
    assert watcher.dominant() is PointerDevice.UNKNOWN
    assert not watcher.saw_synthetic()


def test_xtest_events_are_seen_as_synthetic(watcher: DeviceWatcher, hand: Hand) -> None:
    """Every event that a program makes through XTEST is counted as such, at once."""
    hand.move((10, 10), (20, 20))
    hand.click()
    assert watcher.count(PointerDevice.XTEST) == 4
    assert watcher.dominant() is PointerDevice.XTEST
    assert watcher.saw_synthetic()


@pytest.mark.usefixtures("grabs")
def test_devices_are_seen_behind_the_grabs_of_a_lock_screen(watcher: DeviceWatcher, hand: Hand) -> None:
    """Raw events come though another client holds keyboard and pointer."""
    hand.move((30, 30))
    hand.click()
    assert watcher.count(PointerDevice.XTEST) == 3


def test_clearing_starts_anew(watcher: DeviceWatcher, hand: Hand) -> None:
    """Events before `clear` are forgotten, none before it are counted after."""
    hand.move((40, 40))
    watcher.clear()
    assert not watcher.saw_synthetic()
    hand.move((41, 41))
    assert watcher.count(PointerDevice.XTEST) == 1


def test_a_warped_pointer_is_synthetic(watcher: DeviceWatcher, hand: Hand) -> None:
    """XWarpPointer moves the pointer without a device: more is recorded than devices made."""
    for step in range(10):
        hand.display.screen().root.warp_pointer(100 + step, 100)
    hand.display.sync()
    assert watcher.dominant() is PointerDevice.UNKNOWN
    assert watcher.saw_synthetic(recorded=10)
    assert not watcher.saw_synthetic(recorded=2)


def test_keys_are_not_counted(watcher: DeviceWatcher, hand: Hand) -> None:
    """A typed key is no pointer event."""
    hand.key()
    assert watcher.dominant() is PointerDevice.UNKNOWN


def test_the_servers_own_devices_are_classified(hand: Hand) -> None:
    """Xvfb's mouse is a mouse, its XTEST pointer XTEST, and a missing device unknown."""
    found = {
        info.name: device_class(hand.display, info.deviceid)
        for info in hand.display.xinput_query_device(0).devices
    }
    assert found["Xvfb mouse"] is PointerDevice.MOUSE
    assert found["Virtual core XTEST pointer"] is PointerDevice.XTEST
    assert device_class(hand.display, 250) is PointerDevice.UNKNOWN


def test_a_server_that_goes_away_cannot_vouch_for_anybody() -> None:
    """When the watch is broken, what was seen counts as synthetic: it fails closed."""
    with xvfb() as name:
        watcher = DeviceWatcher(name).__enter__()
        assert not watcher.saw_synthetic()
    assert watcher.saw_synthetic()
    watcher.__exit__(None, None, None)


def test_two_watchers_do_not_disturb_each_other(x_server: str, hand: Hand) -> None:
    """Each counts on its own."""
    with DeviceWatcher(x_server) as first, DeviceWatcher(x_server) as second:
        hand.move((60, 60))
        assert first.count(PointerDevice.XTEST) == second.count(PointerDevice.XTEST) == 1
