"""From a trained network to a shipped model: cohort, calibration, operating points, manifest."""

import hashlib
import io
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mousegate.core.decision import OperatingPoint
from mousegate.core.events import Events
from mousegate.core.holds import HoldReference, enrol_holds, hold_evidence, hold_times
from mousegate.core.manifest import Calibration, Cohort, HeadParameters, Manifest
from mousegate.core.motion import MotionReference, enrol, mean_probe, raw_score, rotation
from mousegate.core.windows import CHANNELS, INPUT_VERSION, PARAMETERS, extract, merge
from mousegate.embedding.manifest import COHORT_NAME, MANIFEST_NAME, MODEL_NAME, manifest_to_json
from mousegate.errors import FailureToEnrol
from mousegate.training.augment import draw, retime
from mousegate.training.datasets import Recording
from mousegate.training.metrics import (
    TrialScores,
    logistic,
    threshold_at_fmr,
    threshold_at_fnmr,
)
from mousegate.training.protocol import DURATIONS_S, Person, dataset_of, probe_starts, stretch, without_idle

LOG = logging.getLogger(__name__)
Embed = Callable[[NDArray[np.float32]], NDArray[np.float32]]
COHORT_WINDOWS = 30
"""Windows of each training person in the cohort: enough for the head, few enough to ship."""
COHORT_WINDOWS_RARE = 300
FEW_PEOPLE = 20
"""People of a data set of fewer than FEW_PEOPLE give COHORT_WINDOWS_RARE: else nobody's head would learn what
is common to, say, all remote desktops, and mistake it for the person.
"""
COHORT_HOLDS = 40
"""Natural click-hold times of each training person in the cohort."""
PROBED_S = 60.0
"""Seconds of each development person that are probed, in probes of one duration: people, not busy people,
shall weigh.
"""
_NO_SECRET = bytes(32)


def make_cohort(recordings: Iterable[Recording], embed: Embed, seed: int = 0) -> Cohort:
    """Embed COHORT_WINDOWS windows of every training person, drawn over the person's recordings, and keep
    holds.
    """
    of: dict[str, list[Recording]] = defaultdict(list)
    for recording in recordings:
        of[recording.person].append(recording)
    rng = np.random.default_rng(seed)
    rows, person, holds = [], [], [np.zeros(0, np.float32)]
    sizes = Counter(dataset_of(name) for name in of)
    for number, name in enumerate(sorted(of)):
        wanted = COHORT_WINDOWS if sizes[dataset_of(name)] >= FEW_PEOPLE else COHORT_WINDOWS_RARE
        parts = [without_idle(part.events) for part in sorted(of[name], key=lambda part: part.session)[:4]]
        begun = [stretch(part, 0.0, 400.0) for part in parts]
        recorded = merge([extract(part) for part in begun])
        altered = merge([extract(retime(part, draw(rng), rng)) for part in begun])
        if len(recorded) < COHORT_WINDOWS or len(altered) < COHORT_WINDOWS:
            continue
        for windows in (recorded, altered):
            chosen = np.sort(rng.choice(len(windows), min(wanted // 2, len(windows)), replace=False))
            rows.append(embed(windows.values[chosen]))
            person.append(np.full(len(chosen), number, np.int32))
        known = np.concatenate([hold_times(part) for part in parts])
        holds.append(rng.choice(known, min(len(known), COHORT_HOLDS), replace=False))
    return Cohort(np.concatenate(rows), np.concatenate(person), np.concatenate(holds).astype(np.float32))


@dataclass(frozen=True, slots=True)
class Measured:
    """Raw scores of one probe duration: the trials, and each trial's seconds of active movement."""

    duration_s: float
    trials: TrialScores
    active_s: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Known:
    """An enrolled person: number, data set, motion, and holds where there were clicks."""

    number: int
    dataset: str
    motion: MotionReference
    holds: HoldReference | None


def measure(people: Sequence[Person], embed: Embed, manifest: Manifest, cohort: Cohort) -> list[Measured]:
    """Score every person's probes of every duration against every reference of the same data set,
    uncalibrated.

    People of another data set are too easy to tell apart: they would flatter the error rates.
    """
    known = [
        one
        for number, person in enumerate(people)
        if (one := _enrol(number, person, embed, manifest, cohort))
    ]
    turn = rotation(_NO_SECRET, manifest.dimensions)
    measured = []
    for duration_s in DURATIONS_S:
        rows = []
        for moved, person in enumerate(people):
            for events in probes(person, duration_s):
                windows = extract(events)
                probe = mean_probe(embed(windows.values), windows)
                if not probe.windows:
                    continue
                mean, holds_ms = probe.embedding.astype(np.float64), hold_times(events)
                for one in known:
                    if one.dataset != person.dataset:
                        continue
                    raw = raw_score(one.motion, mean, turn)
                    raw += manifest.head.hold_weight * hold_evidence(one.holds, holds_ms)
                    rows.append((one.number, moved, raw, probe.active_s))
        table = np.array(rows, np.float64).reshape(-1, 4)
        trials = TrialScores(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])
        measured.append(Measured(duration_s, trials, table[:, 3]))
    return measured


def probes(person: Person, duration_s: float) -> list[Events]:
    """Return as many stretches of `duration_s` of a person's probe recordings as PROBED_S holds, evenly
    chosen.
    """
    most = max(1, int(PROBED_S // duration_s))
    starts = [
        (events, start_s) for events in person.probes for start_s in probe_starts(events, duration_s, most)
    ]
    if not starts:
        return []
    chosen = np.unique(np.linspace(0, len(starts) - 1, most).round().astype(int))
    return [stretch(starts[index][0], starts[index][1], duration_s) for index in chosen]


def _enrol(number: int, person: Person, embed: Embed, manifest: Manifest, cohort: Cohort) -> _Known | None:
    windows = merge([extract(events) for events in person.enrol])
    holds_ms = np.concatenate([hold_times(events) for events in person.enrol])
    try:
        made = enrol(embed(windows.values), windows, manifest, cohort, _NO_SECRET)
    except FailureToEnrol as failure:
        LOG.warning("%s: %s", person.name, failure)
        return None
    return _Known(number, person.dataset, made, enrol_holds(holds_ms, cohort.holds_ms))


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


def calibrated(measured: Sequence[Measured], manifest: Manifest) -> list[Measured]:
    """Return the measurements with raw scores turned into log-likelihood ratios by the manifest's
    calibration.
    """
    result = []
    for one in measured:
        pairs = zip(one.trials.score, one.active_s, strict=True)
        llr = np.array([manifest.calibration.llr(float(raw), float(active)) for raw, active in pairs])
        result.append(replace(one, trials=replace(one.trials, score=llr)))
    return result


def fit_calibration(measured: Sequence[Measured]) -> Calibration:
    """Fit slope and offset, each linear in log(duration), to all durations at once; every duration weighs the
    same.

    One fit of four numbers, since a dozen people are too few to fit each duration by itself.
    """
    durations = [float(one.active_s.mean()) for one in measured]
    rows, target, weight = [], [], []
    for one, duration in zip(measured, durations, strict=True):
        score, mated = one.trials.score, one.trials.reference == one.trials.person
        ones = np.ones(len(score))
        rows.append(np.stack([score, ones, score * np.log(duration), ones * np.log(duration)], axis=1))
        target.append(mated.astype(np.float64))
        weight.append(np.where(mated, 0.5 / max(mated.sum(), 1), 0.5 / max((~mated).sum(), 1)))
    fit = logistic(np.concatenate(rows), np.concatenate(target), np.concatenate(weight))
    slopes = tuple(float(max(fit[0] + fit[2] * np.log(duration), 1e-3)) for duration in durations)
    return Calibration(tuple(durations), slopes, tuple(float(fit[1] + fit[3] * np.log(d)) for d in durations))


def operating_points(measured: Sequence[Measured]) -> tuple[OperatingPoint, ...]:
    """Return "fmr1", "fmr0.1" and "fnmr3" for every duration from calibrated measurements."""
    points = []
    for one in measured:
        mated, non_mated = one.trials.mated, one.trials.non_mated
        for name, threshold in (
            ("fmr1", threshold_at_fmr(non_mated, 0.01)),
            ("fmr0.1", threshold_at_fmr(non_mated, 0.001)),
            ("fnmr3", threshold_at_fnmr(mated, 0.03)),
        ):
            fmr, fnmr = float((non_mated >= threshold).mean()), float((mated < threshold).mean())
            points.append(OperatingPoint(name, threshold, fmr, fnmr, one.duration_s))
    return tuple(points)


def provisional(sha256: str, dimensions: int, head: HeadParameters) -> Manifest:
    """Return a manifest that scores raw: identity calibration, no operating points."""
    return Manifest(
        model_id=bytes.fromhex(sha256)[:8],
        sha256=sha256,
        cohort_sha256="",
        dimensions=dimensions,
        input_version=INPUT_VERSION,
        channels=len(CHANNELS),
        steps=PARAMETERS.steps,
        calibration=Calibration((1.0,), (1.0,), (0.0,)),
        operating_points=(),
        head=head,
    )


def ship(directory: Path, manifest: Manifest, cohort: Cohort, model: Path | None = None) -> Manifest:
    """Write cohort and manifest into `directory`; return the manifest with their digests.

    model: folder of the network where it is not `directory`.
    """
    packed = io.BytesIO()
    np.savez(
        packed,
        embeddings=cohort.embeddings.astype(np.float16),
        person=cohort.person,
        holds_ms=cohort.holds_ms.astype(np.float16),
    )
    (directory / COHORT_NAME).write_bytes(packed.getvalue())
    digest = hashlib.sha256(((model or directory) / MODEL_NAME).read_bytes()).hexdigest()
    complete = replace(
        manifest,
        model_id=bytes.fromhex(digest)[:8],
        sha256=digest,
        cohort_sha256=hashlib.sha256(packed.getvalue()).hexdigest(),
    )
    (directory / MANIFEST_NAME).write_text(manifest_to_json(complete), encoding="utf-8")
    return complete
