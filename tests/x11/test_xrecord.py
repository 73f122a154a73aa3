"""The recorder sees everything the pointer does on a real X server, and nothing else."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from mousegate.capture.display import open_display
from mousegate.capture.xrecord import Recorder, RecorderSettings
from mousegate.core.events import Kind
from mousegate.errors import DisplayError
from tests.x11.conftest import Hand
from tests.xvfb import xvfb


@pytest.fixture
def recorder(x_server: str) -> Iterator[Recorder]:
    """A recorder at the shared X server."""
    with Recorder(x_server) as recording:
        yield recording


def test_what_the_hand_does_is_recorded_in_order(recorder: Recorder, hand: Hand) -> None:
    """Moves, presses and releases come with their places and buttons, times never decreasing."""
    hand.move((10, 20), (30, 40))
    hand.click(1)
    hand.move((35, 45))
    hand.click(3)
    events = recorder.snapshot()
    assert events[["kind", "button", "x", "y"]].tolist() == [
        (Kind.MOVE, 0, 10, 20),
        (Kind.MOVE, 0, 30, 40),
        (Kind.PRESS, 1, 30, 40),
        (Kind.RELEASE, 1, 30, 40),
        (Kind.MOVE, 0, 35, 45),
        (Kind.PRESS, 3, 35, 45),
        (Kind.RELEASE, 3, 35, 45),
    ]
    assert (np.diff(events["time_ms"]) >= 0).all()


def test_a_snapshot_holds_every_event_before_it(recorder: Recorder, hand: Hand) -> None:
    """No event lags behind, though the server keeps back records while no client is written to."""
    for step in range(1, 60):
        hand.move((step, step))
        assert len(recorder.snapshot()) == step


def test_keys_are_never_recorded(recorder: Recorder, hand: Hand) -> None:
    """A typed key leaves no trace in what is recorded."""
    hand.move((1, 1))
    hand.key()
    hand.move((2, 2))
    assert recorder.snapshot()["kind"].tolist() == [Kind.MOVE, Kind.MOVE]


@pytest.mark.usefixtures("grabs")
def test_grabs_of_another_client_hide_nothing(recorder: Recorder, hand: Hand) -> None:
    """While a lock screen holds keyboard and pointer, the pointer is recorded all the same."""
    hand.move((50, 60))
    hand.click()
    assert len(recorder.snapshot()) == 3


def test_waiting_ends_with_the_event_awaited(recorder: Recorder, hand: Hand) -> None:
    """`wait_for` returns once the release, or a later one, is in; by CARD32 time too."""
    hand.click()
    release_ms = int(recorder.snapshot()["time_ms"][-1])
    assert recorder.wait_for(Kind.RELEASE, 1, release_ms, 5.0)
    assert recorder.wait_for(Kind.RELEASE, 1, release_ms + (1 << 32), 5.0)
    assert not recorder.wait_for(Kind.RELEASE, 1, release_ms + 1, 0.05)
    assert not recorder.wait_for(Kind.RELEASE, 3, release_ms, 0.05)


def test_waiting_wakes_for_an_event_that_comes_later(recorder: Recorder, hand: Hand) -> None:
    """A wait that began before the event happened ends with it."""
    seen: list[bool] = []
    waiter = threading.Thread(
        target=lambda: seen.append(
            recorder.wait_until(lambda events: bool((events["button"] == 2).any()), 20)
        )
    )
    waiter.start()
    hand.move((5, 5))
    hand.click(2)
    waiter.join()
    assert seen == [True]


def test_taking_forgets_and_loses_nothing(recorder: Recorder, hand: Hand) -> None:
    """What `take` returned is gone, what comes after is there; `clear` forgets without returning."""
    hand.move((1, 1), (2, 2))
    assert len(recorder.take()) == 2
    hand.move((3, 3))
    assert recorder.snapshot()["x"].tolist() == [3]
    recorder.clear()
    assert len(recorder.snapshot()) == 0
    assert recorder.seen == 3


def test_a_full_recorder_keeps_the_newest(x_server: str, hand: Hand) -> None:
    """Memory is bounded: the oldest events make room and are counted."""
    with Recorder(x_server, RecorderSettings(capacity=10)) as recorder:
        hand.move(*((step, step) for step in range(1, 36)))
        events = recorder.snapshot()
        assert len(events) <= 10
        assert events["x"][-1] == 35
        assert recorder.dropped + len(events) == recorder.seen == 35


def test_a_burst_is_recorded_without_loss(recorder: Recorder, hand: Hand) -> None:
    """A burst that is larger than any socket's buffer comes through whole and in order."""
    places = [(step % 1200, step // 1200) for step in range(1, 10_001)]
    hand.move(*places)
    events = recorder.snapshot()
    assert list(zip(events["x"].tolist(), events["y"].tolist(), strict=True)) == places


def test_what_was_recorded_outlives_the_recorder(x_server: str, hand: Hand) -> None:
    """After the block has ended the events can still be read, to the last one."""
    with Recorder(x_server) as recorder:
        hand.move((7, 8), (9, 9))
    assert recorder.snapshot()["x"].tolist() == [7, 9]
    assert recorder.failure is None


def test_a_server_that_goes_away_takes_nothing_with_it() -> None:
    """When the X server dies, the events so far remain and the failure says what happened."""
    with xvfb() as name:
        recorder = Recorder(name).__enter__()
        display = open_display(name)
        Hand(display).move((11, 12), (13, 14))
        display.close()
        assert len(recorder.snapshot()) == 2
    assert not recorder.wait_for(Kind.RELEASE, 1, 0, 20.0)
    assert "went away" in str(recorder.failure)
    assert recorder.snapshot()["x"].tolist() == [11, 13]
    recorder.__exit__(None, None, None)


def test_a_server_without_record_is_refused_in_one_line() -> None:
    """The message names the extension and what to do."""
    with (
        xvfb(1280, 800, "-extension", "RECORD") as name,
        pytest.raises(DisplayError, match="no RECORD extension"),
        Recorder(name),
    ):
        pass


def test_no_display_is_refused_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without DISPLAY the message says so; on Wayland it says which session to choose."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.delenv("XDG_SESSION_TYPE", raising=False)
    with pytest.raises(DisplayError, match="no X display"), Recorder():
        pass
    monkeypatch.setenv("XDG_SESSION_TYPE", "wayland")
    with pytest.raises(DisplayError, match="Wayland"), Recorder():
        pass


@pytest.mark.parametrize("name", [":4711", "nonsense", "tcp/:5"])
def test_a_wrong_display_is_refused_in_one_line(name: str) -> None:
    """A display that is not there, or is no name of one, gives one line."""
    with pytest.raises(DisplayError) as caught, Recorder(name):
        pass
    assert "\n" not in str(caught.value)
