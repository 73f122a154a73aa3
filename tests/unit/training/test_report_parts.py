"""The parts of the report that need no model: controls, stretches, the page."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mousegate.core.events import Kind
from mousegate.core.manifest import OperatingCurve, Trend
from mousegate.errors import BadInput
from mousegate.training import controls
from mousegate.training.attempts import BEATS, attempt, mover
from mousegate.training.backend import probes
from mousegate.training.lockreport import opened
from mousegate.training.metrics import TrialScores
from mousegate.training.page import Page
from mousegate.training.protocol import (
    SHARED_TICK_MS,
    Person,
    disguise,
    is_development,
    is_training,
    on_one_machine,
    stretch,
    stretch_s,
    without_idle,
)
from mousegate.training.scales import UNCALIBRATED, Measured
from tests.unit.training.synthetic import person_moves


def made(person: int) -> Person:
    """Return a made-up person with a minute to enrol and half a minute to probe."""
    return Person(f"made/{person}", (person_moves(person, 0),), (person_moves(person, 1, 30.0),))


def test_nobody_trains_and_judges() -> None:
    """No person both trains and sets thresholds, and people kept for judging do neither."""
    for number in range(1, 121):
        name = f"sapimouse/user{number}"
        assert is_training(name) + is_development(name) == (1 if number <= 72 else 0)
    assert is_development("balabit/user21") and not is_training("balabit/user21")


def test_stretch_counts_from_the_first_event() -> None:
    """A stretch holds the events of its seconds, and without a duration all that follow."""
    events = person_moves(0, 0)
    part = stretch(events, 5.0, 10.0)
    assert part["time_ms"][0] - events["time_ms"][0] >= 5000
    assert stretch_s(part) <= 10.0
    assert len(stretch(events, 0.0, None)) == len(events)
    assert len(stretch(events, 1e6, 5.0)) == 0


def test_idle_time_is_taken_out() -> None:
    """An hour's pause is bounded, so that durations mean movement."""
    events = person_moves(0, 0, 10.0)
    before = stretch_s(events)
    events["time_ms"][200:] += 3_600_000
    assert stretch_s(without_idle(events)) <= before + 1.0


def test_probes_are_as_many_as_fit_a_minute() -> None:
    """Everybody gives the same number of probes of a duration, however much there is of him."""
    assert len(probes(made(0), 5.0)) <= 12
    assert len(probes(made(0), 15.0)) <= 4
    assert probes(made(0), 300.0) == []


def test_disguise_hides_clock_and_screen() -> None:
    """Under altered clock and screen no two recordings share a screen; the same seed alters alike."""
    people = [made(number) for number in range(4)]
    other = [disguise(person, 1) for person in people]
    assert (controls.screen(other[0].enrol[0]) != controls.screen(other[0].probes[0])).any()
    np.testing.assert_array_equal(disguise(people[0], 1).enrol[0], other[0].enrol[0])


def test_controls_score_every_pair() -> None:
    """Each control compares every probe with every reference."""
    people = [made(number) for number in range(3)]
    count = sum(len(probes(person, 10.0)) for person in people)
    for describe in (controls.intervals, controls.screen):
        trials = controls.compare(people, describe, 10.0)
        assert len(trials.mated) == count
        assert len(trials.non_mated) == 2 * count


def test_closest_machines_keep_mated_trials() -> None:
    """Limiting impostors leaves every mated trial and at most as many impostors as asked."""
    people = [made(number) for number in range(4)]
    reference, person = (grid.ravel() for grid in np.meshgrid(np.arange(4), np.arange(4)))
    measured = Measured(10.0, TrialScores(reference, person, np.zeros(16)), np.full(16, 10.0))
    fewer = controls.closest_machines(people, measured, nearest=1).trials
    assert len(fewer.mated) == 4
    assert len(fewer.non_mated) == 4


def test_page_escapes_and_writes_both_forms(tmp_path: Path) -> None:
    """The page is self-contained HTML with its text escaped, and Markdown beside it."""
    page = Page("a <b>")
    page.heading("h & h")
    page.table(["x"], [["<1>"]])
    page.write(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    assert "a &lt;b&gt;" in text and "&lt;1&gt;" in text and "http" not in text
    assert "| <1> |" in (tmp_path / "report.md").read_text()
    with pytest.raises(BadInput, match="name another file"):
        page.write(tmp_path / "nowhere" / "report.html")


def test_tries_are_counted_in_the_order_made() -> None:
    """One of three attempts that passes opens; each person's attempts are grouped by themselves."""
    scale = replace(UNCALIBRATED, curves=(OperatingCurve("eer", Trend(0.5), Trend(0.0), Trend(0.0)),))
    passed = {(0, 0): [1, 0, 0, 0, 0, 0], (0, 1): [0, 0, 0, 0, 0, 1], (1, 1): [1] * 6, (1, 0): [0] * 6}
    rows = [(claimed, moved, score) for (claimed, moved), scores in passed.items() for score in scores]
    table = np.array(rows)
    trials = TrialScores(table[:, 0], table[:, 1], table[:, 2].astype(np.float64))
    found = opened(Measured(8.0, trials, np.full(len(rows), 10.0)), scale, "eer")
    assert (found.own, found.own_tries) == (7 / 12, 3 / 4)
    assert (found.other, found.other_tries) == (1 / 12, 1 / 4)


def test_attempts_hold_no_clicks_and_no_gap() -> None:
    """An attempt is movement alone in rising time, through the screen's targets, as long as asked before."""
    hand = mover([person_moves(1, 0)])
    assert hand is not None
    for wander_s in (0.0, 4.0):
        made = attempt(hand, wander_s, np.random.default_rng(0))
        assert (made["kind"] == Kind.MOVE).all()
        assert (np.diff(made["time_ms"]) >= 0).all()
        for (x, y), _ in BEATS:
            assert ((made["x"] == x) & (made["y"] == y)).any()
        reached = int(np.flatnonzero((made["x"] == BEATS[0][0][0]) & (made["y"] == BEATS[0][0][1]))[0])
        assert made["time_ms"][reached] >= 1000 * (wander_s - 0.5)
    assert mover([person_moves(1, 0)[:50]]) is None


def test_one_machine_has_one_clock() -> None:
    """On one machine everybody's events come at multiples of the shared tick after each other."""
    shared = [on_one_machine(made(number), 1) for number in range(2)]
    for person in shared:
        gaps = np.diff(person.probes[0]["time_ms"])
        assert (gaps % SHARED_TICK_MS <= 1).mean() + (
            gaps % SHARED_TICK_MS >= SHARED_TICK_MS - 1
        ).mean() > 0.95
