"""What the API does, in plain Python: no HTTP, no JSON. Slow work is awaited, never done on the loop."""

import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol, TypeVar

from anyio import CapacityLimiter, Lock, to_thread

from mousegate.core import motion
from mousegate.core import rhythm as rhythms
from mousegate.core.attack import machine_straight
from mousegate.core.decision import Comparison, Decision, OperatingPoint, Policy, decide
from mousegate.core.events import Events
from mousegate.core.manifest import Manifest
from mousegate.core.motion import MotionReference
from mousegate.core.probe import Probe
from mousegate.core.rhythm import MIN_CLICKS
from mousegate.errors import FailureToEnrol, MousegateError
from mousegate.storage import hashing
from mousegate.web.api.database import CONNECTIONS, Database
from mousegate.web.api.metrics import Metrics
from mousegate.web.api.people import MARKS_KEPT, Listed, People, Person, fresh_salt, motion_secret
from mousegate.web.api.recording import Recording, marks
from mousegate.web.api.tokens import Caller, Tokens

T = TypeVar("T")


class MissingFactorError(MousegateError):
    """A policy asks for a factor that the user has not enrolled."""


class Model(Protocol):
    """The network, which runs in a process of its own (web.model). Each may raise ModelUnavailableError."""

    @property
    def manifest(self) -> Manifest:
        """What is known about it."""
        ...

    async def enrol(self, recordings: Sequence[Events], secret: bytes) -> MotionReference:
        """Make a reference. Raises FailureToEnrol."""
        ...

    async def probe(self, recordings: Sequence[Events]) -> Probe:
        """Return an attempt, without its rhythm."""
        ...

    async def check(self) -> None:
        """Raise what a question would raise now."""
        ...

    async def close(self) -> None:
        """End it."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """How an attempt is to be judged: which factors must agree, at which operating point of the model."""

    policy: Policy
    operating_point: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an attempt. active_s: seconds of movement in it, None where it was not looked at;
    attack: why the movement is not a hand's or not of now, empty where it is.
    """

    decision: Decision
    comparison: Comparison
    point: OperatingPoint
    active_s: float | None

    @property
    def attack(self) -> str:
        """Why it is an attack; empty where it is none."""
        return self.comparison.attack


class Service:
    """The API of one worker. Everything that outlives a request is in the database."""

    def __init__(self, database: Database, key: bytes, model: Model, clock: Callable[[], float]) -> None:
        """key: 32 bytes of the server's own; clock: gives Unix seconds."""
        self.database = database
        self.tokens = Tokens(database)
        self.metrics = Metrics()
        self.model = model
        self.clock = clock
        self._key = key
        self._ready = False
        self._preparing = Lock()
        self._database_threads = CapacityLimiter(CONNECTIONS)
        self._busy_threads = CapacityLimiter(os.cpu_count() or 1)

    async def prepare(self) -> None:
        """Bring the tables up to date, once; again later where the database was away. Raises
        UnavailableError.
        """
        if self._ready:
            return
        async with self._preparing:
            if not self._ready:
                await self.stored(self.database.migrate)
                self._ready = True

    async def check(self) -> None:
        """Raise UnavailableError or ModelError where a request could not be served now."""
        await self.prepare()
        await self.stored(self.database.check)
        await self.model.check()

    async def close(self) -> None:
        """End the model's process and close what is connected."""
        await self.model.close()
        self.database.close()

    async def stored(self, work: Callable[[], T]) -> T:
        """Do what needs the database, in a thread; as many at once as there are connections."""
        return await to_thread.run_sync(work, limiter=self._database_threads)

    async def computed(self, work: Callable[[], T]) -> T:
        """Do what keeps a processor busy, in a thread; as many at once as there are processors."""
        return await to_thread.run_sync(work, limiter=self._busy_threads)

    async def enrol_movement(self, caller: Caller, name: str, recordings: Sequence[Recording]) -> Person:
        """Make a reference of movement in place of any other, under a new secret.

        Raises FailureToEnrol where there is too little movement, or a program made it.
        """
        people = self._people(caller)
        person = await self.stored(lambda: people.find(name))
        taken = [one.events for one in recordings if one.moves]
        if await self.computed(lambda: any(machine_straight(events) for events in taken)):
            raise FailureToEnrol("A program moved the pointer in one of the recordings: record it anew.")
        seen = await self.computed(lambda: [mark for events in taken for mark in marks(events)])
        salt = fresh_salt()
        reference = await self.model.enrol(taken, motion_secret(self._key, salt))
        enrolled = replace(person, motion=reference, motion_salt=salt)
        return await self.stored(lambda: people.put(enrolled, self.clock(), seen[:MARKS_KEPT]))

    async def record_rhythm(self, caller: Caller, name: str, repetitions: Sequence[Recording]) -> Person:
        """Make a reference of a rhythm in place of any other. Raises FailureToEnrol that names the click."""
        people = self._people(caller)
        person = await self.stored(lambda: people.find(name))
        sketch = rhythms.enrol([one.rhythm for one in repetitions])
        reference = await self.computed(lambda: hashing.protect(sketch, self._key))
        enrolled = replace(person, rhythm=reference)
        return await self.stored(lambda: people.put(enrolled, self.clock()))

    async def verify(self, caller: Caller, name: str, recording: Recording, question: Question) -> Verdict:
        """Judge an attempt by what is enrolled, and count it.

        Raises NotEnrolled for nobody, MissingFactorError, and TooManyAttemptsError.
        """
        people = self._people(caller)
        person = await self.stored(lambda: people.get(name))
        _check_enrolled(person, question.policy, self.model.manifest.model_id)
        await self.stored(lambda: people.check_wait(person, self.clock()))
        rhythm = await self._rhythm(person, recording) if question.policy is not Policy.MOTION else None
        moved = (
            await self._moved(person, recording, question) if question.policy is not Policy.RHYTHM else _STILL
        )
        bits = person.rhythm.strength_bits if person.rhythm else 0.0
        comparison = Comparison(rhythm, moved.llr, bits, "machine-straight" if moved.straight else "")

        def judge(replayed: bool) -> Verdict:
            attack = "replayed" if replayed else comparison.attack
            judged = replace(comparison, attack=attack)
            decision = decide(judged, question.policy, moved.point)
            return Verdict(decision, judged, moved.point, moved.active_s)

        return await self.stored(lambda: people.settle(person, moved.marks, self.clock(), judge))

    async def compare_rhythm(self, caller: Caller, name: str, recording: Recording) -> Verdict:
        """Judge the rhythm alone, as `verify` does."""
        return await self.verify(caller, name, recording, Question(Policy.RHYTHM, ""))

    async def list(self, caller: Caller, after: str, count: int) -> list[Listed]:
        """Return up to `count` of the application's users whose names come after `after`."""
        people = self._people(caller)
        return await self.stored(lambda: people.page(after, count))

    async def get(self, caller: Caller, name: str) -> Person:
        """Return a user. Raises NotEnrolled."""
        people = self._people(caller)
        return await self.stored(lambda: people.get(name))

    async def delete(self, caller: Caller, name: str) -> None:
        """Forget a user. Raises NotEnrolled."""
        people = self._people(caller)
        await self.stored(lambda: people.delete(name))

    def _people(self, caller: Caller) -> People:
        return People(self.database, caller.application_id)

    async def _rhythm(self, person: Person, recording: Recording) -> bool | None:
        reference = person.rhythm
        if reference is None or len(recording.rhythm) < MIN_CLICKS:
            return None
        return await self.computed(lambda: hashing.matches(reference, recording.rhythm, self._key))

    async def _moved(self, person: Person, recording: Recording, question: Question) -> "_Moved":
        events = recording.events
        probe = await self.model.probe([events] if recording.moves else [])
        manifest = self.model.manifest
        point = manifest.lock.operating_point(question.operating_point, probe.active_s)

        def compare() -> _Moved:
            secret = motion_secret(self._key, person.motion_salt)
            llr = motion.score(person.motion, probe, manifest, secret) if person.motion else None
            return _Moved(llr, point, probe.active_s, machine_straight(events), marks(events))

        return await self.computed(compare)


@dataclass(frozen=True, slots=True)
class _Moved:
    """What movement says: see Verdict and core.attack."""

    llr: float | None
    point: OperatingPoint
    active_s: float | None
    straight: bool
    marks: tuple[int, ...]


_STILL: Final = _Moved(None, OperatingPoint("", math.inf, 1.0, 1.0, 0.0), None, False, ())


def _check_enrolled(person: Person, policy: Policy, model_id: bytes) -> None:
    """Raise MissingFactorError where the policy needs what is not enrolled, or not with this model."""
    needs = {Policy.RHYTHM: ("rhythm",), Policy.MOTION: ("movement",)}.get(policy, ("rhythm", "movement"))
    has = {"rhythm": person.rhythm is not None, "movement": person.motion is not None}
    missing = " and ".join(factor for factor in needs if not has[factor])
    if missing:
        raise MissingFactorError(f"The policy {policy.value!r} needs {missing}, which is not enrolled.")
    if "movement" in needs and person.motion and person.motion.model_id != model_id:
        raise MissingFactorError("The movement was enrolled with another model: enrol it anew.")
