"""From a trained network to a shipped model: cohort, measurements on development people, the files."""

import hashlib
import logging
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events, PointerDevice
from mousegate.core.holds import hold_times
from mousegate.core.manifest import Cohort, CohortWindows, Condition, HeadParameters, Manifest
from mousegate.core.motion import MotionReference, Rotations, raw_sample
from mousegate.core.recogniser import Embed, Recogniser, kept_events
from mousegate.core.windows import CHANNELS, INPUT_VERSION, PARAMETERS, Windows, extract, merge
from mousegate.embedding.manifest import (
    COHORT_NAME,
    MANIFEST_NAME,
    MODEL_NAME,
    cohort_to_bytes,
    manifest_to_json,
)
from mousegate.errors import FailureToEnrol
from mousegate.training import attempts
from mousegate.training.augment import draw, retime
from mousegate.training.datasets import Recording
from mousegate.training.metrics import TrialScores
from mousegate.training.protocol import DURATIONS_S, Person, dataset_of, probe_starts, stretch, without_idle
from mousegate.training.scales import UNCALIBRATED, Measured

LOG = logging.getLogger(__name__)
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
COHORT_ATTEMPTS_S = (0.0, 0.0, 0.0, 4.0, 4.0, 8.0)
"""Attempts at the lock of each training person who can make them, by the seconds of movement before."""
REHEARSALS = 5
ATTEMPTS = 12
"""Attempts of each person and duration that are measured."""
NO_SECRET = bytes(32)


def make_cohort(recordings: Iterable[Recording], embed: Embed, seed: int = 0) -> Cohort:
    """Embed windows of every training person under both conditions, drawn over the person's recordings, half
    of them under altered clock and screen, and keep holds.
    """
    of: dict[str, list[Recording]] = defaultdict(list)
    for recording in recordings:
        of[recording.person].append(recording)
    rng = np.random.default_rng(seed)
    sizes = Counter(dataset_of(name) for name in of)
    windows: dict[Condition, list[CohortWindows]] = {condition: [] for condition in Condition}
    holds = [np.zeros(0, np.float32)]
    for number, name in enumerate(sorted(of)):
        wanted = COHORT_WINDOWS if sizes[dataset_of(name)] >= FEW_PEOPLE else COHORT_WINDOWS_RARE
        parts = [without_idle(part.events) for part in sorted(of[name], key=lambda part: part.session)[:4]]
        begun = [stretch(part, 0.0, 400.0) for part in parts]
        for condition in Condition:
            chosen = _cohort_values(begun, condition, wanted, rng)
            if len(chosen):
                person = np.full(len(chosen), number, np.int32)
                windows[condition].append(CohortWindows(embed(chosen), person))
        known = np.concatenate([hold_times(part) for part in parts])
        holds.append(rng.choice(known, min(len(known), COHORT_HOLDS), replace=False))
    natural, lock = (_stacked(windows[condition]) for condition in (Condition.NATURAL, Condition.LOCK))
    return Cohort(natural, lock, np.concatenate(holds).astype(np.float32))


def _cohort_values(
    parts: Sequence[Events], condition: Condition, wanted: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return windows of a training person: none where there is too little movement."""
    recorded = merge([extract(kept_events(part, condition)) for part in parts])
    altered = merge([extract(kept_events(retime(part, draw(rng), rng), condition)) for part in parts])
    if min(len(recorded), len(altered)) < COHORT_WINDOWS:
        return np.zeros((0, len(CHANNELS), PARAMETERS.steps), np.float32)
    chosen = [_some(windows, wanted // 2, rng) for windows in (recorded, altered)]
    if condition is Condition.LOCK and (hand := attempts.mover(parts)) is not None:
        made = [attempts.attempt(hand, wander_s, rng) for wander_s in COHORT_ATTEMPTS_S]
        made[1::2] = [retime(one, draw(rng), rng) for one in made[1::2]]
        chosen.append(merge([extract(one) for one in made]).values)
    return np.concatenate(chosen)


def _some(windows: Windows, count: int, rng: np.random.Generator) -> NDArray[np.float32]:
    return windows.values[np.sort(rng.choice(len(windows), min(count, len(windows)), replace=False))]


def _stacked(parts: Sequence[CohortWindows]) -> CohortWindows:
    return CohortWindows(
        np.concatenate([one.embeddings for one in parts]), np.concatenate([one.person for one in parts])
    )


def measure(people: Sequence[Person], recogniser: Recogniser) -> list[Measured]:
    """Score ordinary use: every person's probes of every duration against every reference, uncalibrated.

    People of another data set are too easy to tell apart: they would flatter the error rates.
    """
    known = _enrolled(people, recogniser, rehearsed=False)
    head = recogniser.manifest.head
    rotations = Rotations.of(NO_SECRET, recogniser.manifest.dimensions)
    measured = []
    for duration_s in DURATIONS_S:
        rows = []
        for moved, person in enumerate(people):
            for events in probes(person, duration_s):
                sample = recogniser.sample([events], Condition.NATURAL)
                if not sample.movement.windows:
                    continue
                for claimed, one in known.items():
                    if one.natural is not None and people[claimed].dataset == person.dataset:
                        raw = raw_sample(one, sample, head, rotations)
                        rows.append((claimed, moved, raw, sample.movement.active_s))
        measured.append(_measured(duration_s, rows))
    return measured


def measure_lock(
    people: Sequence[Person], recogniser: Recogniser, seed: int = 0, *, rehearsed: bool = True
) -> list[Measured]:
    """Score attempts at the lock (see training.attempts) after each of WANDERS_S of movement, uncalibrated.

    rehearsed: whether references hold REHEARSALS rehearsals. `duration_s` of the result is the seconds of
    movement before. Trials come person by person, attempt by attempt, reference by reference.
    """
    known = _enrolled(people, recogniser, rehearsed=rehearsed)
    turn = Rotations.of(NO_SECRET, recogniser.manifest.dimensions).embeddings
    hands = [attempts.mover(person.probes) for person in people]
    measured = []
    for wander_s in attempts.WANDERS_S:
        rows = []
        for moved, (person, hand) in enumerate(zip(people, hands, strict=True)):
            rng = np.random.default_rng([seed, moved])
            for _ in range(ATTEMPTS if hand else 0):
                assert hand is not None
                made = recogniser.movement([attempts.attempt(hand, wander_s, rng)], Condition.LOCK).mean
                if not made.windows:
                    continue
                turned = turn @ made.embedding.astype(np.float64)
                rows += [
                    (claimed, moved, one.lock.score(turned), made.active_s)
                    for claimed, one in known.items()
                    if people[claimed].dataset == person.dataset
                ]
        measured.append(_measured(wander_s, rows))
    return measured


def _measured(duration_s: float, rows: Sequence[tuple[int, int, float, float]]) -> Measured:
    table = np.array(rows, np.float64).reshape(-1, 4)
    trials = TrialScores(table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2])
    return Measured(duration_s, trials, table[:, 3])


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


def _enrolled(
    people: Sequence[Person], recogniser: Recogniser, *, rehearsed: bool
) -> dict[int, MotionReference]:
    """Return the reference of everybody who can be enrolled, by number."""
    known = {}
    for number, person in enumerate(people):
        try:
            made = recogniser.enrol(person.enrol, NO_SECRET)
        except FailureToEnrol as failure:
            LOG.warning("%s: %s", person.name, failure)
            continue
        hand = attempts.mover(person.enrol) if rehearsed else None
        if hand is not None:
            rng = np.random.default_rng([1, number])
            taken = [attempts.attempt(hand, 0.0, rng) for _ in range(REHEARSALS)]
            made = rehearsed_with(recogniser, made, taken)
        known[number] = made
    return known


def rehearsed_with(
    recogniser: Recogniser, reference: MotionReference, taken: Sequence[Events]
) -> MotionReference:
    """Return the reference with rehearsals of these movements."""
    attempted = [recogniser.lock_probe([one], PointerDevice.UNKNOWN) for one in taken]
    return recogniser.rehearse(reference, attempted, NO_SECRET)


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
        natural=UNCALIBRATED,
        lock=UNCALIBRATED,
        head=head,
    )


def ship(directory: Path, manifest: Manifest, cohort: Cohort) -> Manifest:
    """Write cohort and manifest beside the network in `directory`; return the manifest with their digests."""
    packed = cohort_to_bytes(cohort)
    (directory / COHORT_NAME).write_bytes(packed)
    digest = hashlib.sha256((directory / MODEL_NAME).read_bytes()).hexdigest()
    complete = replace(
        manifest,
        model_id=bytes.fromhex(digest)[:8],
        sha256=digest,
        cohort_sha256=hashlib.sha256(packed).hexdigest(),
    )
    (directory / MANIFEST_NAME).write_text(manifest_to_json(complete), encoding="utf-8")
    return complete
