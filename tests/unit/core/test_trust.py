"""The sequential test behind trust."""

import math

from hypothesis import given
from hypothesis import strategies as st

from mousegate.core.trust import (
    ALARM_POINTS,
    PARAMETERS,
    TrustState,
    dismiss,
    observe,
    renew,
    rest,
)

FRESH = TrustState()
POINT = ALARM_POINTS["balanced"]
SCORES = st.lists(st.floats(-50, 50) | st.none() | st.just(math.nan) | st.just(math.inf), max_size=80)


def run(scores: list[float | None], state: TrustState = FRESH, block_s: float = 5.0) -> TrustState:
    """Return the state after stretches with these scores."""
    for number, score in enumerate(scores):
        state = observe(state, score, block_s, 100.0 + block_s * (number + 1), POINT)
    return state


@given(SCORES)
def test_trust_stays_a_share(scores: list[float | None]) -> None:
    """Whatever comes in, trust is 0 to 1 and the sum is finite."""
    state = run(scores)
    assert 0 <= state.trust <= 1 and math.isfinite(state.evidence) and math.isfinite(state.usual_nats)


@given(SCORES, st.sampled_from([None, math.nan, math.inf, -math.inf]))
def test_inconclusive_changes_nothing(scores: list[float | None], nothing: float | None) -> None:
    """A stretch that cannot be compared leaves the state as it is."""
    state = run(scores)
    assert observe(state, nothing, 5.0, 1e6, POINT) == state


@given(st.floats(0, 1e9), SCORES)
def test_idling_never_raises_an_anomaly(idle_s: float, scores: list[float | None]) -> None:
    """However long nobody moves, no anomaly begins or ends, and trust never grows."""
    before = run(scores)
    after = rest(before, idle_s)
    assert after.alarmed is before.alarmed
    assert after.trust <= before.trust
    assert after.evidence <= max(before.evidence, PARAMETERS.stale)


def test_usual_scores_keep_trust_and_foreign_ones_lose_it() -> None:
    """An hour of usual scores keeps trust; then scores that fall short raise one anomaly, dated right."""
    trusted = run([3.0, 3.2, 3.1, 3.3] * 180)
    assert trusted.trust == 1.0 and not trusted.alarmed
    state, onset_s, raised = trusted, 5000.0, 0
    for number in range(60):
        before = state
        state = observe(state, -1.0, 5.0, onset_s + 5.0 * (number + 1), POINT)
        raised += state.alarmed and not before.alarmed
    assert raised == 1 and state.trust == 0.0
    assert state.onset_s == onset_s


def test_the_usual_is_learned_per_person() -> None:
    """Who always scores low is trusted after a while, and who always scores high is held to it."""
    low, high = run([0.9] * 400), run([4.0] * 400)
    assert low.trust == high.trust == 1.0
    assert run([0.9] * 40, high).alarmed and not run([0.9] * 40, low).alarmed


def test_recovery_needs_more_than_the_threshold() -> None:
    """After an anomaly, trust must rise well above the threshold before it is over (hysteresis)."""
    state = run([-4.0] * 60, run([2.0] * 60))
    assert state.alarmed
    while state.evidence >= 1.0:
        state = run([4.0], state)
    assert state.evidence > PARAMETERS.recovered and state.alarmed
    assert not run([4.0] * 20, state).alarmed


def test_cool_down_after_an_answer() -> None:
    """After "It was me" no anomaly is raised for the cool-down, and then one is if it goes on."""
    state = dismiss(run([-4.0] * 60))
    assert not state.alarmed and state.cool_down_s == PARAMETERS.cool_down_s
    quiet = int(PARAMETERS.cool_down_s / 5) - 1
    assert not run([-4.0] * quiet, state).alarmed
    assert run([-4.0] * (quiet + 60), state).alarmed


@given(SCORES)
def test_renewal_gives_full_trust(scores: list[float | None]) -> None:
    """After a proven unlock trust is full, and what is usual is still known."""
    before = run(scores)
    after = renew(before)
    assert after.trust == 1.0 and not after.alarmed and after.usual_nats == before.usual_nats


def test_nobody_creeps_in() -> None:
    """Scores that sink slowly are an anomaly before they have become what is usual."""
    state = run([4.0] * 200)
    sinking: list[float | None] = [4.0 - 0.02 * step for step in range(300)]
    assert run(sinking, state).alarmed
