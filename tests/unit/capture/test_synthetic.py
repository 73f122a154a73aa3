"""Synthetic people are like themselves, unlike one another, and move as hands do."""

import numpy as np
import pytest

from mousegate.capture.synthetic import HandTraits, click, hand, session, stroke
from mousegate.core.attack import machine_straight
from mousegate.core.clicks import pair
from mousegate.core.events import EVENT_DTYPE, Events, Kind


def test_a_seed_is_a_person() -> None:
    """The same seed gives the same traits, another seed others."""
    assert hand(4) == hand(4)
    assert hand(4) != hand(5)


def test_the_same_session_can_be_had_again() -> None:
    """Sessions are reproducible from person and seed, and differ between seeds."""
    first = session(hand(1), 5, seed=1)
    assert first.tolist() == session(hand(1), 5, seed=1).tolist()
    assert first.tolist() != session(hand(1), 5, seed=2).tolist()


@pytest.mark.parametrize("seed", range(6))
def test_a_session_is_a_valid_recording(seed: int) -> None:
    """Times never decrease, the pointer stays on the screen, and every press has its release."""
    events = session(hand(seed), 20, (1024, 700), seed)
    assert events.dtype == EVENT_DTYPE
    assert (np.diff(events["time_ms"]) >= 0).all()
    assert 0 <= events["x"].min() <= events["x"].max() < 1024
    assert 0 <= events["y"].min() <= events["y"].max() < 700
    assert pair(events).unmatched == 0
    assert 19_000 < events["time_ms"][-1] < 30_000


def test_a_stroke_ends_on_its_target() -> None:
    """The last move is exactly where the hand aimed, at any distance; moves are strictly moves."""
    for end in ((900, 20), (101, 100), (100, 100)):
        moves = stroke(hand(3), (100, 100), end, np.random.default_rng(0), 500)
        assert (moves["x"][-1], moves["y"][-1]) == end
        assert moves["time_ms"][0] >= 500
        assert (moves["kind"] == Kind.MOVE).all()


def test_speed_is_bell_shaped() -> None:
    """A reach is fastest on its way, not at its ends (Flash & Hogan 1985)."""
    moves = stroke(hand(2), (50, 50), (1100, 600), np.random.default_rng(3))
    path = moves["x"] + 1j * moves["y"]
    thirds = np.array_split(np.abs(np.diff(path)), 3)
    assert max(thirds[0].mean(), thirds[1].mean()) > 3 * thirds[2].mean()


def test_longer_reaches_take_longer() -> None:
    """Duration grows with the logarithm of the distance (Fitts' law)."""

    def lasts_ms(reach_px: int) -> float:
        strokes = (stroke(hand(6), (0, 0), (reach_px, 0), np.random.default_rng(i)) for i in range(40))
        return float(np.mean([moves["time_ms"][-1] for moves in strokes]))

    assert lasts_ms(60) < lasts_ms(240) < lasts_ms(960)


def test_intended_holds_are_met_within_the_persons_jitter() -> None:
    """A deliberate hold is about as long as meant, short or long."""
    rng = np.random.default_rng(0)
    for hold_ms in (60, 200, 900):
        events = [click(hand(8), (5, 5), rng, 0, hold_ms=hold_ms) for _ in range(50)]
        held = [int(piece["time_ms"][1]) for piece in events]
        assert abs(np.mean(held) - hold_ms) < 10
        assert np.std(held) < 25


def traits_of(events: Events) -> tuple[float, float]:
    """Median hold and clicks per minute of a session: enough to tell these hands apart."""
    presses = pair(events).presses
    minutes = float(events["time_ms"][-1]) / 60_000
    return float(np.median([press.hold_ms for press in presses])), len(presses) / minutes


def test_a_person_is_more_like_itself_than_like_others() -> None:
    """Between two sessions a person changes less than people differ."""
    first = np.array([traits_of(session(hand(i), 60, seed=1)) for i in range(10)])
    second = np.array([traits_of(session(hand(i), 60, seed=2)) for i in range(10)])
    within = np.abs(first - second).mean(axis=0)
    between = np.abs(first[:, None] - second[None, :]).mean(axis=(0, 1))
    assert (within < 0.5 * between).all()


def test_hands_are_not_taken_for_machines() -> None:
    """Synthetic people pass the test that scripts fail, in nearly every stretch of ten seconds."""
    flagged = [machine_straight(session(hand(i), 10, seed=i)) for i in range(24)]
    assert sum(flagged) <= 1


def test_traits_are_named_numbers() -> None:
    """A person can be made by hand as well as by seed."""
    traits = {name: getattr(hand(0), name) for name in HandTraits.__dataclass_fields__}
    assert HandTraits(**traits) == hand(0)
