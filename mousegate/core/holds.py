"""Natural click-hold times as a second channel beside movement: weak alone, worth fusing.

A person's holds are a density over log hold time (kernel estimate, mixed with the cohort's so that no single
click decides); a probe's evidence is the mean log ratio of the two densities over its clicks, shrunk for few
clicks. Densities by Parzen (1962). Ratio and clicks are vectors over one grid of log hold times, between
whose points a click is shared: so the evidence is a product of vectors, which a rotation of both leaves as
it is.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.clicks import pair
from mousegate.core.events import Events

HOLD_BINS: Final = 96
_LOG_MS: Final = np.linspace(np.log(8.0), np.log(1100.0), HOLD_BINS)


@dataclass(frozen=True, slots=True)
class HoldParameters:
    """What counts as a click, and how its density is estimated (chosen on development people).

    longest_ms: longer holds are drags or deliberate; bandwidth: of the kernel, in natural log of ms;
    own_share: share of the person's own density in the mixture; least_clicks: fewer make no density;
    shrinkage: clicks that stand for knowing nothing.
    """

    longest_ms: int = 1000
    bandwidth: float = 0.12
    own_share: float = 0.8
    least_clicks: int = 8
    shrinkage: float = 3.0


HOLDS: Final = HoldParameters()


def hold_times(events: Events) -> NDArray[np.float32]:
    """Return the hold times of left clicks in ms, float32 (n,), drags and long holds left out."""
    holds = [press.hold_ms for press in pair(events).presses if press.button == 1]
    return np.array([hold for hold in holds if 0 < hold < HOLDS.longest_ms], np.float32)


def hold_histogram(holds_ms: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the clicks on the grid, float32 (HOLD_BINS,): each adds one, shared between its neighbours."""
    place = np.interp(np.log(holds_ms.astype(np.float64)), _LOG_MS, np.arange(HOLD_BINS))
    lower = np.minimum(place.astype(np.int64), HOLD_BINS - 2)
    counts = np.bincount(lower, 1.0 - (place - lower), HOLD_BINS)
    counts += np.bincount(lower + 1, place - lower, HOLD_BINS)
    return counts.astype(np.float32)


def enrol_holds(holds_ms: NDArray[np.float32], cohort_ms: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """Return the log ratio of the person's hold density to the cohort's, float32 (HOLD_BINS,); None when
    either has too few clicks.
    """
    if min(len(holds_ms), len(cohort_ms)) < HOLDS.least_clicks:
        return None
    others = _density(cohort_ms) + 1e-3
    mixed = HOLDS.own_share * _density(holds_ms) + (1.0 - HOLDS.own_share) * others
    return np.log(mixed / others).astype(np.float32)


def hold_evidence(ratio: NDArray[np.float32] | None, histogram: NDArray[np.float32], clicks: int) -> float:
    """Return the shrunk mean log ratio of a probe's clicks: 0 without any or without reference, positive when
    alike.

    ratio, histogram: (HOLD_BINS,), both turned by the same rotation or by none; clicks: how many there are.
    """
    if ratio is None or not clicks:
        return 0.0
    return float(histogram @ ratio) / (clicks + HOLDS.shrinkage)


def _density(holds_ms: NDArray[np.float32]) -> NDArray[np.float64]:
    apart = (_LOG_MS[:, None] - np.log(holds_ms.astype(np.float64))[None]) / HOLDS.bandwidth
    return np.asarray(np.exp(-0.5 * apart**2).mean(axis=1) / (HOLDS.bandwidth * np.sqrt(2.0 * np.pi)))
