"""The motion factor: enrol a person's window embeddings and compare a probe's mean with them.

A person's head is a logistic regression of the person's windows against the cohort's. Being linear, it needs
only the mean window embedding of a probe, which is what a probe can carry. Its log-odds are calibrated to a
likelihood ratio as they are: setting them off against the cohort's scores (Z-norm) cost accuracy on
development people, because the head has already learned how far the cohort is.

Everything stored is kept under a rotation drawn from a secret of the person (random orthonormal projection as
in BioHashing; Teoh, Ngo and Goh 2004): without the secret it says nothing, and a new secret renews it.
"""

import math
import struct
import zlib
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.manifest import Cohort, Manifest
from mousegate.core.probe import Probe
from mousegate.core.windows import Windows
from mousegate.errors import BadInput, FailureToEnrol

_HEAD: Final = struct.Struct("<4s8sHHff")
_MAGIC: Final = b"MGM2"
_NEWTON_STEPS: Final = 15


@dataclass(frozen=True, slots=True)
class MotionReference:
    """What is stored of a person's movement, under the secret rotation.

    model_id: of the model that embedded it; weights: float32 (dimensions,), and bias: of the head;
    active_s: seconds of movement enrolled; windows: how many.
    """

    model_id: bytes
    weights: NDArray[np.float32] = field(repr=False)
    bias: float
    active_s: float
    windows: int

    def to_bytes(self) -> bytes:
        """Return the stored form."""
        body = _HEAD.pack(
            _MAGIC,
            self.model_id,
            len(self.weights),
            min(self.windows, 0xFFFF),
            self.bias,
            self.active_s,
        )
        body += self.weights.astype("<f4").tobytes()
        return body + struct.pack("<I", zlib.crc32(body))

    @classmethod
    def from_bytes(cls, untrusted: bytes) -> "MotionReference":
        """Parse the stored form. Raises BadInput on anything that `to_bytes` would not have written."""
        try:
            magic, model_id, size, windows, *numbers = _HEAD.unpack_from(untrusted)
            body, check = untrusted[:-4], struct.unpack("<I", untrusted[-4:])[0]
        except struct.error as error:
            raise BadInput("The stored movement is cut short; enrol again.") from error
        if magic != _MAGIC or len(body) != _HEAD.size + 4 * size or zlib.crc32(body) != check:
            raise BadInput("The stored movement is damaged; enrol again.")
        weights = np.frombuffer(body, "<f4", size, _HEAD.size).astype(np.float32)
        if not (np.isfinite(weights).all() and np.isfinite(numbers).all()):
            raise BadInput("The stored movement is not finite; enrol again.")
        bias, active_s = (float(number) for number in numbers)
        return cls(model_id, weights, bias, active_s, windows)


@dataclass(frozen=True, slots=True)
class MeanProbe:
    """What a Probe carries of movement: mean window embedding (float32, empty without windows), windows,
    active_s, quality.
    """

    embedding: NDArray[np.float32] = field(repr=False)
    windows: int
    active_s: float
    quality: float


def mean_probe(embeddings: NDArray[np.float32], windows: Windows) -> MeanProbe:
    """Average window embeddings (n, d), each weighted by its window's quality."""
    total = float(windows.quality.sum())
    if not len(windows) or total <= 0:
        return MeanProbe(np.zeros(0, np.float32), 0, windows.active_s, 0.0)
    mean = (windows.quality @ embeddings) / total
    return MeanProbe(mean.astype(np.float32), len(windows), windows.active_s, float(windows.quality.mean()))


def rotation(secret: bytes, dimensions: int) -> NDArray[np.float64]:
    """Return the orthonormal matrix (dimensions, dimensions) that `secret` (32 bytes) stands for."""
    generator = np.random.Generator(np.random.PCG64(int.from_bytes(secret, "big")))
    basis, upper = np.linalg.qr(generator.standard_normal((dimensions, dimensions)))
    return np.asarray(basis * np.sign(np.diag(upper)), np.float64)


def enrol(
    embeddings: NDArray[np.float32],
    windows: Windows,
    manifest: Manifest,
    cohort: Cohort,
    secret: bytes,
) -> MotionReference:
    """Make a reference from windows and their embeddings (n, d); `secret` is 32 bytes, the person's own.

    Raises FailureToEnrol, with the reason, when there is too little movement or it cannot be used.
    """
    head, quality, active_s = manifest.head, windows.quality, windows.active_s
    if active_s < head.least_active_s or len(embeddings) < head.least_windows:
        raise FailureToEnrol(
            f"Only {active_s:.0f} s of mouse movement were recorded; at least {head.least_active_s:.0f} s "
            "are needed. Move the mouse as you usually do, for longer."
        )
    if embeddings.shape[1] != manifest.dimensions or not np.isfinite(embeddings).all() or quality.sum() <= 0:
        raise FailureToEnrol("The recorded movement cannot be used; record it again.")
    own = embeddings.astype(np.float64)
    weights, bias = _fit_head(
        own, quality.astype(np.float64), cohort.embeddings.astype(np.float64), head.regularisation
    )
    turn = rotation(secret, manifest.dimensions)
    turned = (turn @ weights).astype(np.float32)
    return MotionReference(manifest.model_id, turned, bias, active_s, len(embeddings))


def score(reference: MotionReference, probe: Probe, manifest: Manifest, secret: bytes) -> float | None:
    """Return the calibrated log-likelihood ratio that `probe` is the reference's person, in nats; higher is
    more alike.

    None (which never unlocks) when there is too little movement, another model made either side, or anything
    is not finite.
    """
    fits = probe.model_id == reference.model_id == manifest.model_id
    if (
        not fits
        or len(probe.embedding) != manifest.dimensions
        or len(reference.weights) != manifest.dimensions
    ):
        return None
    if probe.windows < 1 or not probe.active_s >= manifest.head.least_probe_s:
        return None
    raw = raw_score(reference, probe.embedding.astype(np.float64), rotation(secret, manifest.dimensions))
    llr = manifest.calibration.llr(raw, probe.active_s)
    return llr if math.isfinite(llr) else None


def raw_score(reference: MotionReference, embedding: NDArray[np.float64], turn: NDArray[np.float64]) -> float:
    """Return the uncalibrated score of a mean embedding (d,) under the rotation `turn` (d, d)."""
    return float((turn @ embedding) @ reference.weights) + reference.bias


def _fit_head(
    own: NDArray[np.float64], quality: NDArray[np.float64], others: NDArray[np.float64], ridge: float
) -> tuple[NDArray[np.float64], float]:
    """Fit logistic regression of `own` against `others`, each side weighing one half, by Newton's method."""
    rows = np.concatenate([own, others])
    rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    target = np.concatenate([np.ones(len(own)), np.zeros(len(others))])
    weight = np.concatenate([0.5 * quality / quality.sum(), np.full(len(others), 0.5 / len(others))])
    penalty = np.full(rows.shape[1], ridge)
    penalty[-1] = 1e-9
    solution = np.zeros(rows.shape[1])
    for _ in range(_NEWTON_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(rows @ solution, -30.0, 30.0)))
        gradient = rows.T @ (weight * (chance - target)) + penalty * solution
        curvature = (rows * (weight * chance * (1.0 - chance))[:, None]).T @ rows + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        solution -= step
        if float(np.abs(step).max()) < 1e-5:
            break
    return solution[:-1], float(solution[-1])
