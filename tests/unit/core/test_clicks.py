"""Presses are paired with their releases."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core.clicks import pair
from mousegate.core.events import Events, Kind, empty_events, from_columns

P, R, M = Kind.PRESS, Kind.RELEASE, Kind.MOVE


def rows(*items: tuple[int, Kind, int]) -> Events:
    """Events from (time_ms, kind, button)."""
    time_ms, kind, button = (np.array(column) for column in zip(*items, strict=True))
    return from_columns(time_ms, kind, button, 10 * time_ms, time_ms)


def test_a_click_has_its_hold_and_its_place() -> None:
    """Hold is release minus press; the place is that of the press."""
    (press,) = pair(rows((1, M, 0), (5, P, 1), (7, M, 0), (95, R, 1))).presses
    assert (press.button, press.press_ms, press.release_ms, press.hold_ms) == (1, 5, 95, 90)
    assert (press.x, press.y) == (50, 5)


def test_double_clicks_are_two_presses() -> None:
    """Both clicks of a double click count, with their own holds."""
    pairing = pair(rows((0, P, 1), (60, R, 1), (150, P, 1), (230, R, 1)))
    assert [press.hold_ms for press in pairing.presses] == [60, 80]


def test_chords_are_paired_per_button() -> None:
    """Overlapping presses of two buttons keep their own releases, ordered by press."""
    pairing = pair(rows((0, P, 1), (10, P, 3), (70, R, 1), (95, R, 3)))
    assert [(press.button, press.hold_ms) for press in pairing.presses] == [(1, 70), (3, 85)]
    assert pairing.unmatched == 0


def test_events_without_partner_are_left_out_and_counted() -> None:
    """A release first, a press last, and a press pressed over make no hold."""
    pairing = pair(rows((0, R, 1), (5, P, 1), (9, P, 1), (50, R, 1), (80, P, 1)))
    assert [press.hold_ms for press in pairing.presses] == [41]
    assert pairing.unmatched == 3


def test_wheel_steps_are_no_presses() -> None:
    """Buttons 4 to 7 are steps of the wheel."""
    assert pair(rows((0, P, 5), (0, R, 5))) == pair(empty_events())


@given(st.lists(st.tuples(st.integers(0, 50), st.sampled_from([P, R]), st.integers(1, 3)), max_size=40))
def test_every_button_event_is_paired_or_counted(items: list[tuple[int, Kind, int]]) -> None:
    """Nothing is lost or used twice, whatever the order."""
    events = rows(*sorted(items, key=lambda item: item[0])) if items else empty_events()
    pairing = pair(events)
    assert 2 * len(pairing.presses) + pairing.unmatched == len(events)
    assert all(press.hold_ms >= 0 for press in pairing.presses)
