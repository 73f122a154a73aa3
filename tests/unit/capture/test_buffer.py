"""The event buffer is bounded, and its clock never goes back."""

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mousegate.capture.buffer import EventBuffer, ServerClock
from mousegate.capture.recordwire import X_EVENT
from mousegate.core.events import Kind

WRAP = 1 << 32


def x_events(*rows: tuple[int, int, int, int, int]) -> NDArray[Any]:
    """X events from (type, detail, time, x, y)."""
    return np.array(list(rows), X_EVENT)


def test_x_events_become_events() -> None:
    """Types become kinds (also of events that were sent by a client), moves have no button."""
    buffer = EventBuffer(100)
    buffer.append(x_events((6, 0, 5, -3, 4), (4, 1, 6, 1, 2), (5 | 0x80, 1, 7, 1, 2), (6, 99, 8, 1, 3)))
    assert buffer.view().tolist() == [
        (5, Kind.MOVE, 0, -3, 4),
        (6, Kind.PRESS, 1, 1, 2),
        (7, Kind.RELEASE, 1, 1, 2),
        (8, Kind.MOVE, 0, 1, 3),
    ]


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=50), st.integers(0, WRAP - 1))
def test_server_time_is_unwrapped(steps_ms: list[int], start_ms: int) -> None:
    """Whatever the wraps and however the times come in portions, every interval is kept."""
    true = start_ms + np.cumsum(steps_ms)
    clock = ServerClock()
    cut = len(true) // 2
    found = np.concatenate([clock.unwrap(part % WRAP) for part in (true[:cut], true[cut:])])
    assert np.diff(found).tolist() == np.diff(true).tolist()


def test_small_disorder_is_clamped() -> None:
    """A time a little before the last one is no wrap."""
    assert ServerClock().unwrap(np.array([1000, 990, 1010], np.uint32)).tolist() == [1000, 1000, 1010]


@given(st.lists(st.integers(0, 40), max_size=30), st.integers(2, 50))
def test_the_newest_events_are_kept(portions: list[int], capacity: int) -> None:
    """The buffer holds a run of the newest events, never more than its capacity, and counts the rest."""
    buffer = EventBuffer(capacity)
    serial = 0
    for size in portions:
        buffer.append(x_events(*((6, 0, serial + i, 0, 0) for i in range(size))))
        serial += size
    kept = buffer.view()["time_ms"].tolist()
    assert kept == list(range(serial - len(kept), serial))
    assert len(kept) <= capacity
    assert len(kept) >= min(serial, capacity // 2)
    assert buffer.seen == serial == buffer.dropped + len(kept)
