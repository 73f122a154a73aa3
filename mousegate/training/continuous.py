"""Beyond verification, on Balabit: who of a few is it (closed set), and how soon is an impostor noticed
(continuous).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events
from mousegate.core.head import Head, fit
from mousegate.core.manifest import Condition
from mousegate.core.motion import MotionReference, Rotations, Sample, score_sample
from mousegate.core.recogniser import Recogniser
from mousegate.core.trust import AlarmPoint, TrustState, observe, renew
from mousegate.training.backend import NO_SECRET
from mousegate.training.protocol import stretch, stretch_s, without_idle

WINDOW_EVENTS: Final = 300
"""Events in one decision of the neuralauth project, with which closed-set identification is compared."""
BLOCK_S: Final = 5.0
"""Seconds of movement that the daemon compares at once."""
LEAD_S: Final = 120.0
SPLICED_S: Final = 600.0
WATCHED_S: Final = 900.0
"""Of the owner before a splice, of the stranger after it, and of one session of genuine use."""
THRESHOLDS: Final = (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 14.0, 17.0, 20.0, 25.0, 30.0)


@dataclass(frozen=True, slots=True)
class Sessions:
    """One person's sessions: those that enrol and those that are watched."""

    name: str
    enrol: tuple[Events, ...]
    watched: tuple[Events, ...]


@dataclass(frozen=True, slots=True)
class Identification:
    """Closed-set identification: share of blocks given to the right person; how many blocks and people."""

    accuracy: float
    blocks: int
    people: int
    confusion: NDArray[np.float64] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Watch:
    """For each alarm threshold: false alarms per hour of genuine use, and seconds until an impostor is
    noticed.

    hours: of genuine movement; splices: how many; median_s, late_s: until half and nine of ten of them are
    noticed, infinite where so many never are; missed: share of splices never noticed.
    """

    hours: float
    splices: int
    thresholds: NDArray[np.float64] = field(repr=False)
    false_alarms_per_h: NDArray[np.float64] = field(repr=False)
    median_s: NDArray[np.float64] = field(repr=False)
    late_s: NDArray[np.float64] = field(repr=False)
    missed: NDArray[np.float64] = field(repr=False)


def identify(people: Sequence[Sessions], recogniser: Recogniser) -> Identification:
    """Give each block of WINDOW_EVENTS events to the person whose head scores highest."""
    heads = [_head(person, recogniser) for person in people]
    weights = np.stack([one.weights for one in heads], axis=1)
    bias = np.array([one.bias for one in heads])
    confusion = np.zeros((len(people), len(people)))
    for number, person in enumerate(people):
        for events in person.watched:
            for start in range(0, len(events) - WINDOW_EVENTS + 1, 4 * WINDOW_EVENTS):
                block = recogniser.movement([events[start : start + WINDOW_EVENTS]], Condition.NATURAL)
                if len(block.embeddings):
                    scores = (block.embeddings @ weights + bias).mean(axis=0)
                    confusion[number, int(np.argmax(scores))] += 1
    blocks = int(confusion.sum())
    shares = np.diag(confusion) / np.maximum(confusion.sum(axis=1), 1.0)
    return Identification(float(shares.mean()), blocks, len(people), confusion)


def _head(person: Sessions, recogniser: Recogniser) -> Head:
    moved = recogniser.movement(_enrolled_on(person), Condition.NATURAL)
    quality = moved.windows.quality.astype(np.float64)
    others, ridge = recogniser.cohort.natural.embeddings, recogniser.manifest.head.regularisation
    return fit(moved.embeddings, quality, others, ridge)


def _enrolled_on(person: Sessions) -> list[Events]:
    return [stretch(without_idle(events), 0.0, 300.0) for events in person.enrol]


def watch(people: Sequence[Sessions], recogniser: Recogniser) -> Watch:
    """Watch as the daemon does (core.trust): everybody's own sessions, and sessions in which LEAD_S of the
    owner are followed by SPLICED_S of another person. One threshold holds for all.
    """
    references = [recogniser.enrol(_enrolled_on(person), NO_SECRET) for person in people]
    blocks = [[_blocks(events, recogniser) for events in person.watched] for person in people]
    lead, spliced = int(LEAD_S / BLOCK_S), int(SPLICED_S / BLOCK_S)
    genuine, strange = [], []
    for owner, reference in enumerate(references):
        own = [_scores(reference, session, recogniser) for session in blocks[owner]]
        genuine += own
        for other, sessions in enumerate(blocks):
            if other != owner:
                for number, session in enumerate(sessions):
                    scored = _scores(reference, session[:spliced], recogniser)
                    strange.append((own[number % len(own)][:lead], scored))
    seconds = sum(sum(active for _, active in session) for session in genuine)
    found = [_judge(genuine, strange, threshold) for threshold in THRESHOLDS]
    delays = np.array([delay for _, delay in found])
    return Watch(
        seconds / 3600.0,
        len(strange),
        np.array(THRESHOLDS),
        np.array([alarms for alarms, _ in found]) / max(seconds / 3600.0, 1e-9),
        np.percentile(delays, 50, axis=1, method="higher"),
        np.percentile(delays, 90, axis=1, method="higher"),
        np.isinf(delays).mean(axis=1),
    )


_Scored = list[tuple[float, float]]
"""Log-likelihood ratio and seconds of movement of one stretch after the other."""


def _blocks(events: Events, recogniser: Recogniser) -> list[Sample]:
    session = stretch(without_idle(events), 0.0, WATCHED_S)
    starts = np.arange(0.0, max(stretch_s(session) - BLOCK_S, 0.0), BLOCK_S)
    cut = [stretch(session, float(start_s), BLOCK_S) for start_s in starts]
    return [recogniser.sample([part], Condition.NATURAL) for part in cut]


def _scores(reference: MotionReference, samples: Sequence[Sample], recogniser: Recogniser) -> _Scored:
    rotations = Rotations.of(NO_SECRET, recogniser.manifest.dimensions)
    scored = [
        (score_sample(reference, one, recogniser.manifest, rotations), one.movement.active_s)
        for one in samples
    ]
    return [(llr, active_s) for llr, active_s in scored if llr is not None]


def _judge(
    genuine: Sequence[_Scored], strange: Sequence[tuple[_Scored, _Scored]], threshold: float
) -> tuple[int, list[float]]:
    """Return the count of false alarms, and each stranger's seconds until noticed (never: infinite)."""
    alarms = sum(len(_alarms(session, threshold)) for session in genuine)
    delays = []
    for own, other in strange:
        begun_s = sum(active_s for _, active_s in own)
        later = [at_s - begun_s for at_s in _alarms([*own, *other], threshold) if at_s > begun_s]
        delays.append(later[0] if later else np.inf)
    return alarms, delays


def _alarms(session: _Scored, threshold: float) -> list[float]:
    """Return after how many seconds of movement each anomaly was raised; each is answered at once."""
    point = AlarmPoint("measured", threshold, 0.0, 0.0)
    state, raised, now_s = TrustState(), [], 0.0
    for llr, active_s in session:
        now_s += active_s
        before = state.alarmed
        state = observe(state, llr, active_s, now_s, point)
        if state.alarmed and not before:
            raised.append(now_s)
            state = renew(state)
    return raised
