"""Everybody in the lab, and whoever looks on."""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from mousegate.core.decision import Comparison, Decision, OperatingPoint, Policy, decide
from mousegate.core.events import Events
from mousegate.core.manifest import Condition, Manifest
from mousegate.errors import MousegateError, NotEnrolled, UsageError
from mousegate.web.lab.hand import Hand
from mousegate.web.lab.people import Person, check_name, median, scores
from mousegate.web.lab.takes import Take, sample
from mousegate.web.model import Model

MOST_PEOPLE: Final = 16
MOST_ATTEMPTS: Final = 50
_COMPARED_TAKES: Final = 24
"""Of each person: a median needs no more, and so many people are compared before anybody notices."""


class LabFullError(MousegateError):
    """There is no room for another person."""


class BusyError(MousegateError):
    """Somebody is being recorded as this person at this moment."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of trying to pass as somebody.

    name: who tried; target: who was meant; own: whether these are the same; llr, threshold: in nats, at the
    operating point; active_s: seconds of movement that were compared; fmr: of strangers so many pass.
    """

    name: str
    target: str
    own: bool
    passed: bool
    llr: float
    threshold: float
    fmr: float
    active_s: float


class Lab:
    """The people, the attempts of the game, and the model. One event loop uses it."""

    def __init__(self, model: Model, operating_point: str) -> None:
        """operating_point: of the game, and of what is said about how sure the model is."""
        self.model: Final = model
        self.people: Final[dict[str, Person]] = {}
        self.attempts: Final[list[Attempt]] = []
        self.recording: Final[set[str]] = set()
        self._point = operating_point
        self._numbers = 0
        self._watchers: set[asyncio.Event] = set()
        self._cells: dict[tuple[str, str], tuple[tuple[int, int], float | None]] = {}

    @property
    def manifest(self) -> Manifest:
        """What is known about the model."""
        return self.model.manifest

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever something has changed."""
        event = asyncio.Event()
        self._watchers.add(event)
        try:
            yield event
        finally:
            self._watchers.discard(event)

    def changed(self) -> None:
        """Tell whoever looks on."""
        for event in self._watchers:
            event.set()

    def get(self, ident: str) -> Person:
        """Return a person. Raises NotEnrolled where there is none."""
        if ident not in self.people:
            raise NotEnrolled("There is no such person in the lab (any more).")
        return self.people[ident]

    def named(self, untrusted_name: str) -> Person:
        """Return the person of this name, who is new where nobody has it. Raises BadInput or LabFullError."""
        name = check_name(untrusted_name)
        for person in self.people.values():
            if person.name.casefold() == name.casefold():
                return person
        if len(self.people) >= MOST_PEOPLE:
            raise LabFullError(f"The lab holds {MOST_PEOPLE} people. Remove one first.")
        person = Person(name, self._numbers)
        self._numbers += 1
        self.people[person.ident] = person
        self.changed()
        return person

    @contextmanager
    def recorded(self, person: Person) -> Iterator[None]:
        """Keep a person for one recorder at a time. Raises BusyError."""
        if person.ident in self.recording:
            raise BusyError(f"{person.name} is being recorded in another window.")
        self.recording.add(person.ident)
        try:
            yield
        finally:
            self.recording.discard(person.ident)

    def remove(self, ident: str) -> None:
        """Forget a person and all that was recorded. Raises NotEnrolled."""
        person = self.get(ident)
        del self.people[ident]
        self._cells = {pair: cell for pair, cell in self._cells.items() if ident not in pair}
        self.attempts[:] = [one for one in self.attempts if person.name not in (one.name, one.target)]
        self.changed()

    def reset(self) -> None:
        """Forget everybody."""
        for ident in list(self.people):
            self.remove(ident)
        self.attempts.clear()
        self._numbers = 0
        self.changed()

    async def take_in(self, untrusted_name: str, events: Events) -> Person:
        """Add a recording to a person. Raises BadInput, LabFullError, BusyError, EnoughRecordedError or
        ModelUnavailableError.
        """
        person = self.named(untrusted_name)
        with self.recorded(person):
            person.hand.begin()
            for at in range(0, len(events), 512):
                person.hand.add(events[at : at + 512])
                await asyncio.sleep(0)
            await self.settle(person)
        return person

    async def settle(self, person: Person) -> None:
        """Learn from all that was recorded of a person. Raises ModelUnavailableError."""
        await person.hand.embed(self.model)
        await person.learn(self.model, finished=True)
        self.changed()

    def point(self, condition: Condition, active_s: float) -> OperatingPoint:
        """Return the operating point for so much movement."""
        return self.manifest.scale(condition).operating_point(self._point, active_s)

    def similarity(self, known: Person, other: Person) -> float | None:
        """Return how alike the takes of one are to the reference of another: the median of their scores in
        nats. Who is compared with themselves is so by halves, each against a reference of the other half.
        """
        if known.known is None:
            return None
        if known is other:
            return median(known.own_llrs)
        stamp = (known.revision, sum(take.cuts[Condition.NATURAL].count for take in other.hand.takes))
        cell = self._cells.get((known.ident, other.ident))
        if cell is None or cell[0] != stamp:
            takes = other.hand.takes
            chosen = takes[:: max(1, -(-len(takes) // _COMPARED_TAKES))]
            cell = (stamp, median(scores(known.known, chosen, self.manifest)))
            self._cells[known.ident, other.ident] = cell
        return cell[1]

    def live(self, hand: Hand) -> dict[str, float | None]:
        """Return by person how alike the newest movement of a hand is; nothing that a reference was made of
        is compared with it.
        """
        found: dict[str, float | None] = {}
        for ident, person in self.people.items():
            if person.known is not None:
                since = person.known.takes if person.hand is hand else 0
                found[ident] = person.known.score(
                    hand.recent(person.known.motion.condition, since), self.manifest
                )
        return found

    def judge(self, name: str, target: Person, takes: list[Take]) -> Attempt:
        """Decide whether somebody passes as `target`, and write it down. Raises UsageError where there is no
        reference, or nothing to compare.
        """
        known = target.known
        probe = sample(takes, known.motion.condition) if known else None
        llr = known.score(probe, self.manifest) if known else None
        if known is None or probe is None or llr is None:
            raise UsageError("There is too little movement to decide.")
        point = self.point(probe.condition, probe.movement.active_s)
        passed = decide(Comparison(rhythm=None, motion_llr=llr), Policy.MOTION, point) is Decision.MATCH
        own = name.casefold() == target.name.casefold()
        attempt = Attempt(
            name, target.name, own, passed, llr, point.threshold, point.fmr, probe.movement.active_s
        )
        self.attempts.append(attempt)
        del self.attempts[:-MOST_ATTEMPTS]
        self.changed()
        return attempt


def now_s() -> float:
    """Return a clock that only runs forward."""
    return time.monotonic()
