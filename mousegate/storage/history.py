"""What happened: trust, anomalies, answers, locks; in a file of its own, which may be lost without harm.

A store that could not be opened must not be harmed by a log, and the log must never stop the daemon: what
cannot be written is named once in the program's log and forgotten.
"""

import logging
import sqlite3
import time
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final

from mousegate.errors import StoreError
from mousegate.storage import files
from mousegate.storage.paths import data_directory

_LOG = logging.getLogger(__name__)
NAME: Final = "history.sqlite"
KEPT_S: Final = 90 * 86_400.0
"""Ninety days."""
_TABLE: Final = """CREATE TABLE IF NOT EXISTS entry (
    number INTEGER PRIMARY KEY AUTOINCREMENT, time_s REAL NOT NULL, kind TEXT NOT NULL, trust REAL NOT NULL,
    detail TEXT NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. time_s: Unix seconds; kind: `anomaly`, `answer`, `locked`, `unlocked`,
    `trust`, `started` or `stopped`; trust: 0 to 1 at the time.
    """

    time_s: float
    kind: str
    trust: float
    detail: str = ""


class History:
    """The history of one person, in `directory`, by default beside the store."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._complained = False

    @property
    def path(self) -> Path:
        """Where it lies."""
        return (self._directory or data_directory()) / NAME

    def append(self, entry: Entry) -> None:
        """Write an entry down, and drop what is older than KEPT_S. Never raises for a broken file."""
        try:
            files.make_directory(self.path.parent)
            if not files.check_file(self.path):
                files.make_file(self.path, b"")
            with closing(sqlite3.connect(self.path, timeout=1.0)) as connection, connection:
                connection.execute(_TABLE)
                connection.execute(
                    "INSERT INTO entry (time_s, kind, trust, detail) VALUES (?, ?, ?, ?)", astuple(entry)
                )
                connection.execute("DELETE FROM entry WHERE time_s < ?", (entry.time_s - KEPT_S,))
            self._complained = False
        except (sqlite3.Error, OSError, StoreError) as error:
            if not self._complained:
                _LOG.warning("The history %s cannot be written: %s", self.path, error)
            self._complained = True

    def since(self, time_s: float = 0.0) -> list[Entry]:
        """Return the entries from Unix time `time_s` on, oldest first. Raises StoreError when unreadable."""
        if not files.check_directory(self.path.parent) or not files.check_file(self.path):
            return []
        try:
            with closing(sqlite3.connect(self.path, timeout=1.0)) as connection:
                connection.execute(_TABLE)
                rows = connection.execute(
                    "SELECT time_s, kind, trust, detail FROM entry WHERE time_s >= ? ORDER BY number",
                    (time_s,),
                ).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} is damaged ({error}): move it away.") from error
        return [Entry(*row) for row in rows]


def ago(untrusted_words: str, now_s: float | None = None) -> float:
    """Return the Unix time that `30m`, `8h` or `7d` ago was. Raises ValueError for anything else."""
    units = {"m": 60.0, "h": 3600.0, "d": 86_400.0}
    number, unit = untrusted_words[:-1], untrusted_words[-1:]
    if unit not in units or not number.isascii() or not number.isdigit() or len(number) > 6:
        raise ValueError(untrusted_words)
    return (time.time() if now_s is None else now_s) - int(number) * units[unit]
