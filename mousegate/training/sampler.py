"""Random windows of random people: the training input, made by the run-time feature code."""

import copy
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events
from mousegate.core.windows import PARAMETERS, describe, track
from mousegate.errors import BadInput
from mousegate.training.augment import draw, retime
from mousegate.training.datasets import Recording

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SamplerParameters:
    """How windows are drawn (each chosen by ablation; the table is in models/MODEL_CARD.md).

    speeds: copies with time so stretched count as further people (speed perturbation; Ko et al., Interspeech
    2015); copies: altered copies of each recording and speed; sapimouse_weight: how much oftener people
    recorded with buttons at their own desk are drawn; whole_share: share of windows of full length;
    without_buttons: share of windows that have none (the lock compares such, and some data sets know no
    other); least_s: a person
    with less movement is left out; part_events: longer recordings are cut into parts of this many
    events, of which `parts` are kept.
    """

    speeds: tuple[float, ...] = (1.0, 0.8, 1.25)
    copies: int = 4
    sapimouse_weight: float = 3.0
    whole_share: float = 0.6
    least_length: int = 40
    without_buttons: float = 0.1
    least_s: float = 30.0
    part_events: int = 20_000
    parts: int = 2
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """values: float32 (n, channels, steps); people: int64 (n,)."""

    values: NDArray[np.float32]
    people: NDArray[np.int64]


class WindowSampler:
    """Holds the gridded movement of all people in memory and draws batches from it."""

    def __init__(self, recordings: Iterable[Recording], parameters: SamplerParameters) -> None:
        """Alter and grid every recording. Raises BadInput when fewer than two people have enough movement."""
        self._parameters = parameters
        rng = np.random.default_rng(parameters.seed)
        tracks: dict[tuple[str, float], list[NDArray[np.float32]]] = defaultdict(list)
        for recording in recordings:
            parts = _parts(recording.events, parameters, rng)
            for speed in parameters.speeds:
                for _ in range(parameters.copies):
                    tracks[recording.person, speed] += [_altered(part, speed, rng) for part in parts]
        least = parameters.copies * parameters.least_s * 1000.0 / PARAMETERS.step_ms
        enough = {key: sum(part.shape[1] for part in parts) >= least for key, parts in tracks.items()}
        self.people = sorted(key for key in tracks if enough[key])
        short = sorted({person for person, speed in tracks if speed == 1.0 and not enough[person, speed]})
        if short:
            LOG.warning("left out, with less than %g s of movement: %s", parameters.least_s, ", ".join(short))
        if len({person for person, _ in self.people}) < 2:
            raise BadInput("Fewer than two people have enough movement to learn from.")
        LOG.info(
            "%d people to tell apart (%d before copies of other speed)",
            len(self.people),
            len({p for p, _ in self.people}),
        )
        self._tracks = [
            [part for part in tracks[key] if part.shape[1] > parameters.least_length] for key in self.people
        ]
        self._lengths = [np.array([part.shape[1] for part in parts], float) for parts in self._tracks]
        self._chance = self._person_chance()
        names = sorted({person.split("/")[0] for person, _ in self.people})
        kind = np.array([names.index(person.split("/")[0]) for person, _ in self.people])
        self.same_dataset: NDArray[np.bool_] = kind[:, None] == kind[None, :]

    def _person_chance(self) -> NDArray[np.float64]:
        """Draw people by the square root of their movement (bounded), so that nobody drowns the others."""
        longest = 10_000.0
        chance = np.array(
            [min(float(lengths.sum()) / self._parameters.copies, longest) ** 0.5 for lengths in self._lengths]
        )
        buttons = np.array([person.startswith("sapimouse/") for person, _ in self.people])
        chance = np.where(buttons, self._parameters.sapimouse_weight, 1.0) * chance
        return np.asarray(chance / chance.sum())

    def seeing(self, without_buttons: float) -> "WindowSampler":
        """Return a sampler of the same movement with another share of windows without buttons."""
        other = copy.copy(self)
        other._parameters = replace(self._parameters, without_buttons=without_buttons)
        return other

    def draw(self, count: int, rng: np.random.Generator) -> Batch:
        """Draw `count` windows: a person, a recording by its length, and a stretch of it, often a shorter
        one.
        """
        people = rng.choice(len(self.people), count, p=self._chance)
        raw = np.zeros((count, 4, PARAMETERS.steps), np.float32)
        for row, person in enumerate(people):
            part = self._stretch(int(person), rng)
            raw[row, :3, : part.shape[1]] = part
            raw[row, 3, : part.shape[1]] = 1.0
        raw[rng.random(count) < self._parameters.without_buttons, 2] = 0.0
        raw[:, 0] *= np.exp(rng.normal(0.0, 0.05, (count, 1))).astype(np.float32)
        return Batch(describe(raw), people.astype(np.int64))

    def _stretch(self, person: int, rng: np.random.Generator) -> NDArray[np.float32]:
        parameters, lengths = self._parameters, self._lengths[person]
        part = np.zeros((3, 0), np.float32)
        for _ in range(6):
            whole = self._tracks[person][int(rng.choice(len(lengths), p=lengths / lengths.sum()))]
            full = rng.random() < parameters.whole_share
            length = (
                PARAMETERS.steps if full else int(rng.integers(parameters.least_length, PARAMETERS.steps))
            )
            length = min(length, whole.shape[1])
            start = int(rng.integers(0, whole.shape[1] - length + 1))
            part = whole[:, start : start + length]
            if (np.abs(part[:2]).sum(axis=0) > 0).mean() >= PARAMETERS.least_moving:
                break
        return part


def _parts(events: Events, parameters: SamplerParameters, rng: np.random.Generator) -> Sequence[Events]:
    size = parameters.part_events
    if len(events) < 2 * size:
        return [events]
    chosen = rng.permutation(len(events) // size)[: parameters.parts]
    return [events[number * size : (number + 1) * size] for number in chosen]


def _altered(events: Events, speed: float, rng: np.random.Generator) -> NDArray[np.float32]:
    movement = track(retime(events, draw(rng, speed), rng))
    return np.concatenate([movement.displacement.T, movement.held[None]]).astype(np.float32)
