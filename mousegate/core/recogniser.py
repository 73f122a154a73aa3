"""Manifest, network and cohort as one: the only place that says which events and which cohort belong to which
condition, so that nobody can pair the wrong ones.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events, PointerDevice
from mousegate.core.head import Head, fit
from mousegate.core.holds import HOLDS, enrol_holds, hold_histogram, hold_times
from mousegate.core.manifest import Cohort, Condition, Manifest
from mousegate.core.motion import (
    KeptWindows,
    MeanProbe,
    MotionReference,
    Rotations,
    Sample,
    mean_probe,
    score_sample,
)
from mousegate.core.probe import Probe
from mousegate.core.windows import Windows, extract, merge, movement_alone
from mousegate.errors import FailureToEnrol

Embed = Callable[[NDArray[np.float32]], NDArray[np.float32]]
"""Windows (n, channels, steps) to embeddings (n, dimensions)."""


@dataclass(frozen=True, slots=True)
class Movement:
    """Windows of one condition, and the embedding of each, float32 (n, dimensions)."""

    windows: Windows
    embeddings: NDArray[np.float32]

    @property
    def mean(self) -> MeanProbe:
        """Its mean."""
        return mean_probe(self.embeddings, self.windows)


def kept_events(events: Events, condition: Condition) -> Events:
    """Return the events that count under a condition."""
    return events if condition is Condition.NATURAL else movement_alone(events)


class Recogniser:
    """Enrols people and makes what is compared with them. What `embed` raises passes through."""

    def __init__(self, manifest: Manifest, embed: Embed, load_cohort: Callable[[], Cohort]) -> None:
        """Compose a model; the cohort is loaded when first needed, which only enrolling does."""
        self.manifest = manifest
        self._embed = embed
        self._load_cohort = load_cohort
        self._cohort: Cohort | None = None

    @property
    def cohort(self) -> Cohort:
        """The cohort."""
        if self._cohort is None:
            self._cohort = self._load_cohort()
        return self._cohort

    def movement(self, recordings: Sequence[Events], condition: Condition) -> Movement:
        """Cut and embed recordings; none of their windows spans two."""
        windows = merge([extract(kept_events(events, condition)) for events in recordings])
        return Movement(windows, self._embed(windows.values))

    def embed_windows(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map windows (n, channels, steps) that were cut already to embeddings (n, dimensions)."""
        return self._embed(values)

    def lock_probe(self, recordings: Sequence[Events], device: PointerDevice) -> Probe:
        """Return an attempt at the lock, without its rhythm."""
        mean = self.movement(recordings, Condition.LOCK).mean
        return Probe(
            self.manifest.model_id, device, (), mean.embedding, mean.windows, mean.active_s, mean.quality
        )

    def sample(self, recordings: Sequence[Events], condition: Condition) -> Sample:
        """Return a stretch of ordinary use, to be compared with references of that condition."""
        holds_ms = np.concatenate([np.zeros(0, np.float32), *(hold_times(one) for one in recordings)])
        mean = self.movement(recordings, condition).mean
        return Sample(condition, mean, hold_histogram(holds_ms), len(holds_ms))

    def score(self, reference: MotionReference, sample: Sample, secret: bytes) -> float | None:
        """Return how alike ordinary use is to a reference (see core.motion.score_sample)."""
        rotations = Rotations.of(secret, self.manifest.dimensions)
        return score_sample(reference, sample, self.manifest, rotations)

    def enrol(
        self, recordings: Sequence[Events], secret: bytes, before: MotionReference | None = None
    ) -> MotionReference:
        """Make a reference from recordings of ordinary use; `secret` is 32 bytes, the person's own.

        before: the reference in whose place it comes, whose rehearsals it takes over. Raises FailureToEnrol,
        with the reason, when there is too little movement or it cannot be used.
        """
        moved = {condition: self.movement(recordings, condition) for condition in Condition}
        for one in moved.values():
            self._check(one)
        rotations = Rotations.of(secret, self.manifest.dimensions)
        natural, holds = self._enrol_natural(moved[Condition.NATURAL], recordings, rotations)
        alone, most = moved[Condition.LOCK], self.manifest.head.most_windows
        chosen = np.unique(np.linspace(0, len(alone.embeddings) - 1, most).round().astype(int))
        kept = _keep(alone.embeddings[chosen], alone.windows.quality[chosen], rotations)
        if before is not None and before.model_id == self.manifest.model_id:
            kept = _joined(kept, before.kept, before.rehearsals)
        return MotionReference(
            model_id=self.manifest.model_id,
            lock=self._fit_lock(kept, rotations),
            natural=natural,
            holds=holds,
            kept=kept,
            active_s=alone.windows.active_s,
            windows=len(alone.embeddings),
        )

    def rehearse(
        self, reference: MotionReference, attempts: Sequence[Probe], secret: bytes
    ) -> MotionReference:
        """Return the reference with its head for the lock fitted anew, also on attempts at the lock screen
        that are known to be the person's; they come in the place of earlier ones.

        Attempts without movement, or of another model, are left out; so is a reference of another model.
        """
        manifest = self.manifest
        usable = [
            one
            for one in attempts
            if one.model_id == reference.model_id == manifest.model_id
            and len(one.embedding) == manifest.dimensions
        ]
        if not usable or not len(reference.kept.rows):
            return reference
        rotations = Rotations.of(secret, manifest.dimensions)
        weight = np.array([one.windows * one.quality for one in usable], np.float32)
        added = _keep(np.stack([one.embedding for one in usable]), weight, rotations)
        ordinary = len(reference.kept.rows) - reference.rehearsals
        without = KeptWindows(reference.kept.rows[:ordinary], reference.kept.weight[:ordinary])
        kept = _joined(without, added, len(usable))
        return replace(reference, kept=kept, lock=self._fit_lock(kept, rotations))

    def _check(self, moved: Movement) -> None:
        head, windows = self.manifest.head, moved.windows
        if windows.active_s < head.least_active_s or len(windows) < head.least_windows:
            raise FailureToEnrol(
                f"Only {windows.active_s:.0f} s of mouse movement were recorded; at least "
                f"{head.least_active_s:.0f} s are needed. Move the mouse as you usually do, for longer."
            )
        fits = moved.embeddings.shape[1] == self.manifest.dimensions
        if not fits or not np.isfinite(moved.embeddings).all() or windows.quality.sum() <= 0:
            raise FailureToEnrol("The recorded movement cannot be used; record it again.")

    def _enrol_natural(
        self, moved: Movement, recordings: Sequence[Events], rotations: Rotations
    ) -> tuple[Head | None, NDArray[np.float32] | None]:
        """Return head and holds of ordinary use; none where hardly anything was clicked: then "no clicks"
        would be all that the head learns.
        """
        holds_ms = np.concatenate([hold_times(events) for events in recordings])
        if len(holds_ms) < HOLDS.least_clicks:
            return None, None
        others, ridge = self.cohort.natural.embeddings, self.manifest.head.regularisation
        head = fit(moved.embeddings, moved.windows.quality.astype(np.float64), others, ridge)
        ratio = enrol_holds(holds_ms, self.cohort.holds_ms)
        turned = None if ratio is None else (rotations.holds @ ratio).astype(np.float32)
        return head.turned(rotations.embeddings), turned

    def _fit_lock(self, kept: KeptWindows, rotations: Rotations) -> Head:
        """Fit the head for the lock; rehearsals weigh HeadParameters.rehearsed in it, where there are any."""
        own = (kept.rows.astype(np.float64) @ rotations.embeddings).astype(np.float32)
        weight = kept.weight.astype(np.float64)
        ordinary = len(own) - kept.rehearsals
        share = self.manifest.head.rehearsed if kept.rehearsals else 0.0
        weight[:ordinary] *= (1.0 - share) / weight[:ordinary].sum()
        weight[ordinary:] *= share / max(weight[ordinary:].sum(), 1e-9)
        head = fit(own, weight, self.cohort.lock.embeddings, self.manifest.head.regularisation)
        return head.turned(rotations.embeddings)


def _keep(rows: NDArray[np.float32], weight: NDArray[np.float32], rotations: Rotations) -> KeptWindows:
    return KeptWindows((rows @ rotations.embeddings.T).astype(np.float16), weight.astype(np.float16))


def _joined(ordinary: KeptWindows, rehearsed: KeptWindows, count: int) -> KeptWindows:
    """Return `ordinary` followed by the last `count` windows of `rehearsed`."""
    last = slice(len(rehearsed.rows) - count, None)
    return KeptWindows(
        np.concatenate([ordinary.rows, rehearsed.rows[last]]),
        np.concatenate([ordinary.weight, rehearsed.weight[last]]),
        count,
    )
