"""How well an enrolment tells its person from others."""

import numpy as np

from mousegate.core.manifest import CohortWindows
from mousegate.core.outlook import Bench, Own, outlook
from tests.unit.people import DIMENSIONS, Person, cohort, scale


def bench(strangers: CohortWindows) -> Bench:
    """Return a bench at equal odds."""
    return Bench(strangers, scale(), 0.0, 1e-3)


def own(person: Person, count: int = 60) -> Own:
    """Return windows of one person."""
    return Own(person.embeddings(count), np.ones(count, np.float32))


def test_somebody_unlike_the_others_is_told_from_all() -> None:
    """Nobody of the cohort passes, and the person does."""
    found = outlook(own(Person(1)), bench(cohort()))
    assert (found.strangers, found.passing) == (12, 0)
    assert found.own_tries > 0
    assert found.own_passing == found.own_tries


def test_a_double_among_the_strangers_passes() -> None:
    """Who moves like the person is found, since the head was fitted without them."""
    strangers = cohort()
    twin = Person(1).embeddings(20)
    joined = CohortWindows(
        np.concatenate([strangers.embeddings, twin]),
        np.concatenate([strangers.person, np.full(20, 99, np.int32)]),
    )
    assert outlook(own(Person(1)), bench(joined)).passing == 1


def test_too_little_movement_makes_no_tries() -> None:
    """With a window or two there is nothing to leave out, and that is said rather than guessed."""
    few = Own(np.ones((2, DIMENSIONS), np.float32), np.ones(2, np.float32))
    assert outlook(few, bench(cohort())).own_tries == 0
