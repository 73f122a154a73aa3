"""Each policy on the real lock: which factors open it, with the right password every time."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.e2e.desktop import PASSWORD, private_desktop
from tests.e2e.enrolled import enrol_movement, enrol_rhythm
from tests.e2e.hand import IMPOSTOR_SEED, OWNER_SEED, SyntheticHand
from tests.e2e.screen import wait_until
from tests.e2e.story import LOCKED, RHYTHM, UNLOCKED, WRONG_RHYTHM, Beat, Story

pytestmark = pytest.mark.timeout(300)
POINT = "fmr1"
"""The strictness of the attempts: at it both hands are clear cases."""
MOVED_S = 6.0


@dataclass(frozen=True)
class Case:
    """One attempt under a policy."""

    policy: str
    seed: int
    rhythm: tuple[Beat, ...]
    expected: str
    moved_s: float = MOVED_S

    def __str__(self) -> str:
        """Name the test."""
        hand = "owner" if self.seed == OWNER_SEED else "another"
        return f"{self.policy}-{hand}-{'right' if self.rhythm is RHYTHM else 'wrong'}-rhythm"


DECISIVE = (
    Case("rhythm", IMPOSTOR_SEED, RHYTHM, UNLOCKED, 0.0),
    Case("motion", OWNER_SEED, WRONG_RHYTHM, UNLOCKED),
    Case("fused", IMPOSTOR_SEED, RHYTHM, LOCKED),
    Case("all", OWNER_SEED, WRONG_RHYTHM, LOCKED),
)
"""The attempt that tells each policy from the others; `make test-policies` makes REST as well."""
REST = (
    Case("rhythm", IMPOSTOR_SEED, WRONG_RHYTHM, LOCKED, 0.0),
    Case("motion", IMPOSTOR_SEED, RHYTHM, LOCKED),
    Case("fused", OWNER_SEED, RHYTHM, UNLOCKED),
    Case("all", OWNER_SEED, RHYTHM, UNLOCKED),
)
CASES = DECISIVE + (REST if os.environ.get("MOUSEGATE_ALL_POLICIES") else ())


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A desktop whose person has enrolled movement and rhythm."""
    directory = tmp_path_factory.mktemp("policies")
    with private_desktop() as desktop:
        enrol_movement(desktop, directory, OWNER_SEED)
        enrol_rhythm(desktop)
        one = Story(desktop, directory, on_outcome=lambda _outcome: None)
        yield one
        one.close()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_policy_asks_for_its_own_factors(story: Story, case: Case) -> None:
    """The setting of the moment decides, also at a lock that is there already."""
    story.desktop.configure(
        f'policy = "{case.policy}"\noperating_point = "{POINT}"\nallow_synthetic = true\n'
    )
    story.wander_s = case.moved_s
    hand = SyntheticHand("somebody", case.seed)
    story.attempt(str(case), hand, case.expected, case.rhythm)
    assert story.outcomes[-1].passed, story.outcomes[-1]


def test_too_little_movement_is_made_up_for_in_the_same_attempt(story: Story) -> None:
    """Under `motion`, a Submit without movement has the lock ask for more; moving on opens it by itself."""
    story.desktop.configure(f'policy = "motion"\noperating_point = "{POINT}"\nallow_synthetic = true\n')
    story.lock()
    owner = SyntheticHand("somebody", OWNER_SEED)
    story.driver.type(f"{PASSWORD}\n")
    wait_until(lambda: story.witness.state() == "moving", 20, "the lock to ask for more movement")
    story.move_on(owner, MOVED_S)
    wait_until(lambda: story.has_opened() or story.witness.state() == "failed", 20, "a verdict")
    assert story.has_opened()
