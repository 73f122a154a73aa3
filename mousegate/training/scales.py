"""From raw scores of development people to a score scale: calibration and operating curves.

Probes of one duration are few (a dozen people, one minute each), so nothing is fitted to one duration by
itself: each number is a line over the logarithm of the duration, fitted to all probes at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mousegate.core.manifest import POINT_NAMES, Calibration, OperatingCurve, ScoreScale, Trend
from mousegate.training.metrics import Array, TrialScores, logistic

FMR_POINTS: Final = {"fmr1": 0.01, "fmr0.1": 0.001}
FNMR_POINTS: Final = {"fnmr3": 0.03, "fnmr10": 0.10}
_STEEPEST: Final = 3.0
"""Nats per e-fold of duration: no threshold is steeper."""
_SLOPES: Final = np.linspace(-_STEEPEST, _STEEPEST, 241)
_RAW: Final = Calibration(Trend(1.0), Trend(0.0))
UNCALIBRATED: Final = ScoreScale(1.0, 1e4, _RAW, ())
"""The scale of a model that was not measured: raw scores, no operating points."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Scores of probes of one duration: the trials, and each trial's seconds of active movement."""

    duration_s: float
    trials: TrialScores
    active_s: Array


def joined(parts: Sequence[Sequence[Measured]]) -> list[Measured]:
    """Return several measurements of the same durations as one; people of each stay apart."""
    result = []
    for same in zip(*parts, strict=True):
        shift = [1000 * number for number in range(len(same))]
        trials = TrialScores(
            np.concatenate([one.trials.reference + by for one, by in zip(same, shift, strict=True)]),
            np.concatenate([one.trials.person + by for one, by in zip(same, shift, strict=True)]),
            np.concatenate([one.trials.score for one in same]),
        )
        result.append(Measured(same[0].duration_s, trials, np.concatenate([one.active_s for one in same])))
    return result


def calibrated(measured: Sequence[Measured], scale: ScoreScale) -> list[Measured]:
    """Return the measurements with raw scores turned into log-likelihood ratios."""
    result = []
    for one in measured:
        pairs = zip(one.trials.score, one.active_s, strict=True)
        llr = np.array([scale.llr(float(raw), float(active)) for raw, active in pairs])
        result.append(replace(one, trials=replace(one.trials, score=llr)))
    return result


def fit_scale(measured: Sequence[Measured]) -> ScoreScale:
    """Fit calibration, then the operating curves of POINT_NAMES, to raw scores of all durations.

    Mated and non-mated trials weigh one half each, whatever the duration: the few longest probes must not
    bend every line. At least one measurement must hold both.
    """
    pool = _Pool.of(measured)
    usual_s = [float(np.median(one.active_s)) for one in measured]
    scale = ScoreScale(min(usual_s), max(usual_s), fit_calibration(pool), ())
    llr = np.array([scale.llr(*pair) for pair in zip(pool.score, pool.active_s, strict=True)])
    pool = replace(pool, score=llr)
    return replace(scale, curves=tuple(_curve(name, _threshold(name, pool), pool) for name in POINT_NAMES))


@dataclass(frozen=True, slots=True)
class _Pool:
    """Trials of all durations: score, active_s, whether mated, and how much each weighs."""

    score: Array
    active_s: Array
    mated: np.ndarray
    weight: Array

    @classmethod
    def of(cls, measured: Sequence[Measured]) -> "_Pool":
        mated = np.concatenate([one.trials.reference == one.trials.person for one in measured])
        return cls(
            np.concatenate([one.trials.score for one in measured]),
            np.concatenate([one.active_s for one in measured]),
            mated,
            np.where(mated, 0.5 / max(mated.sum(), 1), 0.5 / max((~mated).sum(), 1)),
        )

    def side(self, mated: bool) -> "_Pool":
        """Return the mated or the non-mated trials."""
        chosen = self.mated == mated
        return _Pool(self.score[chosen], self.active_s[chosen], self.mated[chosen], self.weight[chosen])


def fit_calibration(pool: _Pool) -> Calibration:
    """Fit slope and offset, each linear in ln(duration), by one logistic regression of four numbers."""
    log_s, ones = np.log(pool.active_s), np.ones(len(pool.score))
    rows = np.stack([pool.score, ones, pool.score * log_s, log_s], axis=1)
    fit = logistic(rows, pool.mated.astype(np.float64), pool.weight)
    calibration = Calibration(Trend(fit[0], fit[2]), Trend(fit[1], fit[3]))
    ends = (float(pool.active_s.min()), float(pool.active_s.max()))
    if min(calibration.slope.at(seconds) for seconds in ends) > 0:
        return calibration
    fit = logistic(rows[:, [0, 1, 3]], pool.mated.astype(np.float64), pool.weight)
    return Calibration(Trend(max(float(fit[0]), 1e-3)), Trend(fit[1], fit[2]))


def _threshold(name: str, pool: _Pool) -> Trend:
    if name in FMR_POINTS:
        return quantile_trend(pool.side(mated=False), 1.0 - FMR_POINTS[name])
    if name in FNMR_POINTS:
        return quantile_trend(pool.side(mated=True), FNMR_POINTS[name])
    return _balanced(pool)


def quantile_trend(pool: _Pool, level: float) -> Trend:
    """Return the line over ln(duration) below which the share `level` of the scores lies.

    Quantile regression (Koenker and Bassett 1978): of all slopes the one whose line, laid so that the share
    is right, has the least tilted absolute error.
    """
    log_s = np.log(pool.active_s)
    best, found = np.inf, Trend(0.0)
    for slope in _SLOPES:
        rest = pool.score - slope * log_s
        order = np.argsort(rest)
        reached = np.cumsum(pool.weight[order]) / pool.weight.sum()
        offset = rest[order[min(int(np.searchsorted(reached, level)), len(order) - 1)]]
        apart = rest - offset
        loss = float(pool.weight @ np.maximum(level * apart, (level - 1.0) * apart))
        if loss < best:
            best, found = loss, Trend(float(offset), float(slope))
    return found


def _balanced(pool: _Pool) -> Trend:
    """Return where FMR and FNMR are equal: the mean of their lines at the share at which these meet, half way
    between the shortest and the longest probe.
    """
    middle_s = float(np.exp(np.log(pool.active_s).mean()))
    low, high = 0.0, 0.5
    for _ in range(10):
        share = (low + high) / 2
        lines = [quantile_trend(pool.side(mated=True), share),
                 quantile_trend(pool.side(mated=False), 1.0 - share)]  # fmt: skip
        if lines[0].at(middle_s) < lines[1].at(middle_s):
            low = share
        else:
            high = share
    one, two = lines
    return Trend((one.level + two.level) / 2, (one.slope + two.slope) / 2)


def _curve(name: str, threshold: Trend, pool: _Pool) -> OperatingCurve:
    limits = np.array([threshold.at(seconds) for seconds in pool.active_s])
    wrong = np.where(pool.mated, pool.score < limits, pool.score >= limits)
    odds = []
    for mated in (False, True):
        side, error = pool.side(mated), wrong[pool.mated == mated]
        rows = np.stack([np.ones(len(error)), np.log(side.active_s)], axis=1)
        odds.append(Trend(*logistic(rows, error.astype(np.float64), side.weight / side.weight.sum())))
    return OperatingCurve(name, threshold, *odds)
