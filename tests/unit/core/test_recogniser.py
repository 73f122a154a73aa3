"""Enrolling and comparing by one object: which events count, which head compares, what rehearsals change."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from mousegate.core.events import Events, PointerDevice
from mousegate.core.manifest import Cohort, CohortWindows, Condition
from mousegate.core.motion import MotionReference, score
from mousegate.core.probe import Probe
from mousegate.core.recogniser import Recogniser
from mousegate.core.windows import extract, movement_alone
from mousegate.errors import FailureToEnrol
from tests.unit.people import DIMENSIONS, MANIFEST
from tests.unit.training.synthetic import person_moves

SECRET = bytes(range(32))


def embed(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Stand in for the network: mean and spread of each channel."""
    return np.concatenate([values.mean(axis=2), values.std(axis=2)], axis=1)


def cohort() -> Cohort:
    """Return ten made-up training people."""
    parts = [
        [embed(extract(events).values) for events in (moved, movement_alone(moved))]
        for moved in (person_moves(100 + person, 0, 30.0) for person in range(10))
    ]
    person = np.repeat(np.arange(10, dtype=np.int32), [len(part[0]) for part in parts])
    natural, lock = (np.concatenate([part[which] for part in parts]) for which in (0, 1))
    holds_ms = np.random.default_rng(0).uniform(60, 200, 400).astype(np.float32)
    return Cohort(CohortWindows(natural, person), CohortWindows(lock, person[: len(lock)]), holds_ms)


RECOGNISER = Recogniser(MANIFEST, embed, cohort)
ME, PROBED = person_moves(1, 0, 60.0), person_moves(1, 1, 30.0)
OTHER = person_moves(2, 1, 30.0)


@pytest.fixture(scope="module")
def enrolled() -> MotionReference:
    """Me, enrolled on a minute."""
    return RECOGNISER.enrol([ME], SECRET)


def lock_score(reference: MotionReference, events: Events) -> float:
    """Return the score of an attempt at the lock."""
    found = score(reference, RECOGNISER.lock_probe([events], PointerDevice.MOUSE), MANIFEST, SECRET)
    assert found is not None
    return found


def natural_score(reference: MotionReference, events: Events) -> float | None:
    """Return the score of ordinary use."""
    return RECOGNISER.score(reference, RECOGNISER.sample([events], Condition.NATURAL), SECRET)


def test_both_heads_tell_people_apart(enrolled: MotionReference) -> None:
    """Own movement scores above another's under either condition."""
    assert enrolled.condition is Condition.NATURAL
    own, other = (natural_score(enrolled, events) for events in (PROBED, OTHER))
    assert own is not None and other is not None
    assert own > other
    assert lock_score(enrolled, PROBED) > lock_score(enrolled, OTHER)


def test_clicks_do_not_count_at_the_lock(enrolled: MotionReference) -> None:
    """An attempt with its clicks and without them is the same probe; ordinary use is not."""
    bare = movement_alone(PROBED)
    assert lock_score(enrolled, PROBED) == lock_score(enrolled, bare)
    with_clicks, without = (natural_score(enrolled, events) for events in (PROBED, bare))
    assert with_clicks != without


def test_enrolling_without_clicks_compares_movement_alone() -> None:
    """Who never clicked while enrolling has no natural head, and is compared by the lock's, clicks or not."""
    made = RECOGNISER.enrol([movement_alone(ME)], SECRET)
    assert (made.natural, made.holds, made.condition) == (None, None, Condition.LOCK)
    clicked, bare = (
        RECOGNISER.score(made, RECOGNISER.sample([events], Condition.LOCK), SECRET)
        for events in (PROBED, movement_alone(PROBED))
    )
    assert clicked == bare is not None


def rehearsals(events: Events, count: int = 5) -> list[Probe]:
    """Return stretches of `events` as rehearsals."""
    size = len(events) // count
    return [
        RECOGNISER.lock_probe([events[number * size : (number + 1) * size]], PointerDevice.MOUSE)
        for number in range(count)
    ]


def test_rehearsals_are_learned(enrolled: MotionReference) -> None:
    """Rehearsals raise what they resemble, come in the place of earlier ones, and leave the natural head."""
    odd = person_moves(2, 0, 30.0)
    taught = RECOGNISER.rehearse(enrolled, rehearsals(odd), SECRET)
    assert taught.rehearsals == 5
    assert lock_score(taught, OTHER) > lock_score(enrolled, OTHER)
    assert taught.natural is enrolled.natural
    again = RECOGNISER.rehearse(taught, rehearsals(odd, 3), SECRET)
    assert (again.rehearsals, len(again.kept.rows)) == (3, len(enrolled.kept.rows) + 3)


def test_new_movement_keeps_the_rehearsals(enrolled: MotionReference) -> None:
    """Movement enrolled anew takes over the rehearsals of the reference that it replaces."""
    taught = RECOGNISER.rehearse(enrolled, rehearsals(PROBED), SECRET)
    renewed = RECOGNISER.enrol([ME], SECRET, taught)
    assert renewed.rehearsals == 5
    np.testing.assert_allclose(renewed.lock.weights, taught.lock.weights, rtol=1e-3, atol=1e-3)
    other_model = replace(taught, model_id=b"another!")
    assert RECOGNISER.enrol([ME], SECRET, other_model).rehearsals == 0


def test_rehearsals_that_cannot_be_used_change_nothing(enrolled: MotionReference) -> None:
    """Without movement, of another model, or for a reference of another model: nothing is fitted."""
    empty = Probe(MANIFEST.model_id, PointerDevice.MOUSE, (), np.zeros(0, np.float32), 0, 0.0, 0.0)
    foreign = replace(rehearsals(PROBED)[0], model_id=b"another!")
    assert RECOGNISER.rehearse(enrolled, [empty, foreign], SECRET) is enrolled
    other_model = replace(enrolled, model_id=b"another!")
    assert RECOGNISER.rehearse(other_model, rehearsals(PROBED), SECRET) is other_model


def test_the_secret_decides(enrolled: MotionReference) -> None:
    """Another secret gives other numbers, and does not score with these."""
    sample = RECOGNISER.sample([PROBED], Condition.NATURAL)
    right = RECOGNISER.score(enrolled, sample, SECRET)
    wrong = RECOGNISER.score(enrolled, sample, bytes(32))
    assert right is not None and wrong is not None
    assert right != pytest.approx(wrong, abs=1e-3)
    assert not np.allclose(RECOGNISER.enrol([ME], bytes(32)).kept.rows, enrolled.kept.rows, atol=1e-2)


def test_the_stored_form_compares_alike(enrolled: MotionReference) -> None:
    """What is read from the store scores what was enrolled scored."""
    again = MotionReference.from_bytes(enrolled.to_bytes())
    sample = RECOGNISER.sample([PROBED], Condition.NATURAL)
    assert RECOGNISER.score(again, sample, SECRET) == pytest.approx(
        RECOGNISER.score(enrolled, sample, SECRET)
    )


def test_too_little_does_not_enrol() -> None:
    """Too little movement, or none, fails to enrol and says how much there was and is needed."""
    for events in (person_moves(1, 0, 5.0), ME[:0]):
        with pytest.raises(FailureToEnrol, match="at least 20 s"):
            RECOGNISER.enrol([events], SECRET)


def test_numbers_that_are_none_do_not_enrol() -> None:
    """A network that gives no finite numbers enrols nobody."""
    broken = Recogniser(
        MANIFEST, lambda values: np.full((len(values), DIMENSIONS), np.nan, np.float32), cohort
    )
    with pytest.raises(FailureToEnrol, match="cannot be used"):
        broken.enrol([ME], SECRET)


def test_too_little_is_not_compared(enrolled: MotionReference) -> None:
    """A moment of movement has no score."""
    assert natural_score(enrolled, PROBED[:20]) is None


def test_conditions_are_not_mixed(enrolled: MotionReference) -> None:
    """A sample made for the lock has no score against a head for ordinary use."""
    assert RECOGNISER.score(enrolled, RECOGNISER.sample([PROBED], Condition.LOCK), SECRET) is None


def test_much_movement_is_kept_in_bounds() -> None:
    """However long a person was recorded, no more windows are kept than the model says."""
    few = replace(MANIFEST, head=replace(MANIFEST.head, most_windows=20))
    made = Recogniser(few, embed, cohort).enrol([ME], SECRET)
    assert len(made.kept.rows) == 20
    assert made.windows > 20
