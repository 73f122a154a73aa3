"""What a browser tells of its pointer is read strictly, and comes to the same scale as an X recording."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.capture import synthetic
from mousegate.core.events import EVENT_DTYPE, Events, Kind
from mousegate.core.windows import extract
from mousegate.web.movement import MovementError, PointerStream, StreamLimits
from tests.web.lab.browser import rows_of


def test_moves_and_a_click_become_events() -> None:
    """Rows are moves; a change of the buttons is a press or release besides."""
    events = PointerStream().read([[10.4, 1, 2, 0], [20, 3.6, 4, 1], [30, 3, 4, 1], [101.2, 3, 4, 0]])
    assert events[["time_ms", "kind", "button", "x", "y"]].tolist() == [
        (10, Kind.MOVE, 0, 1, 2),
        (20, Kind.MOVE, 0, 4, 4),
        (20, Kind.PRESS, 1, 4, 4),
        (30, Kind.MOVE, 0, 3, 4),
        (101, Kind.MOVE, 0, 3, 4),
        (101, Kind.RELEASE, 1, 3, 4),
    ]


def test_chords_are_told_apart_across_messages() -> None:
    """A second button within a move is a press of its own, also where the next message brings it."""
    stream = PointerStream()
    first = stream.read([[1, 0, 0, 1]])
    second = stream.read([[2, 0, 0, 3], [3, 0, 0, 6], [4, 0, 0, 0]])
    clicks = np.concatenate([first, second])
    clicks = clicks[clicks["kind"] != Kind.MOVE]
    assert clicks[["kind", "button"]].tolist() == [
        (Kind.PRESS, 1), (Kind.PRESS, 3), (Kind.RELEASE, 1), (Kind.PRESS, 2), (Kind.RELEASE, 2),
        (Kind.RELEASE, 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("rows", "list of rows"),
        ({"0": [1, 2, 3, 0]}, "list of rows"),
        (None, "list of rows"),
        ([[1, 2, 3]], "Row 0 is not"),
        ([[1, 2, 3, 0, 5]], "Row 0 is not"),
        ([[1, 2, 3, 0], 7], "Row 1 is not"),
        ([["1", 2, 3, 0]], "Row 0 is not"),
        ([[True, 2, 3, 0]], "Row 0 is not"),
        ([[1, None, 3, 0]], "Row 0 is not"),
        ([[1, [2], 3, 0]], "Row 0 is not"),
        ([[math.nan, 2, 3, 0]], "not finite"),
        ([[1, math.inf, 3, 0]], "not finite"),
        ([[10**400, 2, 3, 0]], "too large"),
        ([[-1, 2, 3, 0]], "negative"),
        ([[1e300, 2, 3, 0]], "too large"),
        ([[5, 2, 3, 0], [4, 2, 3, 0]], "Row 1 is earlier"),
        ([[1, 32767, 3, 0]], "beyond every screen"),
        ([[1, 2, -1e18, 0]], "beyond every screen"),
        ([[1, 2, 3, -1]], "buttons"),
        ([[1, 2, 3, 1e9]], "buttons"),
        ([[1, 2, 3, 0.5]], "buttons"),
        ([[1, 2, 3, 0]] * 9, "More than 8 rows"),
    ],
)
def test_what_no_pointer_sends_is_refused_with_the_reason(rows: object, says: str) -> None:
    """Wrong types, NaN, negative, gigantic, out of order, too many: each is told apart."""
    with pytest.raises(MovementError, match=says):
        PointerStream(StreamLimits(rows=8)).read(rows)


def test_a_refused_message_leaves_no_trace_and_an_endless_stream_ends() -> None:
    """Order holds from message to message, a bad one counts for nothing, and the total is bounded."""
    stream = PointerStream(StreamLimits(rows=8, rows_in_all=5))
    stream.read([[100, 0, 0, 0]])
    with pytest.raises(MovementError):
        stream.read([[200, 0, 0, 1], [50, 0, 0, 1]])
    assert stream.read([[150, 0, 0, 0]])["kind"].tolist() == [Kind.MOVE]
    with pytest.raises(MovementError, match="earlier"):
        stream.read([[149, 0, 0, 0]])
    stream.read([[150, 0, 0, 0]] * 3)
    with pytest.raises(MovementError, match="5 in all"):
        stream.read([[150, 0, 0, 0]])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=30,
)


@given(st.lists(st.lists(st.floats() | st.integers(), min_size=4, max_size=4), max_size=6) | _JSON)
def test_whatever_comes_is_read_or_refused(untrusted: object) -> None:
    """Nothing but MovementError is ever raised, and times never decrease."""
    try:
        events = PointerStream().read(json.loads(json.dumps(untrusted)))
    except MovementError:
        return
    assert events.dtype == EVENT_DTYPE
    assert (np.diff(events["time_ms"]) >= 0).all()


def _session() -> Events:
    return synthetic.session(synthetic.hand(22), 30)


def test_a_browser_and_an_x_server_see_the_same_hand() -> None:
    """The same movement, told by a browser at another origin and time, makes the same windows."""
    events = _session()
    rows = rows_of(events, start_ms=0.0)
    stream = PointerStream()
    seen = np.concatenate([stream.read(rows[at : at + 100]) for at in range(0, len(rows), 100)])
    ours, theirs = extract(seen), extract(events)
    assert len(ours) == len(theirs) > 10
    np.testing.assert_allclose(ours.values, theirs.values, atol=1e-5)
