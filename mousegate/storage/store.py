"""The store of one person: an SQLite file and a key, both private, opened with every check first.

Rollback journal, not WAL: there are a few small writes a minute at most, WAL keeps two more files beside the
store and does not work on network homes (sqlite.org/wal.html), and an attempt counter must be on the disk
before the attempt is made (synchronous=FULL). Deleted references are overwritten (secure_delete).
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from mousegate.errors import StoreError
from mousegate.storage import files
from mousegate.storage.attempts import Attempts
from mousegate.storage.decisions import Decisions
from mousegate.storage.paths import data_directory
from mousegate.storage.recovery import RecoveryCodes
from mousegate.storage.references import References
from mousegate.storage.revisions import Revisions
from mousegate.storage.schema import SCHEMA_VERSION, TABLES, UPGRADES
from mousegate.storage.seen import SeenProbes
from mousegate.storage.settings import Settings

STORE_NAME: Final = "store.sqlite"
KEY_NAME: Final = "key"
BUSY_TIMEOUT_S: Final = 3.0
"""How long to wait for another process's transaction, which takes milliseconds."""


class StoreFullError(StoreError):
    """There is no room left to write; what is stored can still be read."""


class Store:
    """What is known about one person. Use `open` or `create`; a context manager closes it.

    key: 32 secret bytes: seeds the rotation of embeddings and keys every hash.
    """

    def __init__(self, directory: Path, connection: sqlite3.Connection, key: bytes) -> None:
        self.directory = directory
        self.key = key
        self._connection = connection
        self.references = References(self)
        self.revisions = Revisions(self)
        self.decisions = Decisions(self)
        self.attempts = Attempts(self)
        self.recovery = RecoveryCodes(self)
        self.seen = SeenProbes(self)
        self.settings = Settings(self)

    @classmethod
    def open(cls, directory: Path | None = None) -> "Store | None":
        """Open the store; None when there is none yet.

        Raises StoreError, with what to do, when it is there but is unsafe, damaged or of a newer version.
        """
        directory = directory or data_directory()
        if not files.check_directory(directory) or not files.check_file(directory / STORE_NAME):
            return None
        return cls._connect(directory)

    @classmethod
    def create(cls, directory: Path | None = None) -> "Store":
        """Open the store, making what is missing of it. Raises StoreError as `open` does."""
        directory = directory or data_directory()
        files.make_directory(directory)
        if not files.check_file(directory / KEY_NAME):
            if files.check_file(directory / STORE_NAME):
                files.read_key(directory / KEY_NAME)
            files.make_file(directory / KEY_NAME, os.urandom(files.KEY_BYTES))
        if not files.check_file(directory / STORE_NAME):
            files.make_file(directory / STORE_NAME, b"")
        return cls._connect(directory)

    @classmethod
    def _connect(cls, directory: Path) -> "Store":
        path = directory / STORE_NAME
        key = files.read_key(directory / KEY_NAME)
        with translated(path):
            connection = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
            )
            try:
                _prepare(connection, path)
            except BaseException:
                connection.close()
                raise
        return cls(directory, connection, key)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Yield the connection inside one write transaction: all of it happens, or none.

        One inside another joins it. Raises StoreFullError when the disk is full and StoreError when the store
        is broken; nothing is changed then.
        """
        if self._in_transaction():
            yield self._connection
            return
        with translated(self.directory / STORE_NAME):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._in_transaction():
                    self._connection.execute("ROLLBACK")
                raise

    def _in_transaction(self) -> bool:
        return self._connection.in_transaction

    def query(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return all rows of one SELECT. Raises StoreError when the store cannot be read."""
        with translated(self.directory / STORE_NAME):
            return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close the store."""
        self._connection.close()

    def __enter__(self) -> "Store":
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        self.close()


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what sqlite3 raises about the file at `path` into a StoreError that says what to do."""
    try:
        yield
    except sqlite3.Error as cause:
        if _code(cause) == sqlite3.SQLITE_FULL:
            raise StoreFullError(f"The disk that holds {path} is full: make some room.") from cause
        raise StoreError(_explain(cause, path)) from cause


def _code(cause: sqlite3.Error) -> int:
    """Return SQLite's primary result code (sqlite.org/rescode.html)."""
    code: int = getattr(cause, "sqlite_errorcode", 0)
    return code & 0xFF


def _explain(cause: sqlite3.Error, path: Path) -> str:
    code = _code(cause)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return f"{path} has been in use by another process for {BUSY_TIMEOUT_S:.0f} s: try again."
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM):
        return f"{path} cannot be read or written ({cause}): check the disk and the file's owner."
    return f"{path} is damaged ({cause}): restore it from a backup, or move it away and enrol again."


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise StoreError(
            f"{path} was written by a newer mousegate (store version {version}; this one knows "
            f"{SCHEMA_VERSION}): upgrade mousegate."
        )
    if version < SCHEMA_VERSION:
        _upgrade(connection)
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if verdict != "ok" or not tables >= TABLES:
        raise StoreError(f"{path} is damaged: restore it from a backup, or move it away and enrol again.")


def _upgrade(connection: sqlite3.Connection) -> None:
    """Make the tables that are missing unless another process has done so meanwhile."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for statement in (one for to, statements in UPGRADES if version < to for one in statements):
            connection.execute(statement)
        if version < SCHEMA_VERSION:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
