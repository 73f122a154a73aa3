"""Recordings are cut into strokes, and a stroke keeps its hand when it gets other endpoints."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.capture.strokes import closest, joined, retarget, strokes
from mousegate.capture.synthetic import click, hand, session, stroke
from mousegate.core.events import Events, Kind, empty_events

RNG = np.random.default_rng(1)


def reach(start: tuple[int, int], end: tuple[int, int], start_ms: int, button: int = 1) -> Events:
    """A synthetic reach and its click."""
    moves = stroke(hand(1), start, end, np.random.default_rng(5), start_ms)
    pressed_ms = int(moves["time_ms"][-1]) + 80
    return np.concatenate([moves, click(hand(1), end, np.random.default_rng(6), pressed_ms, button=button)])


def test_each_point_and_click_is_a_stroke() -> None:
    """A stroke begins after the click before it and ends with its own release."""
    first = reach((100, 100), (500, 300), 1000)
    second = reach((500, 300), (200, 600), int(first["time_ms"][-1]) + 900)
    found = strokes(np.concatenate([first, second]))
    assert [piece.tolist() for piece in found] == [first.tolist(), second.tolist()]


def test_a_pause_begins_a_new_stroke() -> None:
    """Movement before a rest belongs to no click."""
    wandering = stroke(hand(1), (0, 0), (400, 400), np.random.default_rng(2))
    aimed = reach((400, 400), (800, 100), int(wandering["time_ms"][-1]) + 2000)
    (found,) = strokes(np.concatenate([wandering, aimed]))
    assert found.tolist() == aimed.tolist()


def test_only_the_wanted_button_makes_strokes() -> None:
    """A right click is a stroke only for who asks for right clicks."""
    events = reach((100, 100), (500, 300), 0, button=3)
    assert strokes(events) == []
    assert len(strokes(events, button=3)) == 1


def test_twitches_and_clicks_on_the_spot_make_no_stroke() -> None:
    """A double click's second click, and nothing at all, yield nothing to aim with."""
    once = reach((100, 100), (500, 300), 0)
    again = click(hand(1), (500, 300), RNG, int(once["time_ms"][-1]) + 100)
    assert len(strokes(np.concatenate([once, again]))) == 1
    assert strokes(again) == []
    assert strokes(empty_events()) == []


PLACES = st.tuples(st.integers(-2000, 4000), st.integers(-2000, 4000))


@given(start=PLACES, end=PLACES, start_ms=st.integers(0, 10**9))
def test_a_retargeted_stroke_goes_from_start_to_end(
    start: tuple[int, int], end: tuple[int, int], start_ms: int
) -> None:
    """It begins at the start, clicks at the end, and keeps every interval."""
    original = reach((100, 100), (500, 300), 1000)
    turned = retarget(original, start, end, start_ms)
    assert turned[["x", "y"]][0].tolist() == start
    assert turned[["x", "y"]][-2].tolist() == turned[["x", "y"]][-1].tolist() == end
    assert turned["time_ms"][0] == start_ms
    assert np.diff(turned["time_ms"]).tolist() == np.diff(original["time_ms"]).tolist()


def test_shifting_alone_changes_no_shape() -> None:
    """With the same vector the path is the same, only elsewhere."""
    original = reach((100, 100), (500, 300), 0)
    shifted = retarget(original, (110, 90), (510, 290))
    assert (shifted["x"] - original["x"] == 10).all()
    assert (shifted["y"] - original["y"] == -10).all()


def test_the_closest_stroke_needs_least_turning() -> None:
    """Of strokes in all directions the one that already leads the right way is taken."""
    directions = [(600, 300), (300, 600), (0, 300), (300, 0)]
    candidates = [reach((300, 300), end, 0) for end in directions]
    found = closest(candidates, (10, 500), (400, 510), RNG, among=1)
    assert found.tolist() == candidates[0].tolist()
    with pytest.raises(ValueError, match="empty"):
        closest([], (0, 0), (1, 1), RNG)


def test_joined_pieces_never_go_back_in_time() -> None:
    """Pieces keep their inner timing and follow one another."""
    piece = reach((100, 100), (500, 300), 1000)
    whole = joined([piece, piece, empty_events()])
    assert len(whole) == 2 * len(piece)
    assert (np.diff(whole["time_ms"]) >= 0).all()
    assert len(joined([])) == 0


def test_a_session_is_mostly_strokes() -> None:
    """Nearly every click of a person who points and clicks is found again as a stroke."""
    events = session(hand(2), 60, seed=3)
    presses = int((events["kind"] == Kind.PRESS).sum())
    assert len(strokes(events)) > 0.5 * presses
