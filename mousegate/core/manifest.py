"""What is known about a trained model: its identity, its error rates, its calibration and its cohort."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mousegate.core.decision import OperatingPoint
from mousegate.errors import ModelError

POINT_NAMES = ("fmr1", "fmr0.1", "fnmr3")


@dataclass(frozen=True, slots=True)
class Calibration:
    """Raw score to natural-log likelihood ratio, by seconds of active movement in the probe.

    llr = slope * raw + offset, both interpolated in log(duration) between `durations_s` (increasing) and held
    beyond them. Linear logistic regression after Brummer and du Preez, "Application-independent evaluation of
    speaker detection" (2006).
    """

    durations_s: tuple[float, ...]
    slopes: tuple[float, ...]
    offsets: tuple[float, ...]

    def llr(self, raw: float, active_s: float) -> float:
        """Return the calibrated score of `raw` for a probe of `active_s` seconds."""
        at = math.log(max(active_s, 1e-3))
        known = np.log(self.durations_s)
        return float(np.interp(at, known, self.slopes) * raw + np.interp(at, known, self.offsets))


@dataclass(frozen=True, slots=True)
class HeadParameters:
    """How a person's head is fitted (see core.motion).

    regularisation: ridge of the logistic head, whose windows weigh one together; hold_weight: nats of raw
    score per unit of hold evidence, where natural holds are known (see core.holds); least_active_s,
    least_windows: below them enrolment fails; least_probe_s: below it nothing is compared.
    """

    regularisation: float = 1e-4
    hold_weight: float = 3.0
    least_active_s: float = 20.0
    least_windows: int = 10
    least_probe_s: float = 1.5


@dataclass(frozen=True, slots=True)
class Manifest:
    """A model as shipped: identity, shape, and what was measured on development people.

    model_id: first 8 bytes of sha256; sha256, cohort_sha256: hexadecimal digests of the model and cohort
    files; dimensions: embedding length; input_version: of core.windows; channels, steps: shape of one window.
    """

    model_id: bytes
    sha256: str
    cohort_sha256: str
    dimensions: int
    input_version: int
    channels: int
    steps: int
    calibration: Calibration
    operating_points: tuple[OperatingPoint, ...]
    head: HeadParameters = field(default_factory=HeadParameters)

    def operating_point(self, name: str, probe_s: float) -> OperatingPoint:
        """Return the point `name` ("fmr1", "fmr0.1" or "fnmr3") measured at the longest duration not above
        `probe_s`.

        Below the shortest duration measured, the shortest is returned. Raises ModelError for a name that the
        model has not.
        """
        points = sorted(
            (point for point in self.operating_points if point.name == name), key=lambda p: p.probe_s
        )
        if not points:
            raise ModelError(
                f"The model has no operating point {name!r}; choose one of {', '.join(POINT_NAMES)}."
            )
        reached = [point for point in points if point.probe_s <= probe_s]
        return reached[-1] if reached else points[0]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Window embeddings of training people, whom a person's head learns to tell the person from.

    embeddings: float32 (n, dimensions); person: int32 (n,), which of the training people each row is of;
    holds_ms: float32 (m,), natural click-hold times of training people.
    """

    embeddings: NDArray[np.float32] = field(repr=False)
    person: NDArray[np.int32] = field(repr=False)
    holds_ms: NDArray[np.float32] = field(repr=False, default_factory=lambda: np.zeros(0, np.float32))
