"""Error rates and calibration against values worked out by hand."""

import numpy as np
import pytest

from mousegate.training.metrics import (
    TrialScores,
    area_under_curve,
    bootstrap_people,
    calibrate,
    cllr,
    equal_error_rate,
    fnmr_at_fmr,
    least_cllr,
    reliability,
    threshold_at_fmr,
    threshold_at_fnmr,
)


def test_equal_error_rate_by_hand() -> None:
    """One of four mated below one of four non-mated gives 25 %; apart gives 0; swapped gives 100 %."""
    mated, non_mated = np.array([3.0, 4.0, 5.0, 1.0]), np.array([0.0, 0.5, 0.7, 2.0])
    assert equal_error_rate(mated, non_mated) == pytest.approx(0.25)
    assert equal_error_rate(mated + 10, non_mated) == 0.0
    assert equal_error_rate(non_mated - 10, mated) == pytest.approx(1.0)


def test_thresholds_hold_what_they_promise() -> None:
    """The thresholds keep FMR and FNMR at or below what was asked, on the scores they were set on."""
    rng = np.random.default_rng(0)
    mated, non_mated = rng.normal(2, 1, 500), rng.normal(0, 1, 5000)
    assert (non_mated >= threshold_at_fmr(non_mated, 0.01)).mean() <= 0.01
    assert (mated < threshold_at_fnmr(mated, 0.03)).mean() <= 0.03
    assert fnmr_at_fmr(mated, non_mated, 0.01) == pytest.approx(0.62, abs=0.08)


def test_area_counts_ties_half() -> None:
    """Equal scores say nothing: an area of one half."""
    assert area_under_curve(np.ones(3), np.ones(5)) == 0.5
    assert area_under_curve(np.array([2.0]), np.array([1.0, 3.0])) == 0.5


def test_calibration_recovers_the_ratio() -> None:
    """Normal scores of means 2 and 0 have the ratio 2 s - 2; calibrated they cost less than raw."""
    rng = np.random.default_rng(1)
    mated, non_mated = rng.normal(2, 1, 20_000), rng.normal(0, 1, 20_000)
    slope, offset = calibrate(mated, non_mated)
    assert slope == pytest.approx(2.0, abs=0.1)
    assert offset == pytest.approx(-2.0, abs=0.1)
    assert cllr(slope * mated + offset, slope * non_mated + offset) < cllr(mated, non_mated)


def test_cllr_of_no_information_is_one() -> None:
    """Ratios of one cost one bit."""
    assert cllr(np.zeros(4), np.zeros(9)) == pytest.approx(1.0)


def test_bootstrap_covers_the_truth() -> None:
    """The interval over people lies around the statistic, and is wider than trials alone would make it."""
    rng = np.random.default_rng(2)
    people = rng.normal(2.0, 1.0, 20)
    reference, person = (grid.ravel() for grid in np.meshgrid(np.arange(20), np.arange(20)))
    score = np.where(reference == person, people[reference], 0.0) + rng.normal(0, 0.5, 400)
    trials = TrialScores(reference, person, score)
    low, high = bootstrap_people(trials, equal_error_rate, draws=100)
    assert low <= equal_error_rate(trials.mated, trials.non_mated) <= high
    assert high - low > 0.01


def test_least_cllr_by_hand() -> None:
    """Apart it is 0; alike it is 1; one swapped pair of two and two costs what the pooled middle costs."""
    apart, alike = np.array([2.0, 3.0]), np.array([0.0, 1.0])
    assert least_cllr(apart, alike) == pytest.approx(0.0)
    assert least_cllr(apart, apart) == pytest.approx(1.0)
    # In order: non-mated, mated, non-mated, mated; the middle two pool to even odds.
    assert least_cllr(np.array([1.0, 3.0]), np.array([0.0, 2.0])) == pytest.approx(0.5)


def test_least_cllr_is_no_more_than_cllr() -> None:
    """No rising map does better than the best one, and calibrated normal scores come close to it."""
    rng = np.random.default_rng(2)
    mated, non_mated = 2 * rng.normal(2, 1, 4000) - 2, 2 * rng.normal(0, 1, 4000) - 2
    least = least_cllr(mated, non_mated)
    assert least <= cllr(mated, non_mated)
    assert least == pytest.approx(cllr(mated, non_mated), abs=0.01)
    assert least == pytest.approx(least_cllr(5 * mated + 3, 5 * non_mated + 3))


def test_reliability_of_calibrated_scores() -> None:
    """What calibrated scores say is what is seen, in every bin."""
    rng = np.random.default_rng(3)
    mated, non_mated = 2 * rng.normal(2, 1, 20_000) - 2, 2 * rng.normal(0, 1, 20_000) - 2
    said, seen = reliability(mated, non_mated)
    assert len(said) == 8
    np.testing.assert_allclose(said, seen, atol=0.03)
