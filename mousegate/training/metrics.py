"""Error rates of verification and calibration. All scores: higher is more alike. numpy only."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TrialScores:
    """Scores of trials: `reference` and `person` (int (n,)) are who is claimed and who moved; `score` is
    (n,).
    """

    reference: NDArray[np.int64] = field(repr=False)
    person: NDArray[np.int64] = field(repr=False)
    score: Array = field(repr=False)

    @property
    def mated(self) -> Array:
        """Return the scores of people against their own reference."""
        return np.asarray(self.score[self.reference == self.person])

    @property
    def non_mated(self) -> Array:
        """Return the scores of people against somebody else's reference."""
        return np.asarray(self.score[self.reference != self.person])


def error_rates(mated: Array, non_mated: Array) -> tuple[Array, Array, Array]:
    """Return (thresholds, FMR, FNMR) at every threshold between scores; a score at the threshold matches."""
    thresholds = np.unique(np.concatenate([mated, non_mated]))
    thresholds = np.append(thresholds, np.inf)
    fnmr = np.searchsorted(np.sort(mated), thresholds, side="left") / len(mated)
    fmr = 1.0 - np.searchsorted(np.sort(non_mated), thresholds, side="left") / len(non_mated)
    return thresholds, fmr, fnmr


def equal_error_rate(mated: Array, non_mated: Array) -> float:
    """Return the EER of one global threshold, 0 to 1: the mean of both rates where they are closest."""
    _, fmr, fnmr = error_rates(mated, non_mated)
    at = int(np.argmin(np.abs(fmr - fnmr)))
    return float((fmr[at] + fnmr[at]) / 2)


def fnmr_at_fmr(mated: Array, non_mated: Array, fmr: float) -> float:
    """Return the FNMR at the lowest threshold whose FMR is at most `fmr`."""
    return float((mated < threshold_at_fmr(non_mated, fmr)).mean())


def threshold_at_fmr(non_mated: Array, fmr: float) -> float:
    """Return the lowest threshold at which at most the fraction `fmr` of `non_mated` matches."""
    ordered = np.sort(non_mated)[::-1]
    allowed = math.floor(fmr * len(ordered))
    return float(np.nextafter(ordered[min(allowed, len(ordered) - 1)], np.inf))


def threshold_at_fnmr(mated: Array, fnmr: float) -> float:
    """Return the highest threshold at which at most the fraction `fnmr` of `mated` fails."""
    return float(np.sort(mated)[math.floor(fnmr * len(mated))])


def area_under_curve(mated: Array, non_mated: Array) -> float:
    """Return the chance that a mated score exceeds a non-mated one, ties counting half (Mann-Whitney)."""
    ordered = np.sort(non_mated)
    below = np.searchsorted(ordered, mated, side="left") + np.searchsorted(ordered, mated, side="right")
    return float(below.mean() / (2 * len(ordered)))


def cllr(mated: Array, non_mated: Array) -> float:
    """Return the cost of log-likelihood ratios in bits: 0 is perfect, 1 says nothing.

    Brummer and du Preez, "Application-independent evaluation of speaker detection" (2006), equation 12.
    """
    return float(
        (np.logaddexp(0.0, -mated).mean() + np.logaddexp(0.0, non_mated).mean()) / (2.0 * math.log(2.0))
    )


def least_cllr(mated: Array, non_mated: Array) -> float:
    """Return the Cllr that the best rising map of these scores would have: what is lost to discrimination,
    not to calibration.

    Pool adjacent violators (Ayer et al. 1955), as in Brummer and du Preez, section 5.
    """
    scores, at = np.unique(np.concatenate([mated, non_mated]), return_inverse=True)
    own = np.bincount(at[: len(mated)], minlength=len(scores)) / len(mated)
    other = np.bincount(at[len(mated) :], minlength=len(scores)) / len(non_mated)
    blocks: list[tuple[float, float]] = []
    for pair in zip(own, other, strict=True):
        blocks.append(pair)
        while len(blocks) > 1 and blocks[-1][0] * blocks[-2][1] <= blocks[-2][0] * blocks[-1][1]:
            last, before = blocks.pop(), blocks.pop()
            blocks.append((last[0] + before[0], last[1] + before[1]))
    bits = sum(
        (a * math.log2(1.0 + b / a) if a else 0.0) + (b * math.log2(1.0 + a / b) if b else 0.0)
        for a, b in blocks
    )
    return bits / 2.0


def reliability(mated: Array, non_mated: Array, bins: int = 8) -> tuple[Array, Array]:
    """Return, for scores in `bins` equally full bins, the mean chance that they say and the share of mated
    trials, both at even odds of mated and non-mated.
    """
    scores = np.concatenate([mated, non_mated])
    weight = np.concatenate(
        [np.full(len(mated), 0.5 / len(mated)), np.full(len(non_mated), 0.5 / len(non_mated))]
    )
    is_mated = np.arange(len(scores)) < len(mated)
    order = np.argsort(scores)
    reached = np.cumsum(weight[order])
    said, seen = [], []
    for number in range(bins):
        inside = order[(reached > number / bins) & (reached <= (number + 1) / bins + 1e-12)]
        total = weight[inside].sum()
        if total > 0:
            chance = 1.0 / (1.0 + np.exp(-np.clip(scores[inside], -30.0, 30.0)))
            said.append(float(weight[inside] @ chance / total))
            seen.append(float(weight[inside] @ is_mated[inside] / total))
    return np.array(said), np.array(seen)


def calibrate(mated: Array, non_mated: Array) -> tuple[float, float]:
    """Return (slope, offset) that make slope * score + offset a log-likelihood ratio: both sides weigh one
    half.
    """
    score = np.concatenate([mated, non_mated])
    target = np.concatenate([np.ones(len(mated)), np.zeros(len(non_mated))])
    weight = np.where(target > 0, 0.5 / len(mated), 0.5 / len(non_mated))
    slope, offset = logistic(np.stack([score, np.ones(len(score))], axis=1), target, weight)
    return float(slope), float(offset)


def logistic(rows: Array, target: Array, weight: Array, ridge: float = 1e-4, steps: int = 50) -> Array:
    """Return the coefficients (k,) of weighted logistic regression of rows (n, k) on target 0 or 1, by
    Newton's method.
    """
    solution = np.zeros(rows.shape[1])
    penalty = ridge * np.eye(rows.shape[1])
    for _ in range(steps):
        chance = 1.0 / (1.0 + np.exp(-np.clip(rows @ solution, -30.0, 30.0)))
        gradient = rows.T @ (weight * (chance - target)) + penalty @ solution
        curvature = (rows * (weight * chance * (1.0 - chance))[:, None]).T @ rows + penalty
        step = np.linalg.solve(curvature, gradient)
        solution -= step
        if np.abs(step).max() < 1e-9:
            break
    return solution


def bootstrap_people(
    trials: TrialScores, statistic: Callable[[Array, Array], float], draws: int = 500, seed: int = 0
) -> tuple[float, float]:
    """Return the 95 % interval of statistic(mated, non_mated) when people, not trials, are drawn with
    replacement.

    A person drawn k times counts k times as claimed and as probed, and never against himself as somebody
    else.
    """
    people = np.unique(np.concatenate([trials.reference, trials.person]))
    rng = np.random.default_rng(seed)
    is_mated = trials.reference == trials.person
    claimed = np.searchsorted(people, trials.reference)
    moved = np.searchsorted(people, trials.person)
    values = []
    for _ in range(draws):
        times = np.bincount(rng.integers(0, len(people), len(people)), minlength=len(people))
        weight = np.where(is_mated, times[claimed], times[claimed] * times[moved])
        mated = np.repeat(trials.score[is_mated], weight[is_mated])
        non_mated = np.repeat(trials.score[~is_mated], weight[~is_mated])
        if len(mated) and len(non_mated):
            values.append(statistic(mated, non_mated))
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
