"""The users of applications: references, attempt counters and the marks of movement they presented."""

import hashlib
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from mousegate.core.decision import Decision
from mousegate.core.motion import MotionReference
from mousegate.core.replays import PARAMETERS
from mousegate.core.rhythm import RhythmReference
from mousegate.errors import BadInput, MousegateError, NotEnrolled, StoreError
from mousegate.storage.attempts import BACK_OFF
from mousegate.web.api.database import ConflictError, Database
from mousegate.web.api.tables import MARK, PERSON

NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9._@+~-]{0,127}$"
"""What an application calls a user: no name is a path, a tag or part of a query."""

MARKS_KEPT: Final = 8192
"""Of each person: some two hours of movement."""

_SALT_BYTES: Final = 32
_NAME: Final = re.compile(NAME_PATTERN[:-1] + r"\Z")


class Decided(Protocol):
    """What an attempt comes to."""

    @property
    def decision(self) -> Decision:
        """How it counts."""
        ...


V = TypeVar("V", bound=Decided)


class TooManyAttemptsError(MousegateError):
    """After so many failures the next attempt has to wait."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("This user has failed too often in a row: wait before the next attempt.")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Person:
    """One user of an application as stored. revision: of the reference, 0 where nobody is stored yet.

    motion_salt: what the secret of the movement is made from, see `motion_secret`.
    """

    application_id: int
    name: str
    person_id: int = 0
    rhythm: RhythmReference | None = None
    motion: MotionReference | None = None
    motion_salt: bytes = field(default=b"", repr=False)
    revision: int = 0
    created_s: float = 0.0
    updated_s: float = 0.0

    @property
    def stored(self) -> bool:
        """Whether anything is."""
        return self.revision > 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A user in a list: the name, what is enrolled, and when (Unix seconds)."""

    name: str
    rhythm: bool
    movement: bool
    created_s: float
    updated_s: float


def fresh_salt() -> bytes:
    """Return a salt for a new enrolment of movement, which renews what is stored."""
    return secrets.token_bytes(_SALT_BYTES)


def motion_secret(key: bytes, salt: bytes) -> bytes:
    """Return the 32 bytes under which a person's movement is kept (core.motion); the server's key is in it,
    so that a copy of the database alone says nothing.
    """
    return hashlib.blake2b(salt, key=key, digest_size=32, person=b"mousegate-api").digest()


def check_name(untrusted_name: str) -> str:
    """Return a user's name. Raises BadInput where it is none."""
    if not _NAME.match(untrusted_name):
        raise BadInput(
            "A user's name has 1 to 128 letters, digits and ._@+~- and begins with a letter or digit."
        )
    return untrusted_name


class People:
    """The users of one application; another application's are as if they did not exist."""

    def __init__(self, database: Database, application_id: int) -> None:
        self._database = database
        self._application_id = application_id

    def find(self, name: str) -> Person:
        """Return a user, with revision 0 where none is stored. Raises StoreError for a damaged reference."""
        with self._database.reading() as connection:
            row = connection.execute(select(PERSON).where(self._own(name))).one_or_none()
        return _parse(row) if row else Person(self._application_id, name)

    def get(self, name: str) -> Person:
        """Return a user. Raises NotEnrolled where there is none."""
        person = self.find(name)
        if not person.stored:
            raise NotEnrolled(f"No user {name!r} is enrolled.")
        return person

    def put(self, person: Person, now_s: float, marks: Sequence[int] = ()) -> Person:
        """Store a reference in place of the revision that it was made from, and return it. marks: of the
        movement that it was made from, which would be replayed if it came again.

        Raises ConflictError where that is another one by now: somebody else enrolled or deleted it meanwhile.
        """
        row = {
            "rhythm": person.rhythm.to_json() if person.rhythm else None,
            "motion": person.motion.to_bytes() if person.motion else None,
            "motion_salt": person.motion_salt or None,
            "revision": person.revision + 1,
            "updated_s": now_s,
        }
        with self._database.writing() as connection:
            if person.stored:
                same = self._own(person.name) & (PERSON.c.id == person.person_id)
                same &= PERSON.c.revision == person.revision
                if not connection.execute(update(PERSON).where(same).values(row)).rowcount:
                    raise ConflictError("The user was enrolled anew or deleted meanwhile: try again.")
            else:
                row |= {"application_id": self._application_id, "name": person.name, "created_s": now_s}
                connection.execute(insert(PERSON).values(row | {"failures": 0, "last_s": 0.0}))
            stored = _parse(connection.execute(select(PERSON).where(self._own(person.name))).one())
            fresh = dict.fromkeys(marks).keys() - _known(connection, stored, marks)
            _remember(connection, stored, list(fresh), now_s)
            return stored

    def delete(self, name: str) -> None:
        """Forget a user and all that was kept of them. Raises NotEnrolled where there is none."""
        with self._database.writing() as connection:
            if not connection.execute(delete(PERSON).where(self._own(name))).rowcount:
                raise NotEnrolled(f"No user {name!r} is enrolled.")

    def page(self, after: str, count: int) -> list[Listed]:
        """Return up to `count` users whose names come after `after`, in the database's order of names."""
        columns = [PERSON.c.name, PERSON.c.rhythm.is_not(None), PERSON.c.motion.is_not(None)]
        columns += [PERSON.c.created_s, PERSON.c.updated_s]
        own = (PERSON.c.application_id == self._application_id) & (PERSON.c.name > after)
        statement = select(*columns).where(own).order_by(PERSON.c.name).limit(count)
        with self._database.reading() as connection:
            return [Listed(*row) for row in connection.execute(statement)]

    def check_wait(self, person: Person, now_s: float) -> None:
        """Raise TooManyAttemptsError while a person has to wait (storage.attempts)."""
        with self._database.reading() as connection:
            _check_wait(connection, person, now_s, lock=False)

    def settle(self, person: Person, marks: Sequence[int], now_s: float, judge: Callable[[bool], V]) -> V:
        """Decide an attempt, count it and remember its marks, all in one transaction: of attempts made at
        once each knows of those before, and one that has to wait learns nothing.

        judge: gives the verdict, told whether the movement was presented before. Raises
        TooManyAttemptsError, or NotEnrolled where the person was deleted meanwhile.
        """
        own = PERSON.c.id == person.person_id
        with self._database.writing(durable=False) as connection:
            failures = _check_wait(connection, person, now_s, lock=True)
            known = _known(connection, person, marks)
            verdict = judge(_is_replay(len(marks), len(known)))
            if verdict.decision is Decision.MATCH:
                connection.execute(update(PERSON).where(own).values(failures=0))
            elif verdict.decision is Decision.NON_MATCH:
                connection.execute(update(PERSON).where(own).values(failures=failures + 1, last_s=now_s))
            _remember(connection, person, [mark for mark in marks if mark not in known], now_s)
        return verdict

    def _own(self, name: str) -> ColumnElement[bool]:
        return (PERSON.c.application_id == self._application_id) & (PERSON.c.name == name)


def _parse(row: Row[Any]) -> Person:
    try:
        return Person(
            application_id=row.application_id,
            name=row.name,
            person_id=row.id,
            rhythm=None if row.rhythm is None else RhythmReference.from_json(row.rhythm),
            motion=None if row.motion is None else MotionReference.from_bytes(bytes(row.motion)),
            motion_salt=bytes(row.motion_salt or b""),
            revision=row.revision,
            created_s=row.created_s,
            updated_s=row.updated_s,
        )
    except MousegateError as cause:
        raise StoreError("The stored reference is damaged: delete the user and enrol again.") from cause


def _check_wait(connection: Connection, person: Person, now_s: float, lock: bool) -> int:
    """Return the failures in a row."""
    counted = select(PERSON.c.failures, PERSON.c.last_s).where(PERSON.c.id == person.person_id)
    row = connection.execute(counted.with_for_update() if lock else counted).one_or_none()
    if row is None:
        raise NotEnrolled(f"No user {person.name!r} is enrolled.")
    wait_s = BACK_OFF.wait_s(row.failures)
    remaining_s = min(wait_s, row.last_s + wait_s - now_s)
    if remaining_s > 0:
        raise TooManyAttemptsError(remaining_s)
    return int(row.failures)


def _known(connection: Connection, person: Person, marks: Sequence[int]) -> set[int]:
    if not marks:
        return set()
    own = (MARK.c.person_id == person.person_id) & MARK.c.mark.in_(marks)
    return set(connection.execute(select(MARK.c.mark).where(own)).scalars())


def _remember(connection: Connection, person: Person, marks: Sequence[int], now_s: float) -> None:
    """Keep new marks, and forget the oldest beyond MARKS_KEPT."""
    if not marks:
        return
    connection.execute(
        insert(MARK), [{"person_id": person.person_id, "mark": mark, "seen_s": now_s} for mark in marks]
    )
    own = MARK.c.person_id == person.person_id
    oldest = select(MARK.c.seen_s).where(own).order_by(MARK.c.seen_s.desc()).offset(MARKS_KEPT).limit(1)
    last_s = connection.execute(oldest).scalar_one_or_none()
    if last_s is not None:
        connection.execute(delete(MARK).where(own, MARK.c.seen_s <= last_s, MARK.c.seen_s < now_s))


def _is_replay(marks: int, known: int) -> bool:
    return marks > 0 and known >= PARAMETERS.share * marks
