"""The one place that turns comparisons into a decision. Anything unclear is never a match."""

import math
from dataclasses import dataclass
from enum import Enum


class Decision(Enum):
    """ISO/IEC 2382-37 comparison decision; INCONCLUSIVE never unlocks."""

    MATCH = "match"
    NON_MATCH = "non-match"
    INCONCLUSIVE = "inconclusive"


class Policy(Enum):
    """Which factors besides the password must agree."""

    ALL = "all"
    FUSED = "fused"
    RHYTHM = "rhythm"
    MOTION = "motion"


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold on the motion comparison score with the error rates measured for it."""

    name: str
    threshold: float
    fmr: float
    fnmr: float
    probe_s: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What each factor said.

    rhythm: whether the hash matched; None when the probe holds no rhythm that can be compared.
    motion_llr: calibrated natural-log likelihood ratio; None when movement was too little or poor.
    rhythm_bits: strength of the enrolled rhythm in bits (0 when there is none).
    attack: why the probe looks replayed or synthetic; empty when it does not.
    """

    rhythm: bool | None
    motion_llr: float | None
    rhythm_bits: float = 0.0
    attack: str = ""


@dataclass(frozen=True, slots=True)
class FusionWeights:
    """Evidence in nats that a rhythm result carries under Policy.FUSED.

    A matching rhythm is worth its guessing strength, but never more than `match_cap` (a person who
    watched may know it); a mismatch costs `mismatch` (a genuine rhythm fails about one time in 20).
    """

    match_cap: float = 3.0
    mismatch: float = 3.0


def decide(
    comparison: Comparison,
    policy: Policy,
    point: OperatingPoint,
    weights: FusionWeights = FusionWeights(),
) -> Decision:
    """Return the decision of `policy` at operating point `point`.

    Raises nothing: a NaN score, a missing factor or an attack can only lead away from MATCH.
    """
    if comparison.attack:
        return Decision.NON_MATCH
    rhythm = _rhythm_decision(comparison)
    motion = _motion_decision(comparison.motion_llr, point.threshold)
    match policy:
        case Policy.RHYTHM:
            return rhythm
        case Policy.MOTION:
            return motion
        case Policy.FUSED:
            return _fused_decision(comparison, point.threshold, weights)
        case Policy.ALL:
            return _both(rhythm, motion)


def _both(rhythm: Decision, motion: Decision) -> Decision:
    if rhythm is motion is Decision.MATCH:
        return Decision.MATCH
    return Decision.NON_MATCH if Decision.NON_MATCH in (rhythm, motion) else Decision.INCONCLUSIVE


def _rhythm_decision(comparison: Comparison) -> Decision:
    if comparison.rhythm is None:
        return Decision.INCONCLUSIVE
    return Decision.MATCH if comparison.rhythm is True else Decision.NON_MATCH


def _motion_decision(motion_llr: float | None, threshold: float) -> Decision:
    if motion_llr is None or not math.isfinite(motion_llr) or not math.isfinite(threshold):
        return Decision.INCONCLUSIVE
    return Decision.MATCH if motion_llr >= threshold else Decision.NON_MATCH


def _fused_decision(comparison: Comparison, threshold: float, weights: FusionWeights) -> Decision:
    if comparison.rhythm is None or comparison.motion_llr is None:
        return Decision.INCONCLUSIVE
    strength = min(comparison.rhythm_bits * math.log(2), weights.match_cap)
    evidence = strength if comparison.rhythm is True else -weights.mismatch
    return _motion_decision(comparison.motion_llr + evidence, threshold)
