"""A reference follows a hand that drifts, can be reverted, and lets nobody creep in.

The real model, synthetic hands, and the whole path of monitor, service, learner and store.
"""

import json
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from mousegate.capture import synthetic
from mousegate.capture.synthetic import HandTraits
from mousegate.cli.__main__ import cli
from mousegate.core.events import Events, PointerDevice, empty_events
from mousegate.core.trust import ALARM_POINTS
from mousegate.daemon.desk import Look
from mousegate.daemon.learning import LearningRules
from mousegate.daemon.locker import Done
from mousegate.daemon.monitor import Monitor
from mousegate.daemon.recognition import Recognition
from mousegate.daemon.service import Service
from mousegate.daemon.state import Anomaly, Listener
from mousegate.errors import BadInput, NotEnrolled
from mousegate.storage.store import Store
from tests.bus.conftest import OWNER_SEED, STRANGER_SEED

DAYS = 8
DAY_S = 180.0
HASTY = LearningRules(stretch_s=80.0, quarantine_s=20.0)


def between(start: HandTraits, end: HandTraits, share: float) -> HandTraits:
    """Return the hand that is so far on the way from one to another."""
    names = [field.name for field in fields(HandTraits)]
    return HandTraits(
        **{name: (1 - share) * getattr(start, name) + share * getattr(end, name) for name in names}
    )


class NoScreen:
    """Never locks by itself."""

    def lock(self, done: Done) -> None:
        """Say so."""
        done(None)


class Life(Listener):
    """An enrolled person's days, each begun by an unlock with both factors."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.recognition = Recognition(directory)
        self.monitor = Monitor(self.recognition.score, ALARM_POINTS["balanced"])
        self.service = Service(self.recognition, NoScreen(), self.monitor, learning=HASTY)
        self.service.renewed = lambda since_s: True
        self.service.add_listener(self)
        self.now_s, self.day, self.clock_ms = 1e6, 0, 0
        self.anomalies: list[Anomaly] = []
        self.learned: list[str] = []
        enrolment = synthetic.session(synthetic.hand(OWNER_SEED), 180, seed=1000)
        self.recognition.enrol("me", [enrolment], PointerDevice.MOUSE)

    def anomaly(self, anomaly: Anomaly) -> None:
        """Hear."""
        self.anomalies.append(anomaly)

    def noted(self, kind: str, detail: str) -> None:
        """Hear."""
        self.learned.append(detail)

    def see(self, events: Events, locked: bool = False) -> None:
        """Let a second pass."""
        self.now_s += 1
        self.service.see(Look(events, PointerDevice.MOUSE, False, 0.0, locked), self.now_s, self.now_s)

    def unlock(self) -> None:
        """Lock and unlock with both factors, an hour later."""
        self.now_s += 3600
        self.see(empty_events(), locked=True)
        self.see(empty_events())

    def work(self, hand: HandTraits, duration_s: float = DAY_S) -> None:
        """Let a hand move."""
        self.day += 1
        session = synthetic.session(hand, duration_s, seed=self.day)
        session["time_ms"] += self.clock_ms
        self.clock_ms = int(session["time_ms"][-1]) + 1000
        seconds = (session["time_ms"] - session["time_ms"][0]) // 1000
        for part in np.split(session, np.flatnonzero(np.diff(seconds)) + 1):
            self.see(part)

    def score(self, hand: HandTraits) -> float:
        """Return the median score of a hand's stretches now."""
        session = synthetic.session(hand, 60, seed=77)
        parts = np.array_split(session, 8)
        llrs = [self.recognition.score([part], PointerDevice.MOUSE).llr for part in parts]
        return float(np.median([llr for llr in llrs if llr is not None]))

    def revisions(self) -> list[str]:
        """Return the origins of what is stored."""
        store = Store.open(self.directory)
        assert store is not None
        with store:
            return [one.origin for one in store.revisions.history("me")]


@pytest.fixture
def life(tmp_path: Path) -> Life:
    """A person with a reference of three minutes."""
    return Life(tmp_path / "person")


def test_a_drifting_hand_stays_recognised_and_an_impostor_does_not_creep_in(life: Life) -> None:
    """Over days the reference follows the owner's hand a third of the way to another's, without an alarm; a
    stranger who sits down after the owner's unlock raises one, and is not learned.
    """
    owner, stranger = synthetic.hand(OWNER_SEED), synthetic.hand(STRANGER_SEED)
    drifted = between(owner, synthetic.hand(31), 0.35)
    before = life.score(drifted)
    for day in range(DAYS):
        life.unlock()
        life.work(between(owner, synthetic.hand(31), 0.35 * (day + 1) / DAYS))
    assert life.anomalies == []
    assert len(life.learned) >= DAYS - 2
    assert life.score(drifted) > before
    known, strange = len(life.learned), life.score(stranger)
    for _ in range(4):
        life.unlock()
        life.work(stranger)
    assert len(life.anomalies) >= 2
    assert len(life.learned) == known
    assert life.score(stranger) == pytest.approx(strange) and strange < 0 < life.score(drifted)


def test_what_was_learned_is_kept_with_where_it_came_from_and_can_be_reverted(life: Life) -> None:
    """Each revision has its origin; reverting gives back exactly the earlier scores."""
    owner = synthetic.hand(OWNER_SEED)
    enrolled = life.score(owner)
    for _ in range(3):
        life.unlock()
        life.work(owner)
    assert life.revisions() == ["enrolled", "trusted", "trusted", "trusted"]
    store = Store.open(life.directory)
    assert store is not None
    with store:
        numbers = [one.number for one in store.revisions.history("me")]
        assert [one.current for one in store.revisions.history()] == [False, False, False, True]
        with pytest.raises(BadInput):
            store.revisions.revert("me", 999)
        assert store.revisions.revert("me").number == numbers[2]
        assert store.revisions.revert("me", numbers[0]).number == numbers[0]
    assert life.score(owner) == pytest.approx(enrolled)
    with Store.create(life.directory) as store:
        store.references.delete("me")
        assert store.revisions.history() == []
        with pytest.raises(NotEnrolled):
            store.revisions.revert("me")


def test_history_and_revert_from_the_command_line(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """`mousegate references history` lists what was learned, `revert` forgets the last of it."""
    life.unlock()
    life.work(synthetic.hand(OWNER_SEED))
    monkeypatch.setenv("XDG_DATA_HOME", str(life.directory.parent))
    life.directory.rename(life.directory.parent / "mousegate")
    runner = CliRunner()
    listed = runner.invoke(cli, ["references", "history", "--json"])
    assert [one["origin"] for one in json.loads(listed.output)] == ["enrolled", "trusted"]
    assert "trusted" in runner.invoke(cli, ["references", "history", "me"]).output
    assert runner.invoke(cli, ["references", "revert", "me"]).exit_code == 0
    assert [
        one["origin"] for one in json.loads(runner.invoke(cli, ["references", "history", "--json"]).output)
    ] == ["enrolled"]
