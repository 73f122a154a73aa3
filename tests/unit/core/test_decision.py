"""Policies: what leads to a match, and that nothing else does."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core.decision import Comparison, Decision, OperatingPoint, Policy, decide

POINT = OperatingPoint("fmr1", 2.0, 0.01, 0.1, 10.0)
MATCH, NON_MATCH, INCONCLUSIVE = Decision.MATCH, Decision.NON_MATCH, Decision.INCONCLUSIVE
HIGH, LOW, NONE = 3.0, 1.0, None

MATRIX = [
    # policy, rhythm, motion, decision
    (Policy.ALL, True, HIGH, MATCH),
    (Policy.ALL, True, LOW, NON_MATCH),
    (Policy.ALL, True, NONE, INCONCLUSIVE),
    (Policy.ALL, False, HIGH, NON_MATCH),
    (Policy.ALL, False, LOW, NON_MATCH),
    (Policy.ALL, False, NONE, NON_MATCH),
    (Policy.ALL, None, HIGH, INCONCLUSIVE),
    (Policy.ALL, None, LOW, NON_MATCH),
    (Policy.ALL, None, NONE, INCONCLUSIVE),
    (Policy.RHYTHM, True, HIGH, MATCH),
    (Policy.RHYTHM, True, LOW, MATCH),
    (Policy.RHYTHM, True, NONE, MATCH),
    (Policy.RHYTHM, False, HIGH, NON_MATCH),
    (Policy.RHYTHM, False, LOW, NON_MATCH),
    (Policy.RHYTHM, False, NONE, NON_MATCH),
    (Policy.RHYTHM, None, HIGH, INCONCLUSIVE),
    (Policy.RHYTHM, None, LOW, INCONCLUSIVE),
    (Policy.RHYTHM, None, NONE, INCONCLUSIVE),
    (Policy.MOTION, True, HIGH, MATCH),
    (Policy.MOTION, True, LOW, NON_MATCH),
    (Policy.MOTION, True, NONE, INCONCLUSIVE),
    (Policy.MOTION, False, HIGH, MATCH),
    (Policy.MOTION, False, LOW, NON_MATCH),
    (Policy.MOTION, False, NONE, INCONCLUSIVE),
    (Policy.MOTION, None, HIGH, MATCH),
    (Policy.MOTION, None, LOW, NON_MATCH),
    (Policy.MOTION, None, NONE, INCONCLUSIVE),
    (Policy.FUSED, True, HIGH, MATCH),
    (Policy.FUSED, True, LOW, MATCH),
    (Policy.FUSED, True, NONE, INCONCLUSIVE),
    (Policy.FUSED, False, HIGH, NON_MATCH),
    (Policy.FUSED, False, LOW, NON_MATCH),
    (Policy.FUSED, False, NONE, INCONCLUSIVE),
    (Policy.FUSED, None, HIGH, INCONCLUSIVE),
    (Policy.FUSED, None, LOW, INCONCLUSIVE),
    (Policy.FUSED, None, NONE, INCONCLUSIVE),
]


@pytest.mark.parametrize(("policy", "rhythm", "llr", "expected"), MATRIX)
def test_policy_matrix(policy: Policy, rhythm: bool | None, llr: float | None, expected: Decision) -> None:
    """Each policy decides as the table says for every state of each factor."""
    assert decide(Comparison(rhythm, llr, rhythm_bits=10.0), policy, POINT) is expected


def test_the_matrix_is_complete() -> None:
    """Every combination of policy and factors is in the table once."""
    wanted = set(itertools.product(Policy, (True, False, None), (HIGH, LOW, NONE)))
    assert {(policy, rhythm, llr) for policy, rhythm, llr, _ in MATRIX} == wanted
    assert len(MATRIX) == len(wanted)


@pytest.mark.parametrize("policy", list(Policy))
def test_an_attack_never_matches(policy: Policy) -> None:
    """A perfect comparison with an attack flag is a non-match."""
    comparison = Comparison(True, 100.0, 40.0, attack="replayed")
    assert decide(comparison, policy, POINT) is NON_MATCH


@pytest.mark.parametrize("policy", [Policy.ALL, Policy.MOTION, Policy.FUSED])
@pytest.mark.parametrize("llr", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_not_finite_is_inconclusive(policy: Policy, llr: float) -> None:
    """NaN and the infinities never pass, whatever else matched."""
    assert decide(Comparison(True, llr, 10.0), policy, POINT) is INCONCLUSIVE


@pytest.mark.parametrize("policy", [Policy.ALL, Policy.MOTION, Policy.FUSED])
@pytest.mark.parametrize("threshold", [math.nan, math.inf, -math.inf])
def test_a_threshold_that_is_not_finite_never_matches(policy: Policy, threshold: float) -> None:
    """A broken operating point does not let anybody in."""
    point = OperatingPoint("broken", threshold, 0.0, 0.0, 1.0)
    assert decide(Comparison(True, 100.0, 10.0), policy, point) is not MATCH


def test_the_threshold_itself_matches() -> None:
    """A score equal to the threshold is a match, as the rates are measured."""
    assert decide(Comparison(None, POINT.threshold), Policy.MOTION, POINT) is MATCH


def test_a_weak_rhythm_lends_little_evidence() -> None:
    """Under `fused` a rhythm worth no bits moves no score over the threshold."""
    assert decide(Comparison(True, LOW, rhythm_bits=0.0), Policy.FUSED, POINT) is NON_MATCH


def test_a_strong_rhythm_cannot_carry_a_stranger_s_motion() -> None:
    """Under `fused` the evidence of a rhythm is capped."""
    assert decide(Comparison(True, -2.0, rhythm_bits=60.0), Policy.FUSED, POINT) is NON_MATCH


@given(st.floats(), st.floats(), st.floats(), st.sampled_from(list(Policy)))
def test_no_motion_below_the_threshold_matches(
    llr: float, threshold: float, bits: float, policy: Policy
) -> None:
    """For any numbers: without a rhythm a match needs a finite score at or above a finite threshold."""
    point = OperatingPoint("any", threshold, 0.0, 0.0, 1.0)
    decision = decide(Comparison(None, llr, bits), policy, point)
    reached = math.isfinite(llr) and math.isfinite(threshold) and llr >= threshold
    assert (decision is MATCH) is (reached and policy is Policy.MOTION)
