"""The short form of the attacks on the lock; `python -m tests.e2e.attack --long` is the long one."""

import random

import pytest

from tests.e2e.attack import ATTACKS, SHORT, SIZE, Attack, Attacker, make
from tests.x11.stage import open_stage


@pytest.mark.parametrize(("attack", "real"), ATTACKS)
def test_attack_is_withstood(attack: Attack, real: bool) -> None:
    """Nothing beneath is seen, no key or button reaches it, and it ends locked or opened by the nonce."""
    with open_stage(size=SIZE) as stage:
        outcome = make(attack, Attacker(stage, SHORT, random.Random(1)), real)
    assert outcome.withstood, outcome
