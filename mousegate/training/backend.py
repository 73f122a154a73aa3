"""From a trained network to a shipped model: cohort, calibration, operating points, manifest."""

import hashlib
import io
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mousegate.core.decision import OperatingPoint
from mousegate.core.manifest import Calibration, Cohort, HeadParameters, Manifest
from mousegate.core.motion import enrol, mean_probe, raw_score, rotation
from mousegate.core.windows import CHANNELS, INPUT_VERSION, PARAMETERS, extract, merge
from mousegate.embedding.manifest import COHORT_NAME, MANIFEST_NAME, MODEL_NAME, manifest_to_json
from mousegate.errors import FailureToEnrol
from mousegate.training.datasets import Recording
from mousegate.training.metrics import (
    TrialScores,
    calibrate,
    threshold_at_fmr,
    threshold_at_fnmr,
)
from mousegate.training.protocol import DURATIONS_S, Person, probe_starts, stretch, without_idle

LOG = logging.getLogger(__name__)
Embed = Callable[[NDArray[np.float32]], NDArray[np.float32]]
COHORT_WINDOWS = 30
"""Windows of each training person in the cohort: enough for the head, few enough to ship."""
PROBES_OF_A_PERSON = 12
_NO_SECRET = bytes(32)


def make_cohort(recordings: Iterable[Recording], embed: Embed, seed: int = 0) -> Cohort:
    """Embed COHORT_WINDOWS windows of every training person, drawn over the person's recordings."""
    of: dict[str, list[Recording]] = defaultdict(list)
    for recording in recordings:
        of[recording.person].append(recording)
    rng = np.random.default_rng(seed)
    rows, person = [], []
    for number, name in enumerate(sorted(of)):
        parts = sorted(of[name], key=lambda part: part.session)[:4]
        windows = merge([extract(stretch(without_idle(part.events), 0.0, 400.0)) for part in parts])
        if len(windows) < COHORT_WINDOWS:
            continue
        chosen = np.sort(rng.choice(len(windows), COHORT_WINDOWS, replace=False))
        rows.append(embed(windows.values[chosen]))
        person.append(np.full(COHORT_WINDOWS, number, np.int32))
    return Cohort(np.concatenate(rows), np.concatenate(person))


@dataclass(frozen=True, slots=True)
class Measured:
    """Raw scores of one probe duration: the trials, and each trial's seconds of active movement."""

    duration_s: float
    trials: TrialScores
    active_s: NDArray[np.float64]


def measure(people: Sequence[Person], embed: Embed, manifest: Manifest, cohort: Cohort) -> list[Measured]:
    """Score every person's probes of every duration against every person's reference, uncalibrated."""
    turn = rotation(_NO_SECRET, manifest.dimensions)
    references = []
    for number, person in enumerate(people):
        windows = merge([extract(events) for events in person.enrol])
        try:
            made = enrol(embed(windows.values), windows, manifest, cohort, _NO_SECRET)
        except FailureToEnrol as failure:
            LOG.warning("%s: %s", person.name, failure)
            continue
        references.append((number, made))
    measured = []
    for duration_s in DURATIONS_S:
        rows = []
        for moved, person in enumerate(people):
            most = max(1, PROBES_OF_A_PERSON // max(1, len(person.probes)))
            for events in person.probes:
                for start_s in probe_starts(events, duration_s, most):
                    windows = extract(stretch(events, start_s, duration_s))
                    probe = mean_probe(embed(windows.values), windows)
                    if not probe.windows:
                        continue
                    mean = probe.embedding.astype(np.float64)
                    rows += [
                        (claimed, moved, raw_score(made, mean, turn), probe.active_s)
                        for claimed, made in references
                    ]
        table = np.array(rows, np.float64).reshape(-1, 4)
        trials = TrialScores(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])
        measured.append(Measured(duration_s, trials, table[:, 3]))
    return measured


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
    """Fit one slope and offset per probe duration, at the mean active movement of its probes."""
    durations, slopes, offsets = [], [], []
    for one in measured:
        slope, offset = calibrate(one.trials.mated, one.trials.non_mated)
        durations.append(float(one.active_s.mean()))
        slopes.append(slope)
        offsets.append(offset)
    return Calibration(tuple(durations), tuple(slopes), tuple(offsets))


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


def ship(directory: Path, manifest: Manifest, cohort: Cohort) -> Manifest:
    """Write cohort and manifest beside the model of `directory`; return the manifest with their digests."""
    packed = io.BytesIO()
    np.savez(packed, embeddings=cohort.embeddings.astype(np.float16), person=cohort.person)
    (directory / COHORT_NAME).write_bytes(packed.getvalue())
    model = (directory / MODEL_NAME).read_bytes()
    digest = hashlib.sha256(model).hexdigest()
    complete = replace(
        manifest,
        model_id=bytes.fromhex(digest)[:8],
        sha256=digest,
        cohort_sha256=hashlib.sha256(packed.getvalue()).hexdigest(),
    )
    (directory / MANIFEST_NAME).write_text(manifest_to_json(complete), encoding="utf-8")
    return complete
