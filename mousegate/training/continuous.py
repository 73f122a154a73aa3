"""Beyond verification, on Balabit: who of a few is it (closed set), and how soon is an impostor noticed
(continuous).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events
from mousegate.core.head import fit
from mousegate.core.manifest import Condition
from mousegate.core.recogniser import Recogniser
from mousegate.core.windows import PARAMETERS
from mousegate.training.protocol import stretch, without_idle

WINDOW_EVENTS = 300
"""Events in one decision of the neuralauth project, with which closed-set identification is compared."""


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
    """For each trust threshold: false alarms per hour of genuine use, and seconds until an impostor is
    noticed.

    missed: share of impostor stretches never noticed; their time counts as the stretch's whole length.
    """

    memory_s: float
    false_alarms_per_h: NDArray[np.float64] = field(repr=False)
    detection_s: NDArray[np.float64] = field(repr=False)
    missed: NDArray[np.float64] = field(repr=False)


def identify(people: Sequence[Sessions], recogniser: Recogniser) -> Identification:
    """Give each block of WINDOW_EVENTS events to the person whose head scores highest."""
    heads = _heads(people, recogniser)
    confusion = np.zeros((len(people), len(people)))
    for number, person in enumerate(people):
        for events in person.watched:
            for start in range(0, len(events) - WINDOW_EVENTS + 1, 4 * WINDOW_EVENTS):
                scores = _scores(heads, recogniser, events[start : start + WINDOW_EVENTS])
                if len(scores):
                    confusion[number, int(np.argmax(scores.mean(axis=0)))] += 1
    blocks = int(confusion.sum())
    shares = np.diag(confusion) / np.maximum(confusion.sum(axis=1), 1.0)
    return Identification(float(shares.mean()), blocks, len(people), confusion)


def watch(
    people: Sequence[Sessions],
    recogniser: Recogniser,
    *,
    memory_s: float = 60.0,
    stretch_s: float = 600.0,
) -> Watch:
    """Splice strangers into sessions after the owner, and watch the running mean of window scores.

    The trust is an exponential mean of window scores with time constant `memory_s` of active movement. Each
    owner's watched session is followed by `stretch_s` of every other person; one threshold holds for all. An
    alarm ends when trust is back.
    """
    heads = _heads(people, recogniser)
    step_s = PARAMETERS.hop * PARAMETERS.step_ms / 1000.0
    decay = np.exp(-step_s / memory_s)
    scores = [
        [
            _scores(heads, recogniser, stretch(without_idle(events), 0.0, stretch_s))
            for events in person.watched
        ]
        for person in people
    ]
    genuine, spliced = [], []
    for owner in range(len(people)):
        for own in scores[owner]:
            trust = _running(own[:, owner], decay, float(own[:20, owner].mean()))
            genuine.append(trust)
            spliced += [
                _running(others[0][:, owner], decay, float(trust[-1]))
                for number, others in enumerate(scores)
                if number != owner
            ]
    thresholds = np.quantile(np.concatenate(genuine + spliced), np.linspace(0.001, 0.9, 60))
    hours = sum(len(trust) for trust in genuine) * step_s / 3600.0
    alarms = [sum(_falls(trust, t) for trust in genuine) / hours for t in thresholds]
    detection = [[_first_below(trust, t) * step_s for trust in spliced] for t in thresholds]
    missed = [float(np.mean([(trust >= t).all() for trust in spliced])) for t in thresholds]
    return Watch(
        memory_s,
        np.array(alarms),
        np.array([float(np.median(times)) for times in detection]),
        np.array(missed),
    )


_Heads = tuple[NDArray[np.float64], NDArray[np.float64]]


def _heads(people: Sequence[Sessions], recogniser: Recogniser) -> _Heads:
    """Return weights (dimensions, people) and biases (people,)."""
    made = []
    for person in people:
        enrolled = [stretch(without_idle(events), 0.0, 300.0) for events in person.enrol]
        moved = recogniser.movement(enrolled, Condition.NATURAL)
        quality = moved.windows.quality.astype(np.float64)
        others, ridge = recogniser.cohort.natural.embeddings, recogniser.manifest.head.regularisation
        made.append(fit(moved.embeddings, quality, others, ridge))
    weights = np.stack([one.weights for one in made], axis=1).astype(np.float64)
    return weights, np.array([one.bias for one in made])


def _scores(heads: _Heads, recogniser: Recogniser, events: Events) -> NDArray[np.float64]:
    """Return the raw score of each window against each person."""
    return np.asarray(recogniser.movement([events], Condition.NATURAL).embeddings @ heads[0] + heads[1])


def _running(values: NDArray[np.float64], decay: float, start: float) -> NDArray[np.float64]:
    trust, out = start, np.empty(len(values))
    for index, value in enumerate(values):
        trust = decay * trust + (1.0 - decay) * float(value)
        out[index] = trust
    return out


def _falls(trust: NDArray[np.float64], threshold: float) -> int:
    below = trust < threshold
    return int(below[:1].sum() + (below[1:] & ~below[:-1]).sum())


def _first_below(trust: NDArray[np.float64], threshold: float) -> int:
    below = np.flatnonzero(trust < threshold)
    return int(below[0]) + 1 if len(below) else len(trust)
