"""The log of decisions: what was decided and why, never a secret."""

from dataclasses import astuple, dataclass, fields
from typing import TYPE_CHECKING, Final

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
        """Write one decision down."""
        with self._store.transaction() as connection:
            connection.execute(
                f"INSERT INTO decision ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                astuple(entry),
            )
            connection.execute(
                "DELETE FROM decision WHERE number <= (SELECT max(number) FROM decision) - ?", (KEPT,)
            )

    def newest(self, count: int) -> list[LoggedDecision]:
        """Return up to `count` decisions, the newest first."""
        rows = self._store.query(f"SELECT {_COLUMNS} FROM decision ORDER BY number DESC LIMIT ?", count)
        return [
            LoggedDecision(row[0], row[1], row[2], bool(row[3]), _flag(row[4]), _flag(row[5]), *row[6:])
            for row in rows
        ]


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
