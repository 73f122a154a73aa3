"""One hand at the mouse: its takes, embedded as they come."""

import asyncio
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events, empty_events
from mousegate.core.manifest import Condition
from mousegate.core.motion import Sample
from mousegate.errors import MousegateError
from mousegate.web.lab.takes import Take, pieces, sample
from mousegate.web.model import Model

MOST_TAKES: Final = 180
"""Half an hour of movement; more teaches the model nothing about a person."""

_RECENT_TAKES: Final = 2


class EnoughRecordedError(MousegateError):
    """This hand has been recorded for long enough."""


class Hand:
    """What one person, or one who tries to be that person, did with the mouse."""

    def __init__(self) -> None:
        self.takes: Final[list[Take]] = []
        self._embedding = asyncio.Lock()
        self._embedded = 0

    @property
    def events(self) -> Events:
        """All of it."""
        return np.concatenate([empty_events(), *(take.events for take in self.takes)])

    @property
    def active_s(self) -> float:
        """Seconds of movement."""
        return sum(take.active_s for take in self.takes)

    @property
    def windows(self) -> int:
        """How many windows were embedded."""
        return sum(take.cuts[Condition.NATURAL].count for take in self.takes)

    def embeddings(self, most: int) -> NDArray[np.float32]:
        """Return the newest embeddings of natural use, float32 (n, dimensions), at most `most`."""
        cuts = [take.cuts[Condition.NATURAL].embeddings for take in self.takes]
        known = [one for one in cuts if one is not None]
        return np.concatenate(known)[-most:] if known else np.zeros((0, 0), np.float32)

    def holds_ms(self) -> NDArray[np.float32]:
        """Return all click-hold times."""
        return np.concatenate([np.zeros(0, np.float32), *(take.holds_ms() for take in self.takes)])

    def add(self, events: Events) -> None:
        """Go on. Raises EnoughRecordedError where MOST_TAKES are full; what came before stays."""
        for piece in pieces(events):
            if not self.takes or self.takes[-1].full:
                self.begin()
            self.takes[-1].add(piece)

    def begin(self) -> None:
        """Begin another take, since what comes next was not moved right after what came before."""
        if len(self.takes) >= MOST_TAKES:
            raise EnoughRecordedError(
                "Half an hour is recorded, and more would not help. Remove it to begin anew."
            )
        if not self.takes or len(self.takes[-1].events):
            self.takes.append(Take())

    async def embed(self, model: Model) -> bool:
        """Embed what is complete, and say whether there was anything. Raises ModelUnavailableError; then
        nothing is lost: what is missing is embedded the next time.
        """
        found = False
        async with self._embedding:
            for take in self.takes[self._embedded :]:
                for cuts in take.cuts.values():
                    windows, starts = cuts.fresh(take.events)
                    if starts:
                        cuts.keep(windows, starts, await model.embed_windows(windows.values))
                        found = True
            self._embedded = max(0, len(self.takes) - 1)
        return found

    def recent(self, condition: Condition, since: int = 0) -> Sample | None:
        """Return what the newest takes have to compare, none of them before take number `since`."""
        return sample(self.takes[max(since, len(self.takes) - _RECENT_TAKES) :], condition)
