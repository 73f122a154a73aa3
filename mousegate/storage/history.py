"""What happened: anomalies, answers, locks, comparisons; in a file of its own, which may be lost.

A store that could not be opened must not be harmed by a log, and the log must never stop the daemon: what
cannot be written now (file in use, disk full) is kept, named once in the program's log, and written later.
"""

import logging
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from mousegate.errors import StoreError
from mousegate.storage.history_file import HistoryFile, Statement

_LOG = logging.getLogger(__name__)
DAY_S: Final = 86_400.0
KEPT_DAYS: Final = 90
_PRUNED_EVERY_S: Final = 3600.0
_WAITING: Final = 10_000
"""Changes kept while the file cannot be written: about half a day of uninterrupted movement, 3 MB."""


class What(StrEnum):
    """What an entry tells."""

    STARTED = "started"
    STOPPED = "stopped"
    ANOMALY = "anomaly"
    ANSWER = "answer"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    PAUSED = "paused"
    RESUMED = "resumed"
    TRUST = "trust"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. time_s: Unix seconds; kind: a `What`; trust: 0 to 1 at the time.

    detail: an anomaly's reason; an answer's key (`lock`, `me`, `pause`); until when a pause lasts (Unix
    seconds). since_s: when what was seen began, 0 where that means nothing.
    """

    time_s: float
    kind: str
    trust: float
    detail: str = ""
    since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """One comparison of the daemon: active_s seconds of movement that ended at Unix time time_s.

    llr: score in nats, None for INCONCLUSIVE; trust: after it; usual_nats: what is usual for this person;
    label: of the reference that fits best; device: pointer device class in lower case.
    """

    time_s: float
    llr: float | None
    active_s: float
    trust: float
    usual_nats: float
    label: str = ""
    device: str = ""


class History:
    """The history of one person, in `directory`, by default beside the store; kept for `kept_days` days."""

    def __init__(self, directory: Path | None = None, kept_days: int = KEPT_DAYS) -> None:
        self._file = HistoryFile(directory)
        self._kept_s = kept_days * DAY_S
        self._waiting: deque[Statement] = deque(maxlen=_WAITING)
        self._pruned_s = float("-inf")
        self._complained = False

    @property
    def file(self) -> HistoryFile:
        """The file below."""
        return self._file

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self._file.path

    def append(self, entry: Entry) -> None:
        """Write an entry down. Never raises for a broken file."""
        sql = "INSERT INTO entry (time_s, kind, trust, detail, since_s) VALUES (?, ?, ?, ?, ?)"
        self.write([(sql, astuple(entry))], entry.time_s)

    def append_stretches(self, stretches: Iterable[Stretch]) -> None:
        """Write comparisons down. Never raises for a broken file."""
        rows = [astuple(one) for one in stretches]
        if rows:
            sql = "INSERT INTO stretch VALUES (?, ?, ?, ?, ?, ?, ?)"
            self.write([(sql, row) for row in rows], rows[-1][0])

    def write(self, statements: list[Statement], now_s: float) -> None:
        """Make changes, and those that wait; once an hour drop what is too old. Never raises."""
        self._waiting.extend(statements)
        due = not 0 <= now_s - self._pruned_s < _PRUNED_EVERY_S
        try:
            self._file.write([*self._waiting, *(_pruning(now_s - self._kept_s) if due else [])])
        except (OSError, StoreError) as error:
            if not self._complained:
                _LOG.warning("The history cannot be written, and waits: %s", error)
            self._complained = True
            return
        if self._complained:
            _LOG.warning("The history is written again.")
        self._waiting.clear()
        self._complained = False
        self._pruned_s = now_s if due else self._pruned_s

    def since(self, time_s: float = 0.0, until_s: float = float("inf")) -> list[Entry]:
        """Return the entries from Unix time `time_s` on, oldest first. Raises StoreError when unreadable."""
        sql = """SELECT time_s, kind, trust, detail, since_s FROM entry
            WHERE time_s >= ? AND time_s < ? ORDER BY number"""
        return [Entry(*row) for row in self._file.read(sql, time_s, until_s)]

    def stretches(self, time_s: float = 0.0, until_s: float = float("inf")) -> list[Stretch]:
        """Return the comparisons from Unix time `time_s` on, oldest first. Raises StoreError."""
        sql = "SELECT * FROM stretch WHERE time_s >= ? AND time_s < ? ORDER BY time_s"
        return [Stretch(*row) for row in self._file.read(sql, time_s, until_s)]

    def erase(self) -> None:
        """Delete everything, so that the bytes are gone from the file too. Raises StoreError."""
        self._waiting.clear()
        if self._file.path.exists():
            self._file.write([(f"DELETE FROM {table}", ()) for table in _TABLES])
            self._file.shrink()


_TABLES: Final = ("entry", "stretch", "place", "hold", "shape")


def _pruning(before_s: float) -> list[Statement]:
    day = day_of(before_s)
    return [
        ("DELETE FROM entry WHERE time_s < ?", (before_s,)),
        ("DELETE FROM stretch WHERE time_s < ?", (before_s,)),
        ("DELETE FROM place WHERE day < ?", (day,)),
        ("DELETE FROM hold WHERE day < ?", (day,)),
        ("DELETE FROM shape WHERE application NOT IN (SELECT application FROM place)", ()),
    ]


def day_of(time_s: float) -> int:
    """Return the local calendar day of a Unix time, in days since 1970."""
    local = time.localtime(max(time_s, 0.0))
    return int((time_s + local.tm_gmtoff) // DAY_S)
