"""The SQLite file below the history: opened for each access, made when missing, put aside when damaged.

A log holds nothing that cannot be missed, so a damaged one must not stop anybody: it is renamed, kept for
whoever wants to look at it, and a new one begins. References are never treated so (mousegate.storage.store).
"""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, TypeAlias

from mousegate.errors import StoreError
from mousegate.storage import files
from mousegate.storage.paths import data_directory

_LOG = logging.getLogger(__name__)
NAME: Final = "history.sqlite"
ASIDE: Final = "history.sqlite.damaged"
VERSION: Final = 1
_TIMEOUT_S: Final = 1.0
_RUINED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

Statement: TypeAlias = tuple[str, tuple[Any, ...]]
"""One change: SQL and its values."""

_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS entry (
        number INTEGER PRIMARY KEY AUTOINCREMENT, time_s REAL NOT NULL, kind TEXT NOT NULL,
        trust REAL NOT NULL, detail TEXT NOT NULL)""",
    "ALTER TABLE entry ADD COLUMN since_s REAL NOT NULL DEFAULT 0",
    """CREATE TABLE stretch (
        time_s REAL NOT NULL, llr REAL, active_s REAL NOT NULL, trust REAL NOT NULL, usual_nats REAL NOT NULL,
        label TEXT NOT NULL, device TEXT NOT NULL)""",
    "CREATE INDEX stretch_time ON stretch (time_s)",
    """CREATE TABLE place (
        day INTEGER NOT NULL, application TEXT NOT NULL, cell INTEGER NOT NULL, clicks INTEGER NOT NULL,
        PRIMARY KEY (application, day, cell)) WITHOUT ROWID""",
    """CREATE TABLE hold (
        day INTEGER NOT NULL, application TEXT NOT NULL, bin INTEGER NOT NULL, clicks INTEGER NOT NULL,
        PRIMARY KEY (application, day, bin)) WITHOUT ROWID""",
    "CREATE TABLE shape (application TEXT PRIMARY KEY, width INTEGER NOT NULL, height INTEGER NOT NULL)",
)
"""Version 1. Version 0 had `entry` alone, without `since_s`."""


class HistoryFile:
    """One person's file, in `directory`, by default beside the store."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory

    @property
    def path(self) -> Path:
        """Where it lies."""
        return (self._directory or data_directory()) / NAME

    def write(self, statements: list[Statement]) -> None:
        """Make all changes, or none. Raises StoreError: in use, no room, not private."""
        try:
            self._write(statements)
        except sqlite3.DatabaseError as error:
            if _code(error) not in _RUINED:
                raise self._explained(error) from error
            self._put_aside()
            self._write(statements)

    def read(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return the rows of one SELECT; none where there is no file. Raises StoreError when unreadable."""
        if not files.check_directory(self.path.parent) or not files.check_file(self.path):
            return []
        try:
            with self._connected() as connection:
                return connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def shrink(self) -> None:
        """Give back the room of what was deleted. Raises StoreError."""
        try:
            with self._connected() as connection:
                connection.execute("VACUUM")
        except sqlite3.Error as error:
            raise self._explained(error) from error

    def _write(self, statements: list[Statement]) -> None:
        files.make_directory(self.path.parent)
        if not files.check_file(self.path):
            files.make_file(self.path, b"")
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for sql, values in statements:
                connection.execute(sql, values)
            connection.execute("COMMIT")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=_TIMEOUT_S, isolation_level=None)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA secure_delete = ON")
            self._migrate(connection)
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if _version(connection) < VERSION:
            connection.execute("BEGIN IMMEDIATE")
            if _version(connection) < VERSION:
                for statement in _SCHEMA:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {VERSION}")
            connection.execute("COMMIT")
        if _version(connection) > VERSION:
            raise StoreError(f"{self.path} was written by a newer mousegate: upgrade mousegate.")

    def _put_aside(self) -> None:
        aside = self.path.with_name(ASIDE)
        self.path.replace(aside)
        _LOG.warning("The history was damaged: it lies in %s now, and a new one begins.", aside)

    def _explained(self, error: sqlite3.Error) -> StoreError:
        code = _code(error)
        if code in _RUINED:
            return StoreError(f"{self.path} is damaged ({error}): move it away.")
        if code == sqlite3.SQLITE_FULL:
            return StoreError(f"The disk that holds {self.path} is full: make some room.")
        return StoreError(f"{self.path} cannot be used ({error}): check the disk and the file's owner.")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code (sqlite.org/rescode.html)."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
