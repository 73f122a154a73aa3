"""The database: SQLite or PostgreSQL behind one small class, and one error for whatever keeps it away."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, DisconnectionError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.pool import ConnectionPoolEntry

from mousegate.errors import ConfigurationError, StoreError

_LOG: Final = logging.getLogger(__name__)
CONNECTIONS: Final = 8
"""Per worker process, and as many threads that use them."""

_PATIENCE_S: Final = 5
_LOCK_OF_MIGRATIONS: Final = 0x6D6F757365
_WRITES: Final = "mousegate_writes"
_DURABLE: Final = "mousegate_durable"


class UnavailableError(StoreError):
    """The database cannot be reached, is full, busy for too long, or shuts down. Try again later."""


class ConflictError(StoreError):
    """Somebody else changed the same thing meanwhile."""


class Database:
    """Transactions on one database. Connections are made when first needed, and again when they were lost."""

    def __init__(self, url: URL) -> None:
        """Compose; nothing is connected yet."""
        self._url = url
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self._is_sqlite else _postgres_engine(url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a transaction that reads. Raises UnavailableError."""
        with _translated(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self, durable: bool = True) -> Iterator[Connection]:
        """Give a transaction that is written as a whole or not at all. Raises UnavailableError or
        ConflictError.

        durable: it survives a power failure, for which SQLite waits for the disk; a counter need not.
        """
        options = {_WRITES: True, _DURABLE: durable}
        with _translated(), self.engine.execution_options(**options).begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the tables up to date, making a SQLite file (0600) where there is none.

        Several processes may do so at once. Raises UnavailableError, and ConfigurationError where the tables
        are those of a newer version.
        """
        with self._alone(), self.writing() as connection:
            if not self._is_sqlite:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK_OF_MIGRATIONS})"))
            config = AlembicConfig()
            config.set_main_option("script_location", "mousegate:web/migrations")
            config.attributes["connection"] = connection
            current = MigrationContext.configure(connection).get_current_revision()
            known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
            if current is not None and current not in known:
                raise ConfigurationError(
                    "The API's database was made by a newer version of mousegate: upgrade this one."
                )
            try:
                command.upgrade(config, "head")
            except CommandError as cause:
                raise StoreError(f"The API's tables cannot be brought up to date: {cause}.") from cause

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes of this machine out while a SQLite file is made and switched to its log, for
        which SQLite itself does not wait.
        """
        if not self._is_sqlite:
            yield
            return
        path = Path(str(self._url.database))
        try:
            folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as cause:
            raise UnavailableError(f"The folder of {path} cannot be opened: {cause.strerror}.") from cause
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            _make_file(str(path))
            yield
        finally:
            os.close(folder)

    def check(self) -> None:
        """Raise UnavailableError where it cannot be read now."""
        with self.reading() as connection:
            connection.execute(text("SELECT 1 FROM alembic_version"))

    def close(self) -> None:
        """Close what is connected."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    """Give whatever keeps the database away one name, and no statement or value to a log."""
    try:
        yield
    except IntegrityError as cause:
        raise ConflictError("It was changed by another request meanwhile: try again.") from cause
    except (DBAPIError, PoolTimeoutError, DisconnectionError) as cause:
        _LOG.error("the database is not available: %s", _reason(cause))
        raise UnavailableError("The database is not available at the moment: try again later.") from cause


def _reason(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return f"{type(original).__name__}: {original}".splitlines()[0]


def _postgres_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=_PATIENCE_S,
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={
                "connect_timeout": _PATIENCE_S,
                "options": f"-c statement_timeout={_PATIENCE_S}s -c lock_timeout={_PATIENCE_S}s",
            },
        )
    except ModuleNotFoundError as cause:
        raise ConfigurationError(
            "PostgreSQL needs the Python package psycopg: install mousegate[web,postgres]."
        ) from cause


def _sqlite_engine(url: URL) -> Engine:
    """Return an engine that never makes a file by itself, and begins its transactions itself."""
    path = str(url.database)
    engine = create_engine(
        URL.create("sqlite", database=f"file:{_quoted(path)}", query={"mode": "rw", "uri": "true"}),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=_PATIENCE_S,
        hide_parameters=True,
        connect_args={"isolation_level": None, "timeout": _PATIENCE_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info["file"] = _identity(path)
        for pragma in ("journal_mode = WAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "checkout")
    def checked_out(connection: Any, entry: ConnectionPoolEntry, proxy: Any) -> None:
        # SQLite goes on writing to a file that was removed or replaced: what it is told then would be lost.
        if entry.info.get("file") != _identity(path):
            raise DisconnectionError("the file is gone, or another one")

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get(_WRITES, False):
            mode = "FULL" if options.get(_DURABLE, True) else "NORMAL"
            connection.exec_driver_sql(f"PRAGMA synchronous = {mode}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES, False) else "BEGIN")

    return engine


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _quoted(path: str) -> str:
    """Return a path as SQLite's URI has it."""
    return path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _make_file(path: str) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as cause:
        raise UnavailableError(f"The API's database {path} cannot be made: {cause.strerror}.") from cause
