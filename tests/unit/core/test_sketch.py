"""The quantiser: exact within the tolerance, never outside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core.sketch import LONGEST_HOLD_MS, HoldScale
from mousegate.errors import BadInput

SCALE = HoldScale()
HOLDS = st.integers(0, LONGEST_HOLD_MS)
SCALES = st.builds(HoldScale, tolerance=st.integers(1, 200), crossover_ms=st.integers(50, 2000))


@given(SCALES, HOLDS, HOLDS)
def test_position_never_falls(scale: HoldScale, first_ms: int, second_ms: int) -> None:
    """A longer hold never lies before a shorter one."""
    shorter, longer = sorted((first_ms, second_ms))
    assert scale.position(shorter) <= scale.position(longer)


@given(SCALES)
def test_position_is_continuous_at_the_crossover(scale: HoldScale) -> None:
    """One more ms at the crossover moves the position by one at most."""
    at = scale.crossover_ms
    assert scale.position(at) == at
    assert scale.position(at + 1) - scale.position(at) in (0, 1)


def test_short_holds_are_linear_in_ms() -> None:
    """Below the crossover a position is the hold itself, so the tolerance is plus or minus 50 ms."""
    assert [SCALE.position(hold_ms) for hold_ms in (0, 1, 90, 300)] == [0, 1, 90, 300]


def test_long_holds_have_a_proportional_tolerance() -> None:
    """Above the crossover the tolerance is the same ratio everywhere: about a sixth."""
    for centre_ms in (600, 1200, 2400):
        offset = SCALE.offset(SCALE.position(centre_ms))
        own = SCALE.bin(centre_ms, offset)
        assert SCALE.bin(round(centre_ms * 1.17), offset) == own
        assert SCALE.bin(round(centre_ms * 1.20), offset) > own
        assert SCALE.bin(round(centre_ms / 1.17), offset) == own
        assert SCALE.bin(round(centre_ms / 1.20), offset) < own


@given(SCALES, HOLDS, HOLDS)
def test_a_bin_is_the_tolerance_and_nothing_else(scale: HoldScale, enrolled_ms: int, later_ms: int) -> None:
    """Two holds share a bin exactly when their positions differ by no more than the tolerance."""
    offset = scale.offset(scale.position(enrolled_ms))
    near = abs(scale.position(later_ms) - scale.position(enrolled_ms)) <= scale.tolerance
    assert (scale.bin(later_ms, offset) == scale.bin(enrolled_ms, offset)) is near


@given(SCALES, HOLDS)
def test_the_helper_is_a_position_within_a_bin(scale: HoldScale, hold_ms: int) -> None:
    """What is public is a number below the bin's width: it does not say which bin."""
    assert 0 <= scale.offset(scale.position(hold_ms)) < scale.step


@given(HOLDS, st.integers(-20, 40))
def test_the_helper_is_the_same_for_every_bin(hold_ms: int, bins: int) -> None:
    """Holds whole bins apart have the same helper, so it cannot tell them from one another."""
    centre = SCALE.position(hold_ms)
    assert SCALE.offset(centre) == SCALE.offset(centre + bins * SCALE.step)


@pytest.mark.parametrize(("tolerance", "crossover_ms"), [(0, 300), (1001, 300), (50, 0), (50, 70000)])
def test_a_scale_out_of_range_is_refused(tolerance: int, crossover_ms: int) -> None:
    """A stored scale that enrolment never writes is an error."""
    with pytest.raises(BadInput):
        HoldScale(tolerance, crossover_ms)


@given(SCALES, st.integers(-10, 3000))
def test_the_first_hold_at_a_position_is_the_first(scale: HoldScale, position: int) -> None:
    """The inverse of the scale gives the shortest hold that lies at or after a position."""
    hold_ms = scale.first_hold_ms(position)
    assert hold_ms > LONGEST_HOLD_MS or scale.position(hold_ms) >= position
    assert hold_ms == 0 or scale.position(hold_ms - 1) < position


@given(st.integers())
def test_any_hold_has_a_position(hold_ms: int) -> None:
    """Holds beyond either end count as that end."""
    assert 0 <= SCALE.position(hold_ms) <= SCALE.position(LONGEST_HOLD_MS)
