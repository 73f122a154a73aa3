"""Extending a reference by movement that was proven to be the person's, and no further than is safe.

What was enrolled stays the anchor: the extended head is the enrolled one averaged with one that is fitted on
what was learned since, which never weighs more than half. Both are linear, so their average is a head like
any other. However somebody might get movement learned, as "frog-boiling" tries (Chan-Tin et al., ACM TISSEC
14, 2011), half of the score stays the enrolled person's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events
from mousegate.core.head import Head, fit
from mousegate.core.manifest import Condition
from mousegate.core.motion import MotionReference, Rotations
from mousegate.core.recogniser import Recogniser

LEAST_WINDOWS: Final = 60
"""A head on fewer would be one on chance: about a minute of movement."""
MOST_SHARE: Final = 0.5
MOST_STRETCHES: Final = 12
"""Learned stretches that count; an older one makes room for a new one."""


@dataclass(frozen=True, slots=True)
class LearnedWindows:
    """One condition's windows of a learned stretch, under the secret rotation.

    rows: float16 (n, dimensions); weight: float16 (n,), each window's quality.
    """

    rows: NDArray[np.float16] = field(repr=False)
    weight: NDArray[np.float16] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LearnedStretch:
    """Movement that was proven to be the person's: seconds of it, and its windows under each condition."""

    active_s: float
    windows: Mapping[Condition, LearnedWindows]


def learned_stretch(recogniser: Recogniser, recordings: Sequence[Events], secret: bytes) -> LearnedStretch:
    """Embed recordings under each condition and turn them by the person's `secret`."""
    turn = Rotations.of(secret, recogniser.manifest.dimensions).embeddings.T
    windows, active_s = {}, 0.0
    for condition in Condition:
        moved = recogniser.movement(recordings, condition)
        rows = (moved.embeddings @ turn).astype(np.float16)
        windows[condition] = LearnedWindows(rows, moved.windows.quality.astype(np.float16))
        active_s = moved.windows.active_s
    return LearnedStretch(active_s, windows)


def extend(
    anchor: MotionReference, stretches: Sequence[LearnedStretch], recogniser: Recogniser, secret: bytes
) -> MotionReference:
    """Return the enrolled reference extended by the newest MOST_STRETCHES; itself if they are too few."""
    stretches = stretches[-MOST_STRETCHES:]
    rotations = Rotations.of(secret, recogniser.manifest.dimensions)
    lock = _extended(anchor, anchor.lock, stretches, Condition.LOCK, recogniser, rotations)
    natural = anchor.natural
    if natural is not None:
        natural = _extended(anchor, natural, stretches, Condition.NATURAL, recogniser, rotations)
    active_s = anchor.active_s + sum(one.active_s for one in stretches)
    return replace(anchor, lock=lock, natural=natural, active_s=active_s)


def _extended(  # noqa: PLR0917 - one head among what both heads share
    anchor: MotionReference,
    head: Head,
    stretches: Sequence[LearnedStretch],
    condition: Condition,
    recogniser: Recogniser,
    rotations: Rotations,
) -> Head:
    if sum(len(one.windows[condition].rows) for one in stretches) < LEAST_WINDOWS:
        return head
    rows = np.concatenate([one.windows[condition].rows for one in stretches])
    weight = np.concatenate([one.windows[condition].weight for one in stretches]).astype(np.float64)
    own = (rows.astype(np.float64) @ rotations.embeddings).astype(np.float32)
    others = recogniser.cohort.windows(condition).embeddings
    fresh = fit(own, weight, others, recogniser.manifest.head.regularisation).turned(rotations.embeddings)
    share = min(MOST_SHARE, len(rows) / (len(rows) + anchor.windows))
    weights = (1.0 - share) * head.weights + share * fresh.weights
    return Head(weights.astype(np.float32), (1.0 - share) * head.bias + share * fresh.bias)
