"""The desk on real X servers."""

import logging

import pytest

from mousegate.daemon.desk import RETRY_S, Desk
from tests.x11.conftest import Hand
from tests.xvfb import xvfb


def test_each_event_is_seen_once(x_server: str, hand: Hand) -> None:
    """Looks share the events out among them, in order; programs' movement is told."""
    desk = Desk(x_server)
    assert desk.look(0.0) is not None
    hand.move(*((10 + step, 20) for step in range(30)))
    first = desk.look(1.0)
    hand.move((300, 300))
    second = desk.look(2.0)
    assert first is not None and second is not None
    assert list(first.events["x"]) == list(range(10, 40)) and first.synthetic
    assert list(second.events["x"]) == [300]
    assert not first.locked and second.idle_s < 5
    desk.close()


def test_server_that_goes_away_is_named_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """Without a display looks are None, cost one line in the log, and wait between tries."""
    with xvfb() as name:
        desk = Desk(name)
        assert desk.look(0.0) is not None
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="mousegate.daemon"):
        for number in range(20):
            assert desk.look(1.0 + number) is None
    assert len([record for record in caplog.records if record.name == "mousegate.daemon.desk"]) == 1
    desk.close()


def test_server_that_comes_back_is_used_again(caplog: pytest.LogCaptureFixture) -> None:
    """A new server is found at the next try, and that is said."""
    with xvfb() as name:
        desk = Desk(name)
        assert desk.look(0.0) is not None
    assert desk.look(1.0) is None
    with xvfb() as again:
        desk._display_name = again  # another test may have taken the old number
        assert desk.look(1.0 + RETRY_S) is not None
        desk.close()
    assert "is back" in caplog.text
