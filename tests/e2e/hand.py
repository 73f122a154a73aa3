"""Hands: who is at the mouse. A hand reaches, clicks, wanders and works as one person does."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from mousegate.capture import formats, strokes, synthetic
from mousegate.core.events import EVENT_DTYPE, Events, Kind
from mousegate.errors import UsageError

Point = tuple[int, int]
OWNER_SEED, IMPOSTOR_SEED = 22, 60
"""Two synthetic people whom the shipped model tells apart, found by `tests.e2e.choose_hands`."""


class Hand(Protocol):
    """One person's hand. Events start at time 0; sizes and points in px."""

    @property
    def name(self) -> str:
        """What to call this person."""

    @property
    def screen(self) -> tuple[int, int]:
        """The smallest screen that holds all movement."""

    def session(self, duration_s: float, width: int, height: int) -> Events:
        """Ordinary use of a desktop: moves and clicks."""

    def wander(self, duration_s: float, start: Point, width: int, height: int) -> Events:
        """Movement without clicks."""

    def reach(self, start: Point, end: Point) -> Events:
        """Movement from one point to another."""

    def click(self, at: Point, hold_ms: int) -> Events:
        """A click that means to last `hold_ms`, as exactly as this person manages."""


@dataclass
class SyntheticHand:
    """A person made by `mousegate.capture.synthetic` from a seed."""

    name: str
    seed: int
    screen: tuple[int, int] = (1280, 800)

    def __post_init__(self) -> None:
        self._traits = synthetic.hand(self.seed)
        self._rng = np.random.default_rng(self.seed)

    def session(self, duration_s: float, width: int, height: int) -> Events:
        """Ordinary use, another each time."""
        return synthetic.session(self._traits, duration_s, (width, height), int(self._rng.integers(1 << 31)))

    def wander(self, duration_s: float, start: Point, width: int, height: int) -> Events:
        """Ordinary use without the clicks."""
        return _moves(self.session(duration_s, width, height))

    def reach(self, start: Point, end: Point) -> Events:
        """A stroke."""
        return synthetic.stroke(self._traits, start, end, self._rng)

    def click(self, at: Point, hold_ms: int) -> Events:
        """A deliberate hold, met within this person's jitter, and a moment until the next click."""
        return _click(at, hold_ms + self._rng.normal(0, 12))


@dataclass
class RecordedHand:
    """A real person: recorded movement, recorded reaches lent to other targets, holds with their jitter."""

    name: str
    enrolment: Events
    probe: Events
    seed: int = 1
    _used_ms: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        self._strokes = strokes.strokes(self.probe) or strokes.strokes(self.enrolment)
        if not self._strokes:
            raise UsageError(
                f"{self.name} never points and clicks in these recordings: choose another person."
            )
        holds = np.array([s["time_ms"][-1] - s["time_ms"][s["kind"] == Kind.PRESS][0] for s in self._strokes])
        self._deviations = np.clip(holds - np.median(holds), -40, 40)

    @property
    def screen(self) -> tuple[int, int]:
        """The smallest screen that holds all movement."""
        both = np.concatenate([self.enrolment, self.probe])
        return int(both["x"].max()) + 1, int(both["y"].max()) + 1

    def session(self, duration_s: float, width: int, height: int) -> Events:
        """The first part of the enrolment recording, at its own pace."""
        events = self.enrolment
        return _from_zero(events[events["time_ms"] < events["time_ms"][0] + duration_s * 1000])

    def wander(self, duration_s: float, start: Point, width: int, height: int) -> Events:
        """The next stretch of the probe recording; it begins again when used up."""
        times = self.probe["time_ms"] - self.probe["time_ms"][0]
        if self._used_ms + duration_s * 1000 > times[-1]:
            self._used_ms = 0
        chosen = (times >= self._used_ms) & (times < self._used_ms + duration_s * 1000)
        self._used_ms += int(duration_s * 1000)
        return _moves(_from_zero(self.probe[chosen]))

    def reach(self, start: Point, end: Point) -> Events:
        """A recorded stroke turned to these ends."""
        stroke = strokes.closest(self._strokes, start, end, self._rng)
        return _until_press(strokes.retarget(stroke, start, end, 0))

    def click(self, at: Point, hold_ms: int) -> Events:
        """A deliberate hold, missed by as much as this person's natural holds differ from their median."""
        return _click(at, hold_ms + float(self._rng.choice(self._deviations)))


def synthetic_hands() -> tuple[SyntheticHand, SyntheticHand]:
    """Return the owner and the other person of the demo without recordings."""
    return SyntheticHand("Ada (synthetic)", OWNER_SEED), SyntheticHand("Bob (synthetic)", IMPOSTOR_SEED)


def recorded_hands(
    directory: Path, owner: str | None, impostor: str | None
) -> tuple[RecordedHand, RecordedHand]:
    """Return two people of a folder of people: those named, else the first two that have recordings."""
    people = sorted(
        (p for p in directory.rglob("*") if p.is_dir() and _files(p)), key=lambda p: _natural(p.name)
    )
    by_name = {p.name: p for p in people}
    if len(people) < 2:
        raise UsageError(
            f"{directory} holds recordings of fewer than two people: one folder per person is needed."
        )
    for name in (owner, impostor):
        if name is not None and name not in by_name:
            raise UsageError(f"{directory} has no person {name}; it has {', '.join(by_name)}.")
    first = by_name[owner] if owner else people[0]
    second = by_name[impostor] if impostor else next(p for p in people if p != first)
    return _recorded(first, 1), _recorded(second, 2)


def _recorded(folder: Path, seed: int) -> RecordedHand:
    """The longest recording enrols, the next one tries; where there is one, its halves do."""
    recordings = sorted((formats.read(path) for path in _files(folder)[:2]), key=len, reverse=True)
    if len(recordings) == 1:
        half = len(recordings[0]) // 2
        recordings = [recordings[0][:half], recordings[0][half:]]
    return RecordedHand(folder.name, recordings[0], recordings[1], seed)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_file() and path.name.startswith("session"))


def _natural(name: str) -> tuple[str, int]:
    digits = "".join(c for c in name if c.isdigit())
    return name.rstrip("0123456789"), int(digits or 0)


def _click(at: Point, hold_ms: float) -> Events:
    """Press, hold, release, and a moment until the next click."""
    held = max(30, round(hold_ms))
    rows = [(0, Kind.PRESS, 1, *at), (held, Kind.RELEASE, 1, *at), (held + 90, Kind.MOVE, 0, *at)]
    return np.array(rows, EVENT_DTYPE)


def _moves(events: Events) -> Events:
    moves: Events = events[events["kind"] == Kind.MOVE]
    return moves


def _until_press(events: Events) -> Events:
    pressed = np.flatnonzero(events["kind"] == Kind.PRESS)
    reach: Events = events[: pressed[0]] if len(pressed) else events
    return reach


def _from_zero(events: Events) -> Events:
    shifted = events.copy()
    shifted["time_ms"] -= shifted["time_ms"][0] if len(shifted) else 0
    return shifted
