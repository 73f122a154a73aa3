"""Watching: what is gathered, compared and reported."""

import logging

import numpy as np
import pytest

from mousegate.capture import synthetic
from mousegate.core.events import Events, PointerDevice, empty_events
from mousegate.core.trust import ALARM_POINTS
from mousegate.daemon.desk import Look
from mousegate.daemon.monitor import NOTHING, Monitor
from mousegate.daemon.recognition import Score
from mousegate.errors import ModelError

SESSION = synthetic.session(synthetic.hand(1), 60)


def look(events: Events, synthetic_hand: bool = False, idle_s: float = 0.0) -> Look:
    """One look with a mouse."""
    return Look(events, PointerDevice.MOUSE, synthetic_hand, idle_s, locked=False)


def looks(session: Events = SESSION) -> list[Look]:
    """A session second by second."""
    seconds = (session["time_ms"] - session["time_ms"][0]) // 1000
    return [look(part) for part in np.split(session, np.flatnonzero(np.diff(seconds)) + 1)]


class Comparer:
    """Scores what it is told, and keeps what it was asked."""

    def __init__(self, llr: float | None) -> None:
        self.llr = llr
        self.asked: list[Events] = []
        self.error: ModelError | None = None

    def __call__(self, recordings: list[Events], device: PointerDevice) -> Score:
        if self.error is not None:
            raise self.error
        self.asked.extend(recordings)
        return Score(self.llr, 5.0, "me")


def watch(comparer: Comparer, times: int = 8) -> tuple[Monitor, list[str]]:
    """Feed the session several times over; return the monitor and the reasons of its anomalies."""
    monitor = Monitor(comparer, ALARM_POINTS["balanced"])
    reasons, now_s = [], 1000.0
    for day in range(times):
        for one in looks(synthetic.session(synthetic.hand(1), 60, seed=day)):
            now_s += 1
            anomaly = monitor.feed(one, now_s).anomaly
            if anomaly is not None:
                reasons.append(anomaly.reason)
                assert 1000.0 <= anomaly.since_s < anomaly.time_s == now_s
    return monitor, reasons


def test_every_event_is_compared_once() -> None:
    """Stretches follow one another without gap or overlap, each of at least five active seconds."""
    comparer = Comparer(3.0)
    watch(comparer, times=1)
    joined = np.concatenate(comparer.asked)
    assert np.array_equal(joined, SESSION[: len(joined)])
    assert len(comparer.asked) >= 5


def test_usual_movement_is_quiet_and_foreign_movement_is_one_anomaly() -> None:
    """Good scores raise nothing; bad ones raise one anomaly that names the reference, not a storm."""
    monitor, reasons = watch(Comparer(3.0))
    assert (reasons, monitor.trust) == ([], 1.0)
    monitor, reasons = watch(Comparer(-3.0))
    assert len(reasons) == 1 and "me" in reasons[0] and monitor.trust < 0.5


def test_failing_comparison_is_named_once_and_raises_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """A broken model is one line in the log, INCONCLUSIVE, and trust stays."""
    comparer = Comparer(None)
    comparer.error = ModelError("The model is missing.")
    with caplog.at_level(logging.WARNING):
        monitor, reasons = watch(comparer)
    assert (reasons, monitor.trust) == ([], 1.0)
    assert [record.message for record in caplog.records] == ["The model is missing."]


def test_programs_are_not_compared() -> None:
    """Movement of programs is left out, with what was gathered around it."""
    comparer = Comparer(-3.0)
    monitor = Monitor(comparer, ALARM_POINTS["balanced"])
    for one in looks():
        monitor.feed(look(one.events, synthetic_hand=True), 1.0)
    assert comparer.asked == []


def test_idle_time_lets_trust_grow_stale() -> None:
    """While nobody moves trust falls, but not to where an anomaly is."""
    monitor = Monitor(Comparer(3.0), ALARM_POINTS["balanced"])
    for hour in range(10):
        assert monitor.feed(look(empty_events(), idle_s=3600.0), 3600.0 * hour) == NOTHING
    assert 0.5 < monitor.trust < 1.0


def test_what_cannot_be_compared_is_named_once(caplog: pytest.LogCaptureFixture) -> None:
    """With a model that was swapped every comparison is INCONCLUSIVE: one line, and no anomaly."""
    monitor, reasons = watch(Comparer(None), times=4)
    assert (reasons, monitor.trust) == ([], 1.0)
    assert len(caplog.records) == 1 and "enrol again" in caplog.text


def test_clock_steps_and_suspend_raise_nothing() -> None:
    """A year forward, a year back and a night of suspend between stretches: usual movement stays usual."""
    monitor, now_s = Monitor(Comparer(3.0), ALARM_POINTS["strict"]), 1e9
    for step_s in (0.0, 3e7, -3e7, 3e4):
        now_s += step_s
        for one in looks(synthetic.session(synthetic.hand(1), 60, seed=int(abs(step_s)) + (step_s < 0))):
            now_s += 1
            assert monitor.feed(one, now_s).anomaly is None
    assert monitor.trust > 0.9


def test_backward_clock_changes_nothing() -> None:
    """A wall clock that jumps back neither raises nor breaks anything."""
    monitor = Monitor(Comparer(3.0), ALARM_POINTS["balanced"])
    for now_s in (1e9, 5.0, 2e9):
        monitor.feed(look(empty_events(), idle_s=1.0), now_s)
    assert monitor.trust == 1.0
