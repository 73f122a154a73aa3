"""Columns of events keep their promises."""

import numpy as np
import pytest

from mousegate.core.events import EVENT_DTYPE, Kind, empty_events, from_columns


def test_no_events_have_the_layout_of_events() -> None:
    """Zero events can be joined with others."""
    assert empty_events().dtype == EVENT_DTYPE
    assert len(np.concatenate([empty_events(), empty_events()])) == 0


def test_columns_come_back_by_name() -> None:
    """Each column lands under its own name."""
    ones = np.ones(2)
    events = from_columns(5 * ones, Kind.PRESS * ones, 3 * ones, -7 * ones, 9 * ones)
    assert events[1].tolist() == (5, Kind.PRESS, 3, -7, 9)


def test_columns_of_different_length_are_refused() -> None:
    """A short column is an error, not a repetition."""
    with pytest.raises(ValueError, match="broadcast"):
        from_columns(np.arange(3), np.zeros(3), np.zeros(3), np.zeros(2), np.zeros(3))
