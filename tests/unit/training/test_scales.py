"""Calibration and operating curves against made-up scores whose truth is known."""

import math

import numpy as np
import pytest

from mousegate.core.manifest import POINT_NAMES
from mousegate.training.metrics import TrialScores
from mousegate.training.scales import Measured, calibrated, fit_scale, joined

DURATIONS_S = (5.0, 15.0, 60.0)


def apart(duration_s: float) -> float:
    """Return how many standard deviations mated and non-mated scores lie apart: more for longer probes."""
    return 1.0 + 0.5 * math.log(duration_s)


def made(mated: int = 1000, non_mated: int = 4000, seed: int = 0) -> list[Measured]:
    """Return normal scores of three durations."""
    rng = np.random.default_rng(seed)
    measured = []
    for duration in DURATIONS_S:
        who = np.repeat([0, 1], [mated, non_mated])
        score = np.where(who == 0, rng.normal(apart(duration), 1, len(who)), rng.normal(0, 1, len(who)))
        trials = TrialScores(np.zeros(len(who), np.int64), who, score)
        measured.append(Measured(duration, trials, np.full(len(who), duration)))
    return measured


def test_calibration_is_the_log_likelihood_ratio() -> None:
    """Normal scores d apart have the ratio d s - d^2 / 2, at every duration."""
    scale = fit_scale(made(20_000, 20_000))
    for duration in DURATIONS_S:
        d = apart(duration)
        for raw in (0.0, d / 2, d):
            assert scale.llr(raw, duration) == pytest.approx(d * raw - d * d / 2, abs=0.35)


def test_points_hold_their_rates_at_every_duration() -> None:
    """On scores they were not fitted to, FMR and FNMR are near what the names say and what is promised."""
    scale = fit_scale(made())
    for one in calibrated(made(seed=1, mated=20_000, non_mated=20_000), scale):
        rates = {}
        for name in POINT_NAMES:
            point = scale.operating_point(name, one.duration_s)
            fmr = float((one.trials.non_mated >= point.threshold).mean())
            fnmr = float((one.trials.mated < point.threshold).mean())
            assert (point.fmr, point.fnmr) == pytest.approx((fmr, fnmr), abs=0.03)
            rates[name] = (fmr, fnmr)
        assert rates["fmr1"][0] == pytest.approx(0.01, abs=0.006)
        assert rates["fmr0.1"][0] < 0.004
        assert rates["fnmr3"][1] == pytest.approx(0.03, abs=0.015)
        assert rates["fnmr10"][1] == pytest.approx(0.10, abs=0.03)
        assert rates["eer"][0] == pytest.approx(rates["eer"][1], abs=0.03)


def test_few_long_probes_do_not_jerk_the_threshold() -> None:
    """Eleven probes of 60 s, two of them odd, move the threshold less than they would by themselves."""
    measured = made()
    odd = measured[2].trials
    score = np.concatenate([odd.mated[:9], [-3.0, -3.0], odd.non_mated[:121]])
    who = np.repeat([0, 1], [11, 121])
    few = Measured(60.0, TrialScores(np.zeros(132, np.int64), who, score), np.full(132, 60.0))
    smooth = fit_scale([*measured[:2], few])
    usual = fit_scale(measured)
    raw = (smooth.operating_point("fmr1", 60.0).threshold, usual.operating_point("fmr1", 60.0).threshold)
    assert raw[0] == pytest.approx(raw[1], abs=1.0)
    assert smooth.operating_point("fnmr10", 60.0).threshold > -1.5


def test_joined_keeps_people_apart() -> None:
    """Person 0 of one measurement is not person 0 of the other."""
    both = joined([made(10, 10), made(10, 10, seed=1)])
    assert [len(one.trials.mated) for one in both] == [20, 20, 20]
    assert len(np.unique(both[0].trials.person)) == 4
