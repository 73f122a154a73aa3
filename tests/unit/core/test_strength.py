"""The strength of a rhythm is counted honestly."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mousegate.core.sketch import HoldScale
from mousegate.core.strength import POPULATION, guessing_bits

SCALE = HoldScale()


def bits(*holds_ms: int) -> float:
    """Return the strength of clicks held this long."""
    offsets = [SCALE.offset(SCALE.position(hold_ms)) for hold_ms in holds_ms]
    bins = [SCALE.bin(hold_ms, offset) for hold_ms, offset in zip(holds_ms, offsets, strict=True)]
    return guessing_bits(SCALE, offsets, bins)


def test_ordinary_clicks_are_worth_nothing() -> None:
    """Whoever clicks as everybody does is guessed at the first try."""
    assert bits(80, 80, 80, 80, 80, 80) == 0.0


def test_each_deliberate_hold_adds_strength() -> None:
    """One more long hold makes a rhythm harder to guess."""
    assert 0 < bits(80, 80, 900) < bits(80, 1500, 900) < bits(600, 1500, 900)


def test_more_clicks_never_weaken() -> None:
    """Adding a click cannot make a rhythm easier to guess."""
    assert bits(400, 900) <= bits(400, 900, 80) + 1e-9


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(20, 4000), min_size=2, max_size=12))
def test_strength_is_never_more_than_all_combinations(holds_ms: list[int]) -> None:
    """The guesses needed are at least one and at most every combination of bins up to 8 s."""
    most = math.ceil((SCALE.position(8000) + 1) / SCALE.step) + 1
    assert 0.0 <= bits(*holds_ms) <= len(holds_ms) * math.log2(most) + 1e-9


def test_a_two_click_rhythm_counts_as_by_hand() -> None:
    """Two holds of the likeliest and the third likeliest bin: the count agrees with enumerating all pairs."""
    offsets = [SCALE.offset(80), SCALE.offset(SCALE.position(900))]
    bins = [SCALE.bin(80, offsets[0]), SCALE.bin(900, offsets[1])]
    chances = [_chances(offset) for offset in offsets]
    right = chances[0][bins[0]] * chances[1][bins[1]]
    better = sum(a * b >= right for a in chances[0].values() for b in chances[1].values())
    assert 2 ** guessing_bits(SCALE, offsets, bins) == pytest.approx(better, abs=2)


def test_the_population_is_a_distribution() -> None:
    """Its cumulative probability rises from 0 to 1."""
    values = [POPULATION.below(hold_ms) for hold_ms in (0, 10, 80, 300, 1000, 65535)]
    assert values[0] == 0.0
    assert values == sorted(values)
    assert values[-1] == pytest.approx(1.0)


def _chances(offset: int) -> dict[int, float]:
    found: dict[int, float] = {}
    for hold_ms in range(8001):
        chance = POPULATION.below(hold_ms + 0.5) - POPULATION.below(hold_ms - 0.5)
        own = SCALE.bin(hold_ms, offset)
        found[own] = found.get(own, 0.0) + chance
    return found
