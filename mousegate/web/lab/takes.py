"""Movement as it streams in, cut into takes: some seconds that are compared as a whole.

A take's windows are the ones that core.windows would cut out of all of it, made as soon as the movement for
them is there, under both conditions. Windows never span two takes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events, Kind, empty_events
from mousegate.core.holds import hold_histogram, hold_times
from mousegate.core.manifest import Condition
from mousegate.core.motion import Sample, mean_probe
from mousegate.core.recogniser import kept_events
from mousegate.core.windows import CHANNELS, PARAMETERS, Track, Windows, cut, track

_PIECE: Final = 64
"""Events that are added at once, so that a long recording falls into takes as a stream of it would."""


@dataclass(frozen=True, slots=True)
class TakeParameters:
    """active_s: seconds of movement in a take. longest_s: while a button is down it goes on, up to here."""

    active_s: float = 10.0
    longest_s: float = 15.0


TAKE: Final = TakeParameters()


class Cuts:
    """The windows of one take under one condition, and the embeddings there are of them."""

    def __init__(self, condition: Condition) -> None:
        self.condition: Final = condition
        self.embeddings: NDArray[np.float32] | None = None
        self._quality: list[NDArray[np.float32]] = []
        self._starts = 0

    def fresh(self, events: Events) -> tuple[Windows, int]:
        """Return the windows that are complete and not embedded, and how many starts that makes in all.

        The last step of the grid is left alone: what comes next may still change it.
        """
        moved, wide, hop = track(kept_events(events, self.condition)), PARAMETERS.steps, PARAMETERS.hop
        starts = max(0, (len(moved.held) - 1 - wide) // hop + 1)
        if starts <= self._starts:
            return Windows(np.zeros((0, len(CHANNELS), wide), np.float32), np.zeros(0, np.float32), 0.0), 0
        part = slice(self._starts * hop, (starts - 1) * hop + wide)
        return cut(Track(moved.displacement[part], moved.held[part])), starts

    def keep(self, windows: Windows, starts: int, embeddings: NDArray[np.float32]) -> None:
        """Take over the embeddings of what `fresh` returned."""
        before = [] if self.embeddings is None else [self.embeddings]
        self.embeddings = np.concatenate([*before, embeddings])
        self._quality.append(windows.quality)
        self._starts = max(self._starts, starts)

    @property
    def count(self) -> int:
        """How many embeddings there are."""
        return 0 if self.embeddings is None else len(self.embeddings)

    @property
    def active_s(self) -> float:
        """Seconds of movement that they cover."""
        steps = PARAMETERS.steps + PARAMETERS.hop * (self._starts - 1) if self._starts else 0
        return steps * PARAMETERS.step_ms / 1000.0

    @property
    def quality(self) -> NDArray[np.float32]:
        """Of each window, float32 (count,)."""
        return np.concatenate([np.zeros(0, np.float32), *self._quality])


class Take:
    """Some seconds of one hand."""

    def __init__(self) -> None:
        self._events = empty_events()
        self.active_s = 0.0
        self.cuts: Final = {condition: Cuts(condition) for condition in Condition}

    @property
    def events(self) -> Events:
        """What was added so far."""
        return self._events

    def add(self, events: Events) -> None:
        """Go on."""
        self._events = np.concatenate([self._events, events])
        self.active_s = len(track(self._events).held) * PARAMETERS.step_ms / 1000.0

    @property
    def full(self) -> bool:
        """Whether what comes next belongs to another take."""
        return self.active_s >= TAKE.longest_s or (self.active_s >= TAKE.active_s and not self._pressed())

    def _pressed(self) -> bool:
        clicks = self._events["kind"][self._events["kind"] != Kind.MOVE]
        return bool(len(clicks)) and bool(clicks[-1] == Kind.PRESS)

    def holds_ms(self) -> NDArray[np.float32]:
        """Return its natural click-hold times."""
        return hold_times(self._events)


def sample(takes: list[Take], condition: Condition) -> Sample | None:
    """Return what takes have to compare under a condition; None where they have no window yet."""
    cuts = [take.cuts[condition] for take in takes]
    found = [one for one in cuts if one.embeddings is not None and one.count]
    if not found:
        return None
    embeddings = np.concatenate([one.embeddings for one in found if one.embeddings is not None])
    quality = np.concatenate([one.quality for one in found])
    windows = Windows(
        np.zeros((len(embeddings), 0, 0), np.float32), quality, sum(one.active_s for one in found)
    )
    holds_ms = np.concatenate([take.holds_ms() for take in takes])
    return Sample(condition, mean_probe(embeddings, windows), hold_histogram(holds_ms), len(holds_ms))


def pieces(events: Events) -> Iterator[Events]:
    """Yield events in pieces that a take may take."""
    for at in range(0, len(events), _PIECE):
        yield events[at : at + _PIECE]
