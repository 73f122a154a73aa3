"""Arming: only once what was enrolled has been seen to work."""

from pathlib import Path

from mousegate.cli import enrolment
from mousegate.cli.enrolment import Enrolment
from mousegate.core.probe import Probe
from mousegate.storage.config import Config
from mousegate.storage.store import Store
from tests.unit.people import MANIFEST, Person, reference

ME, STRANGER = Person(1), Person(8)


def finish(tmp_path: Path, probes: list[Probe], **settings: object) -> Enrolment:
    """Return what comes of enrolling ME, who rehearsed with these probes."""
    with Store.create(tmp_path / "mousegate") as store:
        config = Config(**settings)  # type: ignore[arg-type]
        enrolled = reference(ME, store.key)
        assert enrolled.motion is not None
        unlike = enrolment._is_unlike(enrolled.motion, probes, MANIFEST, store.key)
        return enrolment._finish(store, enrolled, config, arm=True, unlike=unlike)


def test_a_rehearsal_that_matches_arms(tmp_path: Path) -> None:
    """One probe out of five that matches is one successful verification."""
    probes = [ME.probe()] + [ME.probe(windows=0, active_s=0.0)] * 4
    made = finish(tmp_path, probes)
    assert (made.armed, made.unlike, len(made.codes)) == (True, False, 8)


def test_a_rehearsal_that_never_matches_does_not(tmp_path: Path) -> None:
    """Movement that is not the enrolled one leaves the lock unarmed, and says what to do."""
    made = finish(tmp_path, [STRANGER.probe() for _ in range(5)])
    assert (made.armed, made.unlike, made.codes) == (False, True, ())
    assert "--record 180" in " ".join(made.lines())


def test_rehearsals_too_short_to_compare_arm(tmp_path: Path) -> None:
    """The rhythm was verified; movement too short to compare says nothing against it."""
    assert finish(tmp_path, [ME.probe(windows=0, active_s=0.0)] * 5).armed is True


def test_movement_does_not_matter_to_policy_rhythm(tmp_path: Path) -> None:
    """Under `rhythm` another hand's movement is no reason not to arm."""
    assert finish(tmp_path, [STRANGER.probe() for _ in range(5)], policy="rhythm").armed is True


def test_a_weak_rhythm_is_said_to_be(tmp_path: Path) -> None:
    """Few bits come with advice; many do not."""
    made = finish(tmp_path, [])
    assert made.reference.rhythm is not None
    assert made.reference.rhythm.strength_bits > enrolment.WEAK_BITS
    assert not any("weak" in line for line in made.lines())
