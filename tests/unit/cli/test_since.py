"""Moments as people write them."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.cli.since import since
from mousegate.errors import UsageError

NOW = datetime(2026, 11, 23, 15, 0).timestamp()  # a Monday


def written(words: str) -> datetime:
    """Return what is meant on that Monday afternoon."""
    return datetime.fromtimestamp(since(words, NOW))


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("30m", datetime(2026, 11, 23, 14, 30)),
        ("1h30m", datetime(2026, 11, 23, 13, 30)),
        ("2 days", datetime(2026, 11, 21, 15, 0)),
        ("1 week and 1 day", datetime(2026, 11, 15, 15, 0)),
        ("90 minutes ago", datetime(2026, 11, 23, 13, 30)),
        ("today", datetime(2026, 11, 23)),
        ("Yesterday", datetime(2026, 11, 22)),
        ("monday", datetime(2026, 11, 23)),
        ("tuesday", datetime(2026, 11, 17)),
        ("2026-11-20", datetime(2026, 11, 20)),
        ("2026-11-20 14:30", datetime(2026, 11, 20, 14, 30)),
        ("2026-11-20T14:30:05", datetime(2026, 11, 20, 14, 30, 5)),
        ("14:30", datetime(2026, 11, 23, 14, 30)),
        ("16:00", datetime(2026, 11, 22, 16, 0)),
    ],
)
def test_people_are_understood(words: str, meant: datetime) -> None:
    """Spans, days, dates and times of day mean what they say, in local time."""
    assert written(words) == meant


@given(st.integers(0, 999_999), st.sampled_from("mhdw"))
def test_spans_are_exact(number: int, unit: str) -> None:
    """A number and a unit count back so many seconds."""
    assert (
        since(f"{number}{unit}", 1e12) == 1e12 - number * {"m": 60, "h": 3600, "d": 86400, "w": 604800}[unit]
    )


@pytest.mark.parametrize(
    "words", ["", "soon", "8", "8x", "-3d", "25:00", "2026-13-01", "2026-02-30", "٣d", "1h soon"]
)
def test_other_words_are_refused_with_a_hint(words: str) -> None:
    """Anything else says how to write it."""
    with pytest.raises(UsageError, match="write it as"):
        since(words, NOW)
