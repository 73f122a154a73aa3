"""Leakage controls: how well people are told apart by what is not their hand (data README, "The machine
leaks").
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events
from mousegate.core.holds import enrol_holds, hold_evidence, hold_histogram, hold_times
from mousegate.core.manifest import Cohort
from mousegate.training.backend import probes
from mousegate.training.metrics import TrialScores
from mousegate.training.protocol import Person
from mousegate.training.scales import Measured

Describe = Callable[[Events], NDArray[np.float64]]
_INTERVAL_BINS = np.array([0, 2, 4, 6, 7, 8, 9, 10, 12, 14, 15, 16, 17, 18, 20, 24, 30, 40, 60, 120, 1e9])


def intervals(events: Events) -> NDArray[np.float64]:
    """Return the histogram of inter-event intervals: the clock, with no behaviour in it."""
    counts, _ = np.histogram(np.diff(events["time_ms"]), _INTERVAL_BINS)
    return np.asarray(np.sqrt(counts / max(counts.sum(), 1)))


def screen(events: Events) -> NDArray[np.float64]:
    """Return the largest x and y in units of 1000 px: the screen."""
    return np.array([events["x"].max(), events["y"].max()], np.float64) / 1000.0


def compare(people: Sequence[Person], describe: Describe, duration_s: float) -> TrialScores:
    """Score probes by how near their description is to the enrolment's (negative Euclidean distance)."""
    known = [describe(np.concatenate(person.enrol)) for person in people]
    rows = [
        (claimed, moved, -float(np.linalg.norm(describe(events) - known[claimed])))
        for moved, person in enumerate(people)
        for events in probes(person, duration_s)
        if len(events) > 2
        for claimed in range(len(people))
        if people[claimed].dataset == person.dataset
    ]
    return _trials(rows)


def compare_holds(people: Sequence[Person], cohort: Cohort, duration_s: float) -> TrialScores:
    """Score probes by natural click-hold times alone."""
    known = [
        enrol_holds(np.concatenate([hold_times(events) for events in person.enrol]), cohort.holds_ms)
        for person in people
    ]
    rows = [
        (claimed, moved, hold_evidence(known[claimed], hold_histogram(holds_ms), len(holds_ms)))
        for moved, person in enumerate(people)
        for events in probes(person, duration_s)
        for holds_ms in [hold_times(events)]
        for claimed in range(len(people))
        if people[claimed].dataset == person.dataset
    ]
    return _trials(rows)


def closest_machines(people: Sequence[Person], measured: Measured, nearest: int = 5) -> Measured:
    """Keep only the impostors whose clock and screen are among the `nearest` to the claimed person's.

    This is the lock screen's case as nearly as recordings from many machines allow.
    """
    described = np.stack(
        [
            np.concatenate([intervals(np.concatenate(person.enrol)), screen(np.concatenate(person.enrol))])
            for person in people
        ]
    )
    apart = np.linalg.norm(described[:, None] - described[None], axis=2)
    foreign = np.array([[one.dataset != two.dataset for two in people] for one in people])
    apart[foreign] = np.inf
    rank = np.argsort(np.argsort(apart, axis=1), axis=1)
    trials = measured.trials
    kept = rank[trials.reference, trials.person] <= nearest
    fewer = TrialScores(trials.reference[kept], trials.person[kept], trials.score[kept])
    return replace(measured, trials=fewer, active_s=measured.active_s[kept])


def _trials(rows: Sequence[tuple[int, int, float]]) -> TrialScores:
    table = np.array(rows, np.float64).reshape(-1, 3)
    return TrialScores(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])
