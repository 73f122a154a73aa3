"""Windows of active movement carry the hand, not the clock or the screen."""

import numpy as np
import pytest

from mousegate.core.events import Events, Kind, empty_events, from_columns
from mousegate.core.windows import CHANNELS, PARAMETERS, extract, merge, track


def wandering(seconds: float, step_ms: int = 8, seed: int = 0) -> Events:
    """Return smooth made-up movement sampled every `step_ms`, the path the same whatever the step."""
    time_ms = np.arange(0, int(seconds * 1000), step_ms)
    rng = np.random.default_rng(seed)
    phases, rates = rng.uniform(0, 6, 4), rng.uniform(0.5, 3.0, 4)
    t = time_ms[:, None] / 1000.0
    x = 800 + 300 * np.sin(rates[:2] * t + phases[:2]).sum(axis=1)
    y = 500 + 200 * np.sin(rates[2:] * t + phases[2:]).sum(axis=1)
    zero = np.zeros(len(time_ms), int)
    return from_columns(time_ms, zero, zero, np.round(x), np.round(y))


def test_shapes_and_ranges() -> None:
    """Windows have the declared shape and finite values, and quality lies between 0 and 1."""
    windows = extract(wandering(20.0))
    assert windows.values.shape[1:] == (len(CHANNELS), PARAMETERS.steps)
    assert len(windows) == len(windows.quality) > 10
    assert np.isfinite(windows.values).all()
    assert ((windows.quality >= 0) & (windows.quality <= 1)).all()
    assert windows.active_s == pytest.approx(20.0, abs=0.1)


def test_screen_is_taken_out() -> None:
    """A shifted and exactly doubled screen gives the same windows."""
    events = wandering(10.0)
    other = events.copy()
    other["x"], other["y"] = events["x"] * 2 + 300, events["y"] * 2 + 40
    np.testing.assert_allclose(extract(other).values, extract(events).values, atol=1e-3)


def test_clock_is_taken_out() -> None:
    """A clock of 8 ms and one of 16 ms give nearly the same windows of the same movement."""
    fine, coarse = extract(wandering(12.0, 8)).values, extract(wandering(12.0, 16)).values
    count = min(len(fine), len(coarse))
    apart = np.abs(fine[:count, :2] - coarse[:count, :2]).mean()
    assert apart < 0.25 * np.abs(fine[:count, :2]).mean()


def test_pauses_are_bounded() -> None:
    """An hour of idling counts as the bounded gap only."""
    events = wandering(10.0)
    paused = events.copy()
    paused["time_ms"][600:] += 3_600_000
    assert extract(paused).active_s == pytest.approx(10.0 + PARAMETERS.gap_ms / 1000, abs=0.1)


def test_defective_coordinates_are_dropped() -> None:
    """Coordinates of 65535, as remote desktops record them, leave no jump behind."""
    events = wandering(6.0)
    events["x"][100], events["y"][100] = 65535, 65535
    assert np.abs(track(events).displacement).max() < 400


def test_hold_keeps_full_resolution() -> None:
    """The held channel sums to the hold time, though a step is 33 ms."""
    moves = wandering(3.0)
    clicks = from_columns(
        np.array([1003, 1090]),
        np.array([Kind.PRESS, Kind.RELEASE]),
        np.array([1, 1]),
        np.zeros(2),
        np.zeros(2),
    )
    clicks["x"], clicks["y"] = moves["x"][125], moves["y"][125]
    events = np.sort(np.concatenate([moves, clicks]), order="time_ms", kind="stable")
    held_ms = float(track(events).held.sum()) * PARAMETERS.step_ms
    assert held_ms == pytest.approx(87.0, abs=0.5)


@pytest.mark.parametrize("count", [0, 1, 2, 30])
def test_too_little_movement_makes_no_window(count: int) -> None:
    """No events, one, or a quarter second of them give zero windows and no error."""
    events = wandering(1.0)[:count] if count else empty_events()
    assert len(extract(events)) == 0


def test_stillness_makes_no_window() -> None:
    """A pointer that reports but does not move is not active movement."""
    events = wandering(10.0)
    events["x"], events["y"] = 5, 5
    assert len(extract(events)) == 0


def test_short_movement_is_padded() -> None:
    """Two seconds give one window whose padding is marked as not present."""
    windows = extract(wandering(2.0))
    assert len(windows) == 1
    present = windows.values[0, CHANNELS.index("present")]
    assert present[:55].all()
    assert not present[70:].any()
    assert not windows.values[0, :, 70:].any()


def test_merge_adds_up() -> None:
    """Merged windows hold those of every part; merging nothing is nothing."""
    one, two = extract(wandering(8.0)), extract(wandering(9.0, seed=1))
    both = merge([one, two])
    assert len(both) == len(one) + len(two)
    assert both.active_s == pytest.approx(one.active_s + two.active_s)
    assert len(merge([])) == 0
