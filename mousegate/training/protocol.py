"""Who trains, who is development, and what is compared with what."""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mousegate.core.events import Events
from mousegate.core.windows import PARAMETERS
from mousegate.training.augment import Retiming, retime
from mousegate.training.datasets import Recording

DURATIONS_S = (5.0, 10.0, 15.0, 30.0, 60.0)
LAST_TRAINING_USER = 60
LAST_DEVELOPMENT_USER = 72
DEVELOPMENT_BALABIT = frozenset({"user21", "user23"})
ENROL_S = 180.0
SHARED_TICK_MS = 20.0
"""Coarser than nearly all clocks in the data (17 ms and finer), so that all become alike."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person to be recognised: what enrols him, and other recordings of which stretches are probes."""

    name: str
    enrol: tuple[Events, ...]
    probes: tuple[Events, ...]

    @property
    def dataset(self) -> str:
        """Return the data set's name."""
        return dataset_of(self.name)


def dataset_of(person: str) -> str:
    """Return the data set of a person's name (`dataset/name`)."""
    return person.split("/", 1)[0]


def is_development(person: str) -> bool:
    """Tell whether a person (`dataset/name`) is kept out of training, to calibrate and set thresholds."""
    dataset, name = person.split("/", 1)
    if dataset == "sapimouse":
        return LAST_TRAINING_USER < int(name.removeprefix("user")) <= LAST_DEVELOPMENT_USER
    return dataset == "balabit" and name in DEVELOPMENT_BALABIT


def is_training(person: str) -> bool:
    """Tell whether a person trains the model. SapiMouse users beyond 72 never do; others judge with them."""
    dataset, name = person.split("/", 1)
    if dataset == "sapimouse":
        return int(name.removeprefix("user")) <= LAST_TRAINING_USER
    return not is_development(person)


def people(recordings: Iterable[Recording]) -> list[Person]:
    """Return the people of `recordings` by the protocol of their data set.

    SapiMouse: the first 3-minute session enrols, the first 1-minute session is probed. Otherwise: the first
    recording enrols (its first ENROL_S of active movement) and the others are probed; a single recording is
    split at its middle.
    """
    of: dict[str, list[Recording]] = defaultdict(list)
    for recording in recordings:
        of[recording.person].append(recording)
    found = [_person(name, sorted(parts, key=lambda part: part.session)) for name, parts in of.items()]
    return [person for person in found if person is not None]


def _person(name: str, parts: Sequence[Recording]) -> Person | None:
    if name.startswith("sapimouse/"):
        enrol = [part.events for part in parts if part.session.endswith("_3min")][:1]
        probe = [part.events for part in parts if part.session.endswith("_1min")][:1]
        return Person(name, tuple(enrol), tuple(probe)) if enrol and probe else None
    whole = [without_idle(part.events) for part in parts]
    if len(whole) == 1:
        middle = stretch_s(whole[0]) / 2
        enrol_part, probe_part = stretch(whole[0], 0.0, middle), stretch(whole[0], middle, middle)
        return Person(name, (stretch(enrol_part, 0.0, ENROL_S),), (probe_part,))
    return Person(
        name, (stretch(whole[0], 0.0, ENROL_S),), tuple(stretch(part, 0.0, 600.0) for part in whole[1:])
    )


def without_idle(events: Events) -> Events:
    """Return `events` with every pause bounded as core.windows bounds it, so that durations mean active
    movement.
    """
    shortened: Events = events.copy()
    gaps = np.clip(np.diff(events["time_ms"]), 0, PARAMETERS.gap_ms)
    shortened["time_ms"] = np.concatenate([[0], np.cumsum(gaps)]).round()
    return shortened


def stretch_s(events: Events) -> float:
    """Return the seconds from the first event to the last."""
    return float(events["time_ms"][-1] - events["time_ms"][0]) / 1000.0 if len(events) else 0.0


def stretch(events: Events, start_s: float, duration_s: float | None) -> Events:
    """Return the events of a stretch counted from the first event; None as duration means all that follow."""
    if not len(events):
        return events
    begin = events["time_ms"][0] + start_s * 1000.0
    first = int(np.searchsorted(events["time_ms"], begin, side="left"))
    if duration_s is None:
        return events[first:]
    return events[first : int(np.searchsorted(events["time_ms"], begin + duration_s * 1000.0, side="right"))]


def probe_starts(events: Events, duration_s: float, most: int) -> list[float]:
    """Return where probes start: every half duration and 5 s apart at least, `most` of them at most."""
    length = stretch_s(events)
    if length < 0.9 * duration_s:
        return []
    starts = np.arange(0.0, max(length - 0.9 * duration_s, 0.1), max(duration_s / 2, 5.0))
    return [
        float(start) for start in starts[np.unique(np.linspace(0, len(starts) - 1, most).round().astype(int))]
    ]


def disguise(person: Person, seed: int) -> Person:
    """Return the person with another clock and screen for enrolment, and yet another for the probes."""
    rng = np.random.default_rng([seed, zlib.crc32(person.name.encode())])
    return Person(
        person.name,
        tuple(_disguised(person.enrol, rng)),
        tuple(_disguised(person.probes, rng)),
    )


def on_one_machine(person: Person, seed: int) -> Person:
    """Return the person as moving on the machine that all share, as at a lock screen: one coarse clock."""
    rng = np.random.default_rng([seed, zlib.crc32(person.name.encode())])
    clock = Retiming(tick_ms=SHARED_TICK_MS, jitter_ms=1.0)
    enrol, probed = (
        tuple(retime(events, clock, rng) for events in part) for part in (person.enrol, person.probes)
    )
    return Person(person.name, enrol, probed)


def _disguised(recordings: Sequence[Events], rng: np.random.Generator) -> list[Events]:
    change = Retiming(
        tick_ms=float(rng.choice([0.0, 8.0, 10.0, 15.6, 16.7, 20.0])),
        jitter_ms=1.0,
        dropped=float(rng.choice([0.0, 0.2])),
        gain=float(np.exp(rng.uniform(np.log(0.5), np.log(2.0)))),
        offset=(100, 100),
    )
    return [retime(events, change, rng) for events in recordings]
