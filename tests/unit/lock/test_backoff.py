"""How long the keeper waits before it starts a pair again."""

from hypothesis import given
from hypothesis import strategies as st

from mousegate.lock.settings import Backoff


def test_waits_double_up_to_their_limit() -> None:
    """Failure after failure, the wait grows from 0.2 s to 5 s."""
    waits = [0.0]
    for _ in range(7):
        waits.append(Backoff().next_s(waits[-1], lived_s=0.0))
    assert waits[1:] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


@given(st.floats(0, 5), st.floats(0, 1e6))
def test_wait_stays_within_its_bounds(previous_s: float, lived_s: float) -> None:
    """No history makes the keeper wait for less than the first or more than the last wait."""
    backoff = Backoff()
    assert backoff.first_s <= backoff.next_s(max(previous_s, backoff.first_s), lived_s) <= backoff.last_s


def test_healthy_pair_resets_the_wait() -> None:
    """A pair that lived for half a minute is started again as if it had never failed."""
    assert Backoff().next_s(5.0, lived_s=30.0) == 0.2
