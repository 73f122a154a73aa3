"""The short form of the attacks on the lock; `python -m tests.e2e.attack --long` is the long one."""

import pytest

from tests.e2e.attack import CASES, Case, make
from tests.e2e.attack_base import SHORT


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_attack_is_withstood(case: Case) -> None:
    """Nothing beneath is seen, no key or button reaches it, and it ends locked or opened by the nonce."""
    outcome = make(case, SHORT, seed=1)
    assert outcome.withstood, outcome
