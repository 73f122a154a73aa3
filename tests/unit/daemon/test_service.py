"""The service without bus, X or model."""

import numpy as np
import pytest

from mousegate.bus.errors import ClaimedError, NoActionError, RefusedError, error_from, name_of
from mousegate.capture import synthetic
from mousegate.core.decision import Decision
from mousegate.core.events import Events, PointerDevice, empty_events
from mousegate.core.reference import Reference
from mousegate.core.trust import ALARM_POINTS
from mousegate.daemon.desk import Look
from mousegate.daemon.locker import Done
from mousegate.daemon.monitor import Monitor
from mousegate.daemon.recognition import Score
from mousegate.daemon.service import Service
from mousegate.daemon.state import Anomaly, Listener, State
from mousegate.errors import (
    BadInput,
    FailureToEnrol,
    GrabError,
    MousegateError,
    NotEnrolled,
    StoreError,
    UsageError,
)
from tests.unit.people import Person, reference


class FakeLibrary:
    """One enrolled person, and scores as told."""

    def __init__(self) -> None:
        self.people = [reference(Person(1), bytes(32))]
        self.llr: float | None = 3.0
        self.decision = Decision.MATCH
        self.enrolled: list[str] = []
        self.learned: list[tuple[str, str]] = []
        self.error: MousegateError | None = None

    def references(self) -> list[Reference]:
        """Return them, or fail."""
        if self.error is not None:
            raise self.error
        return self.people

    def comparable(self, device: PointerDevice) -> list[Reference]:
        """Return all."""
        return self.people

    def delete(self, label: str) -> int:
        """Delete all."""
        self.people = []
        return 1

    def score(self, recordings: list[Events], device: PointerDevice) -> Score:
        """Return what was told."""
        return Score(self.llr, 5.0, "me")

    def decide(self, score: Score, operating_point: str) -> Decision:
        """Return what was told."""
        return self.decision

    def enrol(self, label: str, recordings: list[Events], device: PointerDevice) -> Reference:
        """Keep the label, or fail once."""
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        self.enrolled.append(label)
        return self.people[0]

    def extend(
        self, label: str, recordings: list[Events], device: PointerDevice, origin: str, detail: str
    ) -> Reference:
        """Keep what was to be learned."""
        self.learned.append((label, origin))
        return self.people[0]


class FakeScreen:
    """Locks when told to."""

    def __init__(self) -> None:
        self.error: MousegateError | None = None

    def lock(self, done: Done) -> None:
        """Answer at once."""
        done(self.error)


class Ears(Listener):
    """Hears everything."""

    def __init__(self) -> None:
        self.results: list[tuple[str, bool]] = []
        self.anomalies: list[Anomaly] = []
        self.changes: list[frozenset[str]] = []
        self.facts: list[tuple[str, str]] = []

    def noted(self, kind: str, detail: str) -> None:
        """Hear."""
        self.facts.append((kind, detail))

    def enrol_status(self, result: str, done: bool) -> None:
        """Hear."""
        self.results.append((result, done))

    def verify_status(self, result: str, done: bool) -> None:
        """Hear."""
        self.results.append((result, done))

    def anomaly(self, anomaly: Anomaly) -> None:
        """Hear."""
        self.anomalies.append(anomaly)

    def state_changed(self, state: State, names: frozenset[str]) -> None:
        """Hear."""
        self.changes.append(names)


class Scene:
    """A service and what is around it, with a clock."""

    def __init__(self) -> None:
        self.library, self.screen, self.ears = FakeLibrary(), FakeScreen(), Ears()
        self.monitor = Monitor(self.library.score, ALARM_POINTS["strict"])
        self.service = Service(self.library, self.screen, self.monitor)
        self.service.add_listener(self.ears)
        self.now_s = 1000.0
        self.day = 0
        self.see(empty_events())

    def see(self, events: Events, locked: bool = False, synthetic_hand: bool = False) -> None:
        """Let a second pass."""
        self.now_s += 1
        look = Look(events, PointerDevice.MOUSE, synthetic_hand, 0.0, locked)
        self.service.see(look, self.now_s, self.now_s)

    def move(self, synthetic_hand: bool = False, locked: bool = False) -> None:
        """Let a person move for a minute and a half, otherwise than before."""
        self.day += 1
        session = synthetic.session(synthetic.hand(1), 90, seed=self.day)
        seconds = (session["time_ms"] - session["time_ms"][0]) // 1000
        for part in np.split(session, np.flatnonzero(np.diff(seconds)) + 1):
            self.see(part, locked, synthetic_hand)


@pytest.fixture
def scene() -> Scene:
    """A service that watches an enrolled person."""
    return Scene()


@pytest.mark.parametrize(
    ("decision", "result"), [(Decision.MATCH, "verify-match"), (Decision.NON_MATCH, "verify-no-match")]
)
def test_verify_ends_with_its_decision(scene: Scene, decision: Decision, result: str) -> None:
    """One status, done, and the claim is free."""
    scene.library.decision = decision
    scene.service.verify_start(":1.1")
    scene.move()
    assert scene.ears.results == [(result, True)]
    scene.service.verify_start(":1.2")


def test_inconclusive_asks_for_more_and_never_matches(scene: Scene) -> None:
    """It says so as often as it takes, and is not done."""
    scene.library.decision = Decision.INCONCLUSIVE
    scene.service.verify_start(":1.1")
    scene.move()
    assert len(scene.ears.results) > 2
    assert set(scene.ears.results) == {("verify-retry-more-movement", False)}


def test_programs_movement_is_no_match(scene: Scene) -> None:
    """Synthetic movement ends in verify-no-match."""
    scene.service.verify_start(":1.1")
    scene.move(synthetic_hand=True)
    assert scene.ears.results == [("verify-no-match", True)]


def test_enrolment_goes_in_stages(scene: Scene) -> None:
    """Five stages and the end; the reference has the label."""
    scene.service.enrol_start(":1.1", "left hand")
    scene.move()
    assert scene.ears.results == [("enrol-stage-passed", False)] * 5 + [("enrol-completed", True)]
    assert scene.library.enrolled == ["left hand"]


def test_failed_enrolment_goes_on(scene: Scene) -> None:
    """Movement that does not do asks for more; a broken store ends it."""
    scene.service.enrol_start(":1.1", "x")
    scene.library.error = None
    scene.library.enrol = _failing(FailureToEnrol("too little"))  # type: ignore[method-assign]
    scene.move()
    assert ("enrol-retry-more-movement", False) in scene.ears.results
    scene.library.enrol = _failing(StoreError("broken"))  # type: ignore[method-assign]
    scene.move()
    assert scene.ears.results[-1] == ("enrol-failed", True)


def _failing(error: MousegateError):  # type: ignore[no-untyped-def]
    def enrol(*_words: object) -> Reference:
        raise error

    return enrol


def test_nothing_is_enrolled_or_deleted_behind_a_lock(scene: Scene) -> None:
    """While locked EnrolStart and DeleteReference are refused, and an enrolment that ran ends."""
    scene.service.enrol_start(":1.1", "x")
    scene.see(empty_events(), locked=True)
    assert scene.ears.results == [("enrol-failed", True)]
    with pytest.raises(RefusedError):
        scene.service.enrol_start(":1.1", "x")
    with pytest.raises(RefusedError):
        scene.service.delete_reference("me")


def test_nobody_enrols_while_somebody_else_is_suspected(scene: Scene) -> None:
    """During an anomaly EnrolStart is refused."""
    scene.library.llr = -4.0
    scene.move()
    assert len(scene.ears.anomalies) == 1
    with pytest.raises(RefusedError):
        scene.service.enrol_start(":1.1", "intruder")


def test_lock_says_when_it_failed(scene: Scene) -> None:
    """Locked becomes true only when the screen is."""
    answers = list[MousegateError | None]()
    scene.screen.error = GrabError("held")
    scene.service.lock(answers.append)
    assert (scene.service.state.locked, type(answers[0])) == (False, GrabError)
    scene.screen.error = None
    scene.service.lock(answers.append)
    assert (scene.service.state.locked, answers[1]) == (True, None)


def test_trust_is_renewed_only_by_a_proven_unlock(scene: Scene) -> None:
    """After an unlock with both factors trust is full; after one with the password alone it is as before."""
    scene.library.llr = -4.0
    scene.move()
    low = scene.service.state.trust
    assert low < 0.5
    for proven, expected in ((False, low), (True, 1.0)):
        asked: list[float] = []

        def renewed(since_s: float, proven: bool = proven, asked: list[float] = asked) -> bool:
            asked.append(since_s)
            return proven

        scene.service.renewed = renewed
        locked_at_s = scene.now_s + 1
        scene.see(empty_events(), locked=True)
        scene.see(empty_events())
        assert asked == [locked_at_s]
        assert scene.service.state.trust == pytest.approx(expected, abs=0.01)


def test_a_login_with_the_signature_carries_its_trust_over(scene: Scene) -> None:
    """Without it nothing of a new session is learned from; after it what is trusted is, and it is noted."""
    for _ in range(6):
        scene.move()
    assert not scene.library.learned
    scene.service.prove()
    assert scene.service.state.trust == pytest.approx(1.0, abs=0.01)
    assert [kind for kind, _ in scene.ears.facts] == ["proved"]
    for _ in range(6):
        scene.move()
    assert scene.library.learned


def test_nothing_is_watched_while_paused_locked_or_without_references(scene: Scene) -> None:
    """Foreign movement in these states raises nothing, and Monitoring says so."""
    scene.library.llr = -4.0
    scene.service.pause(3600, scene.now_s)
    scene.move()
    scene.service.resume(scene.now_s)
    scene.move(locked=True)
    scene.see(empty_events())
    scene.library.people = []
    scene.move()
    assert not scene.service.state.monitoring
    assert scene.ears.anomalies == []


def test_a_pause_ends_by_itself(scene: Scene) -> None:
    """After its seconds the mouse is watched again."""
    scene.service.pause(5, scene.now_s)
    assert not scene.service.state.monitoring
    for _ in range(6):
        scene.see(empty_events())
    assert scene.service.state.monitoring


def test_broken_store_is_named_once_and_watching_stops(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """A store that cannot be read is one line in the log, no anomaly, and recovers."""
    scene.library.error = StoreError("the store is damaged")
    scene.move()
    assert caplog.text.count("the store is damaged") == 1
    assert not scene.service.state.monitoring and scene.ears.anomalies == []
    scene.library.error = None
    scene.see(empty_events())
    assert scene.service.state.monitoring


def test_claims_are_exclusive_and_die_with_their_owner(scene: Scene) -> None:
    """Another program can neither start nor stop; when the owner vanishes it can start."""
    scene.service.enrol_start(":1.1", "x")
    with pytest.raises(ClaimedError):
        scene.service.verify_start(":1.2")
    with pytest.raises(NoActionError):
        scene.service.enrol_stop(":1.2")
    scene.service.peer_vanished(":1.3")
    with pytest.raises(ClaimedError):
        scene.service.verify_start(":1.2")
    scene.service.peer_vanished(":1.1")
    scene.service.verify_start(":1.2")


def test_unfit_words_are_refused(scene: Scene) -> None:
    """Labels and pauses out of range, and verifying with nothing enrolled."""
    with pytest.raises(BadInput):
        scene.service.enrol_start(":1.1", "a\nb")
    with pytest.raises(UsageError):
        scene.service.pause(0, scene.now_s)
    scene.library.people = []
    with pytest.raises(NotEnrolled):
        scene.service.verify_start(":1.1")


def test_errors_keep_their_kind_over_the_bus() -> None:
    """Each exception comes back as itself; an unknown name is a MousegateError."""
    for error in (ClaimedError("x"), NotEnrolled("y"), GrabError("z")):
        back = error_from(name_of(error), str(error))
        assert type(back) is type(error) and str(back) == str(error)
    assert type(error_from("org.example.Unknown", "w")) is MousegateError
