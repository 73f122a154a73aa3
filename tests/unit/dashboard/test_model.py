"""What the pages show, from history and store."""

import math
from pathlib import Path

import numpy as np
import pytest

from mousegate.core.places import GRID
from mousegate.dashboard.model import Interval, Span, curves, enrolled, incidents, intervals, load
from mousegate.storage.history import Entry, Stretch, What
from mousegate.storage.store import Store
from tests.gui.week import HOT_SPOTS, Week
from tests.unit.people import Person, reference

NOW = 1_795_442_400.0


def entry(time_s: float, what: What, detail: str = "") -> Entry:
    """One entry."""
    return Entry(time_s, what, 0.5, detail)


def test_an_anomaly_gets_its_own_answer_and_lock() -> None:
    """The first of each before the next anomaly and within the hour; others belong to nobody."""
    first, second, third = incidents(
        [
            entry(0, What.ANSWER, "me"),
            Entry(10, What.ANOMALY, 0.4, "odd", 4.0),
            entry(12, What.ANSWER, "lock"),
            entry(13, What.LOCKED),
            entry(50, What.LOCKED),
            entry(60, What.ANOMALY),
            entry(70, What.ANOMALY),
            entry(70 + 3601, What.ANSWER, "me"),
        ]
    )
    assert (first.since_s, first.answer, first.answered_s, first.locked_s) == (4.0, "lock", 12, 13)
    assert (second.since_s, second.answer, second.locked_s) == (60, "", None)
    assert (third.answer, third.locked_s) == ("", None)


def test_intervals_end_with_the_daemon() -> None:
    """A lock ends with the unlock, or when the daemon stopped or started anew; the last may still last."""
    entries = [
        entry(1, What.LOCKED), entry(2, What.UNLOCKED), entry(3, What.LOCKED), entry(4, What.STARTED),
        entry(5, What.UNLOCKED), entry(6, What.LOCKED),
    ]  # fmt: skip
    found = intervals(entries, What.LOCKED, What.UNLOCKED)
    assert found == [Interval(1, 2), Interval(3, 4), Interval(6, None)]


def test_inconclusive_stretches_have_no_score() -> None:
    """They are NaN, and not among the compared; nothing at all is empty columns."""
    both = curves([Stretch(1, 1.5, 5, 1, 1.7), Stretch(2, None, 5, 0.9, 1.7)])
    assert both.compared.tolist() == [True, False] and math.isnan(both.llrs[1])
    assert len(curves([]).times_s) == 0


def test_nothing_is_there_before_the_first_day(tmp_path: Path) -> None:
    """An empty home is read without error, and reading makes no files."""
    past = load(tmp_path / "none", Span.ALL, NOW)
    assert (past.first_s, past.incidents, past.applications) == (None, (), ())
    assert past.begin_s == NOW
    assert not enrolled(tmp_path / "none") and not (tmp_path / "none").exists()


def test_enrolled_means_with_movement(tmp_path: Path) -> None:
    """A reference with movement counts."""
    with Store.create(tmp_path / "person") as store:
        store.references.put(reference(Person(1), store.key), "")
    assert enrolled(tmp_path / "person")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up working week that ends at NOW."""
    directory = tmp_path_factory.mktemp("week") / "person"
    Week(directory, NOW).write()
    return directory


def test_a_week_is_read(week: Path) -> None:
    """Every kind is there, in order, and the day is a part of the week."""
    day, whole = load(week, Span.DAY, NOW), load(week, Span.WEEK, NOW)
    assert len(whole.curves.times_s) > len(day.curves.times_s) > 100
    assert np.all(np.diff(whole.curves.times_s) >= 0)
    assert {one.answer for one in whole.incidents} >= {"lock", "me"}
    assert whole.locks and whole.pauses and whole.decisions
    assert {one.name for one in whole.applications} == set(HOT_SPOTS)
    assert whole.applications[0].cells.shape == (GRID, GRID)
    assert load(week, Span.ALL, NOW).begin_s == whole.first_s
