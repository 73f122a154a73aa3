"""The log of decisions: what was decided and why, never a secret."""

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Final

from mousegate.storage import journal

if TYPE_CHECKING:
    from mousegate.storage.store import Store

KEPT: Final = 5_000


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """One decision. place: `lock`, `login`, `enrol` or `verify`; decision: a Decision value, `recovery` or
    `password` (the signature was not asked for); accepted: whether it opened what it
    guards; password, rhythm: what each said, None for nothing;
    motion_llr: natural-log likelihood ratio or None; threshold: of the operating point used.
    """

    time_s: float
    place: str
    decision: str
    accepted: bool
    password: bool | None
    rhythm: bool | None
    motion_llr: float | None
    attack: str
    label: str
    policy: str
    operating_point: str
    threshold: float | None


_COLUMNS: Final = ", ".join(field.name for field in fields(LoggedDecision))


class Decisions:
    """The newest KEPT decisions."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def append(self, entry: LoggedDecision) -> None:
        """Write one decision down, here and in the journal."""
        with self._store.transaction() as connection:
            connection.execute(
                f"INSERT INTO decision ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                astuple(entry),
            )
            connection.execute(
                "DELETE FROM decision WHERE number <= (SELECT max(number) FROM decision) - ?", (KEPT,)
            )
        _tell(entry)

    def take_over(self, other: "Decisions") -> None:
        """Hold what another store has written down; the journal has it already."""
        rows = other._store.query(f"SELECT {_COLUMNS} FROM decision ORDER BY number")
        with self._store.transaction() as connection:
            connection.executemany(
                f"INSERT INTO decision ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows
            )

    def erase(self) -> None:
        """Delete every decision; trust that an unlock renewed is not renewed by what is gone."""
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM decision")

    def newest(self, count: int) -> list[LoggedDecision]:
        """Return up to `count` decisions, the newest first."""
        rows = self._store.query(f"SELECT {_COLUMNS} FROM decision ORDER BY number DESC LIMIT ?", count)
        return [
            LoggedDecision(row[0], row[1], row[2], bool(row[3]), _flag(row[4]), _flag(row[5]), *row[6:])
            for row in rows
        ]


def _tell(entry: LoggedDecision) -> None:
    outcome = "accepted" if entry.accepted else "refused"
    journal.write(
        journal.Message.DECISION,
        f"A signature was {outcome} ({entry.place}: {entry.decision}).",
        alarming=not entry.accepted,
        PLACE=entry.place,
        DECISION=entry.decision,
        ACCEPTED=_word(entry.accepted),
        PASSWORD=_word(entry.password),
        RHYTHM=_word(entry.rhythm),
        SCORE="none" if entry.motion_llr is None else f"{entry.motion_llr:.2f}",
        THRESHOLD="none" if entry.threshold is None else f"{entry.threshold:.2f}",
        ATTACK=entry.attack or "none",
        REFERENCE=entry.label,
        POLICY=entry.policy,
        OPERATING_POINT=entry.operating_point,
    )


def _word(value: bool | None) -> str:
    """Return a flag for the journal; whatever is not True is no."""
    return "none" if value is None else "yes" if value is True else "no"


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
