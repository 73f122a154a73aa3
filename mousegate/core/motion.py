"""The motion factor: what is stored of a person's movement, and how alike a probe is to it.

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

from mousegate.core.head import Head
from mousegate.core.holds import HOLD_BINS, hold_evidence
from mousegate.core.manifest import Condition, HeadParameters, Manifest
from mousegate.core.probe import Probe
from mousegate.core.windows import Windows
from mousegate.errors import BadInput

_PREFIX: Final = struct.Struct("<4s8s")
_COUNTS: Final = struct.Struct("<HHHHBBf")
_MAGIC: Final = b"MGM3"
_OLD_MAGIC: Final = b"MGM2"
_OLD_COUNTS: Final = struct.Struct("<HHff")


@dataclass(frozen=True, slots=True)
class KeptWindows:
    """Embeddings of movement alone that the head for the lock was fitted on, under the secret rotation.

    They are kept so that enrolling movement or a rhythm anew can fit it again. rows: float16 (n, dimensions);
    weight: float16 (n,), each window's quality; rehearsals: how many of the last rows are of rehearsals.
    """

    rows: NDArray[np.float16] = field(repr=False)
    weight: NDArray[np.float16] = field(repr=False)
    rehearsals: int = 0


@dataclass(frozen=True, slots=True)
class MotionReference:
    """What is stored of a person's movement, under the secret rotation.

    model_id: of the model that embedded it; lock, natural: the head of each condition, natural being None
    when hardly anything was clicked while enrolling; holds: float32 (HOLD_BINS,), log density ratio of
    natural holds (see core.holds), None without enough clicks; kept: what the lock's head was fitted on;
    active_s: seconds of ordinary movement enrolled; windows: how many that made.
    """

    model_id: bytes
    lock: Head
    natural: Head | None
    holds: NDArray[np.float32] | None = field(repr=False)
    kept: KeptWindows = field(repr=False)
    active_s: float
    windows: int

    @property
    def rehearsals(self) -> int:
        """How many rehearsals at the lock screen it holds."""
        return self.kept.rehearsals

    @property
    def condition(self) -> Condition:
        """Under which condition ordinary use is compared with it."""
        return Condition.LOCK if self.natural is None else Condition.NATURAL

    def to_bytes(self) -> bytes:
        """Return the stored form."""
        has_natural, has_holds = self.natural is not None, self.holds is not None
        counts = (
            len(self.lock.weights),
            min(self.windows, 0xFFFF),
            len(self.kept.rows),
            self.kept.rehearsals,
        )
        body = _PREFIX.pack(_MAGIC, self.model_id)
        body += _COUNTS.pack(*counts, has_natural, has_holds, self.active_s)
        for head in (self.lock, self.natural):
            if head is not None:
                body += head.weights.astype("<f4").tobytes() + struct.pack("<f", head.bias)
        if self.holds is not None:
            body += self.holds.astype("<f4").tobytes()
        body += self.kept.rows.astype("<f2").tobytes() + self.kept.weight.astype("<f2").tobytes()
        return body + struct.pack("<I", zlib.crc32(body))

    @classmethod
    def from_bytes(cls, untrusted: bytes) -> "MotionReference":
        """Parse the stored form. Raises BadInput on anything that `to_bytes` would not have written.

        Version 2, which had one head for movement alone, is read as a head for the lock.
        """
        body, check = untrusted[:-4], untrusted[-4:]
        if len(check) < 4 or zlib.crc32(body) != struct.unpack("<I", check)[0]:
            raise BadInput("The stored movement is cut short or damaged; enrol again.")
        try:
            magic, model_id = _PREFIX.unpack_from(body)
            if magic == _OLD_MAGIC:
                return _read_old(model_id, body)
            if magic != _MAGIC:
                raise ValueError("magic")
            return _read(model_id, body)
        except (struct.error, ValueError) as error:
            raise BadInput("The stored movement is damaged; enrol again.") from error


def _read(model_id: bytes, body: bytes) -> MotionReference:
    counts = _COUNTS.unpack_from(body, _PREFIX.size)
    size, windows, rows, rehearsals, has_natural, has_holds, active_s = counts
    numbers = _Numbers(body, _PREFIX.size + _COUNTS.size)
    lock = numbers.head(size)
    natural = numbers.head(size) if has_natural else None
    holds = numbers.take("<f4", HOLD_BINS).astype(np.float32) if has_holds else None
    kept = numbers.take("<f2", rows * size).astype(np.float16).reshape(rows, size)
    weight = numbers.take("<f2", rows).astype(np.float16)
    sound = numbers.at == len(body) and max(has_natural, has_holds) <= 1 and rehearsals <= rows
    if not (sound and math.isfinite(active_s)):
        raise ValueError("length")
    windows_kept = KeptWindows(kept, weight, rehearsals)
    return MotionReference(model_id, lock, natural, holds, windows_kept, active_s, windows)


def _read_old(model_id: bytes, body: bytes) -> MotionReference:
    size, windows, bias, active_s = _OLD_COUNTS.unpack_from(body, _PREFIX.size)
    numbers = _Numbers(body, _PREFIX.size + _OLD_COUNTS.size)
    weights = numbers.take("<f4", size).astype(np.float32)
    if numbers.at != len(body) or not (math.isfinite(bias) and math.isfinite(active_s)):
        raise ValueError("length")
    kept = KeptWindows(np.zeros((0, size), np.float16), np.zeros(0, np.float16))
    return MotionReference(model_id, Head(weights, bias), None, None, kept, active_s, windows)


class _Numbers:
    """Takes arrays of finite numbers one after another from bytes. Raises ValueError where they are not."""

    def __init__(self, body: bytes, at: int) -> None:
        self._body = body
        self.at = at

    def take(self, kind: str, count: int) -> NDArray[np.floating]:
        """Return `count` numbers of dtype `kind`."""
        if count == 0:
            return np.zeros(0, kind)
        numbers = np.frombuffer(self._body, kind, count, self.at)
        if not np.isfinite(numbers).all():
            raise ValueError("not finite")
        self.at += numbers.nbytes
        return numbers

    def head(self, size: int) -> Head:
        """Return a head of `size` weights and a bias."""
        weights = self.take("<f4", size).astype(np.float32)
        return Head(weights, float(self.take("<f4", 1)[0]))


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


@dataclass(frozen=True, slots=True)
class Sample:
    """A stretch of ordinary use, ready to compare under one condition.

    movement: what counts under it; holds: float32 (HOLD_BINS,), the clicks on the grid of core.holds; clicks:
    how many.
    """

    condition: Condition
    movement: MeanProbe
    holds: NDArray[np.float32] = field(repr=False)
    clicks: int


@dataclass(frozen=True, slots=True)
class Rotations:
    """What a secret (32 bytes) stands for: orthonormal matrices for embeddings (d, d) and for holds
    (HOLD_BINS, HOLD_BINS).
    """

    embeddings: NDArray[np.float64] = field(repr=False)
    holds: NDArray[np.float64] = field(repr=False)

    @classmethod
    def of(cls, secret: bytes, dimensions: int) -> "Rotations":
        """Draw them; the same secret always draws the same."""
        generator = np.random.Generator(np.random.PCG64(int.from_bytes(secret, "big")))
        return cls(_orthonormal(generator, dimensions), _orthonormal(generator, HOLD_BINS))


def _orthonormal(generator: np.random.Generator, size: int) -> NDArray[np.float64]:
    basis, upper = np.linalg.qr(generator.standard_normal((size, size)))
    return np.asarray(basis * np.sign(np.diag(upper)), np.float64)


def score(reference: MotionReference, probe: Probe, manifest: Manifest, secret: bytes) -> float | None:
    """Return the calibrated log-likelihood ratio that an attempt at the lock is the reference's person's, in
    nats; higher is more alike.

    None (which never unlocks) when there is too little movement, another model made either side, or anything
    is not finite.
    """
    mean = MeanProbe(probe.embedding, probe.windows, probe.active_s, probe.quality)
    if probe.model_id != manifest.model_id or not _comparable(reference, mean, manifest):
        return None
    turn = Rotations.of(secret, manifest.dimensions).embeddings
    raw = reference.lock.score(turn @ probe.embedding.astype(np.float64))
    llr = manifest.lock.llr(raw, probe.active_s)
    return llr if math.isfinite(llr) else None


def score_sample(
    reference: MotionReference, sample: Sample, manifest: Manifest, rotations: Rotations
) -> float | None:
    """Return the calibrated log-likelihood ratio that ordinary use is the reference's person's, in nats.

    None as for `score`, and where the sample was made for another condition than the reference's.
    """
    moved = sample.movement
    if sample.condition is not reference.condition or not _comparable(reference, moved, manifest):
        return None
    raw = raw_sample(reference, sample, manifest.head, rotations)
    llr = manifest.scale(sample.condition).llr(raw, moved.active_s)
    return llr if math.isfinite(llr) else None


def raw_sample(
    reference: MotionReference, sample: Sample, parameters: HeadParameters, rotations: Rotations
) -> float:
    """Return the uncalibrated score of ordinary use: the head's, and under NATURAL the holds' fused to it."""
    turned = rotations.embeddings @ sample.movement.embedding.astype(np.float64)
    if reference.natural is None:
        return reference.lock.score(turned)
    clicks = (rotations.holds @ sample.holds).astype(np.float32)
    evidence = hold_evidence(reference.holds, clicks, sample.clicks)
    return reference.natural.score(turned) + parameters.hold_weight * evidence


def _comparable(reference: MotionReference, mean: MeanProbe, manifest: Manifest) -> bool:
    sizes = {len(mean.embedding), len(reference.lock.weights), manifest.dimensions}
    enough = mean.windows >= 1 and mean.active_s >= manifest.head.least_probe_s
    return reference.model_id == manifest.model_id and len(sizes) == 1 and enough
