"""The people of the lab: what each recorded, the reference made of it, and how well that knows its person."""

import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from mousegate.core.manifest import Manifest
from mousegate.core.motion import MotionReference, Rotations, Sample, score_sample
from mousegate.errors import BadInput, FailureToEnrol
from mousegate.web.lab.hand import Hand
from mousegate.web.lab.takes import Take, sample
from mousegate.web.model import Model

MOST_NAME: Final = 40
_GROWTH: Final = 1.4
"""While somebody records, the reference is made anew once there are so many times the takes it has."""


def check_name(untrusted_name: str) -> str:
    """Return a person's name as it is shown. Raises BadInput for one that is empty, long or not text."""
    name = " ".join(unicodedata.normalize("NFC", untrusted_name).split())
    if not name or len(name) > MOST_NAME or not name.isprintable():
        raise BadInput(f"A name has 1 to {MOST_NAME} characters, all of them visible.")
    return name


@dataclass(frozen=True, slots=True)
class Known:
    """A reference. takes: how many of the person's it was made of; rotations: of the person's secret."""

    motion: MotionReference
    takes: int
    rotations: Rotations = field(repr=False)

    def score(self, probe: Sample | None, manifest: Manifest) -> float | None:
        """Return the log-likelihood ratio of a sample in nats, None where it cannot be compared."""
        return None if probe is None else score_sample(self.motion, probe, manifest, self.rotations)


class Person:
    """Somebody in the lab. number: chooses the colour; ident: names the person in addresses."""

    def __init__(self, name: str, number: int) -> None:
        self.ident: Final = secrets.token_hex(4)
        self.name: Final = name
        self.number: Final = number
        self.hand = Hand()
        self.known: Known | None = None
        self.revision = 0
        self.own_llrs: list[float] = []
        self._secret = secrets.token_bytes(32)

    @property
    def full_takes(self) -> int:
        """How many takes are complete."""
        return sum(take.full for take in self.hand.takes)

    def outgrown(self) -> bool:
        """Whether the reference was made of much less than there is by now."""
        return self.full_takes >= (_GROWTH * self.known.takes if self.known else 2)

    async def learn(self, model: Model, finished: bool) -> bool:
        """Make the reference anew and say whether there is one. Raises ModelUnavailableError.

        finished: nothing is being recorded, so that the last take is as complete as it gets.
        """
        count = len(self.hand.takes) if finished else self.full_takes
        takes = [take for take in self.hand.takes[:count] if any(cut.count for cut in take.cuts.values())]
        motion = await self._enrol(model, takes)
        if motion is None:
            return False
        self.own_llrs = await self._own_llrs(model, takes)
        self.known = self._known(motion, count, model.manifest)
        self.revision += 1
        return True

    async def _own_llrs(self, model: Model, takes: list[Take]) -> list[float]:
        """Return the scores of each half of the takes against a reference of the other half."""
        found: list[float] = []
        for half in (0, 1):
            motion = await self._enrol(model, takes[half::2])
            if motion is None:
                return []
            known = self._known(motion, 0, model.manifest)
            found += scores(known, takes[1 - half :: 2], model.manifest)
        return found

    async def _enrol(self, model: Model, takes: list[Take]) -> MotionReference | None:
        try:
            return await model.enrol([take.events for take in takes], self._secret)
        except FailureToEnrol:
            return None

    def _known(self, motion: MotionReference, takes: int, manifest: Manifest) -> Known:
        return Known(motion, takes, Rotations.of(self._secret, manifest.dimensions))


def scores(known: Known, takes: list[Take], manifest: Manifest) -> list[float]:
    """Return the score of every take that can be compared."""
    found = [known.score(sample([take], known.motion.condition), manifest) for take in takes]
    return [llr for llr in found if llr is not None]


def median(llrs: list[float]) -> float | None:
    """Return the median, None of nothing."""
    return float(np.median(llrs)) if llrs else None
