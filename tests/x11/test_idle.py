"""What the X server says about idleness and the lock."""

import pytest
from Xlib import X

from mousegate.capture.display import open_display
from mousegate.capture.idle import LOCK_SELECTION, ScreenState
from mousegate.errors import DisplayError
from tests.x11.conftest import Hand
from tests.x11.stage import wait_until
from tests.xvfb import xvfb


def test_idle_time_grows_and_ends_with_a_touch(x_server: str, hand: Hand) -> None:
    """It grows while nobody touches anything and begins anew with a movement."""
    with ScreenState(x_server) as screen:
        hand.move((10, 10), (20, 20))
        wait_until(lambda: screen.idle_s() > 0.2, "idle time")
        hand.move((30, 30))
        assert screen.idle_s() < 0.2


def test_lock_is_told_by_its_selection(x_server: str) -> None:
    """It is locked exactly while somebody owns the keeper's selection."""
    display = open_display(x_server)
    owner = display.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
    with ScreenState(x_server) as screen:
        assert not screen.is_locked()
        owner.set_selection_owner(display.get_atom(LOCK_SELECTION.format(screen=0)), X.CurrentTime)
        display.sync()
        assert screen.is_locked()
        display.close()
        wait_until(lambda: not screen.is_locked(), "the selection to be given up")


def test_server_that_goes_away_is_a_display_error() -> None:
    """Both questions then raise DisplayError, and leaving is quiet."""
    with xvfb() as name:
        screen = ScreenState(name).__enter__()
    with pytest.raises(DisplayError):
        screen.idle_s()
    with pytest.raises(DisplayError):
        screen.is_locked()
    screen.__exit__(None, None, None)
