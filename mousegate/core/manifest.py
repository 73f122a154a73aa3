"""What is known about a trained model: its identity, its error rates, its calibration and its cohort."""

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.decision import OperatingPoint
from mousegate.errors import ModelError

POINT_NAMES: Final = ("fmr0.1", "fmr1", "eer", "fnmr10", "fnmr3")
"""From strict to lenient."""


class Condition(Enum):
    """Under what people are compared; each has a head, a cohort and a score scale of its own.

    NATURAL: ordinary use of a desktop, clicks and all. LOCK: an attempt at the lock screen or login, whose
    clicks are the chosen rhythm and say nothing of the hand: movement alone.
    """

    NATURAL = "natural"
    LOCK = "lock"


@dataclass(frozen=True, slots=True)
class Trend:
    """A number that is linear in the logarithm of a duration: level (at 1 s) + slope * ln(seconds)."""

    level: float
    slope: float = 0.0

    def at(self, seconds: float) -> float:
        """Return the number for a duration above 0."""
        return self.level + self.slope * math.log(seconds)


@dataclass(frozen=True, slots=True)
class Calibration:
    """Raw score to natural-log likelihood ratio: llr = slope * raw + offset, both by probe duration.

    Linear logistic regression after Brummer and du Preez, "Application-independent evaluation of speaker
    detection" (2006).
    """

    slope: Trend
    offset: Trend


@dataclass(frozen=True, slots=True)
class OperatingCurve:
    """An operating point for probes of every duration: threshold in nats, and log-odds of FMR and FNMR."""

    name: str
    threshold: Trend
    fmr_log_odds: Trend
    fnmr_log_odds: Trend


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """What raw scores mean under one condition, fitted to development people.

    Everything is smooth over the logarithm of the seconds of active movement in the probe, from `shortest_s`
    to `longest_s`, and held beyond them.
    """

    shortest_s: float
    longest_s: float
    calibration: Calibration
    curves: tuple[OperatingCurve, ...]

    def llr(self, raw: float, active_s: float) -> float:
        """Return the calibrated score of `raw` for a probe of `active_s` seconds."""
        seconds = self._held(active_s)
        return self.calibration.slope.at(seconds) * raw + self.calibration.offset.at(seconds)

    def operating_point(self, name: str, active_s: float) -> OperatingPoint:
        """Return the point `name` (one of POINT_NAMES) for a probe of `active_s` seconds.

        Raises ModelError for a name that the model has not.
        """
        seconds = self._held(active_s)
        for curve in self.curves:
            if curve.name == name:
                fmr, fnmr = (_chance(odds.at(seconds)) for odds in (curve.fmr_log_odds, curve.fnmr_log_odds))
                return OperatingPoint(name, curve.threshold.at(seconds), fmr, fnmr, seconds)
        raise ModelError(
            f"The model has no operating point {name!r}; choose one of {', '.join(POINT_NAMES)}."
        )

    def _held(self, active_s: float) -> float:
        return min(max(active_s, self.shortest_s), self.longest_s)


def _chance(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(log_odds, -30.0), 30.0)))


@dataclass(frozen=True, slots=True)
class HeadParameters:
    """How a person's heads are fitted (see core.recogniser).

    regularisation: ridge of the logistic head, whose windows weigh one together; hold_weight: nats of raw
    score per unit of hold evidence (see core.holds); rehearsed: share of the rehearsals in the head for the
    lock; least_active_s, least_windows: below them enrolment fails; least_probe_s: below it nothing is
    compared; most_windows: kept of an enrolment.
    """

    regularisation: float = 1e-4
    hold_weight: float = 3.0
    rehearsed: float = 0.3
    least_active_s: float = 20.0
    least_windows: int = 10
    least_probe_s: float = 1.5
    most_windows: int = 400


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model as shipped: identity, shape, and what was measured on development people.

    model_id: first 8 bytes of sha256; sha256, cohort_sha256: hexadecimal digests of the model and cohort
    files; dimensions: embedding length; input_version: of core.windows; channels, steps: shape of one window;
    natural, lock: the score scale of each condition.
    """

    model_id: bytes
    sha256: str
    cohort_sha256: str
    dimensions: int
    input_version: int
    channels: int
    steps: int
    natural: ScoreScale
    lock: ScoreScale
    head: HeadParameters = field(default_factory=HeadParameters)

    def scale(self, condition: Condition) -> ScoreScale:
        """Return the score scale of a condition."""
        return self.natural if condition is Condition.NATURAL else self.lock


@dataclass(frozen=True, slots=True)
class CohortWindows:
    """Window embeddings of training people under one condition.

    embeddings: float32 (n, dimensions); person: int32 (n,), which of the training people each row is of.
    """

    embeddings: NDArray[np.float32] = field(repr=False)
    person: NDArray[np.int32] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Cohort:
    """The training people, whom a person's heads learn to tell the person from.

    holds_ms: float32 (m,), their natural click-hold times.
    """

    natural: CohortWindows
    lock: CohortWindows
    holds_ms: NDArray[np.float32] = field(repr=False, default_factory=lambda: np.zeros(0, np.float32))

    def windows(self, condition: Condition) -> CohortWindows:
        """Return the windows of a condition."""
        return self.natural if condition is Condition.NATURAL else self.lock
