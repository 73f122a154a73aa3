"""The database: its tables are what the code says, it heals, and what it cannot do it says."""

import stat
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, select, text
from sqlalchemy.engine import URL

from mousegate.errors import ConfigurationError, MousegateError
from mousegate.web.api.database import ConflictError, Database, UnavailableError
from mousegate.web.api.settings import parse_database
from mousegate.web.api.tables import APPLICATION, METADATA
from tests.web.api.conftest import POSTGRES

sqlite_only = pytest.mark.skipif(bool(POSTGRES), reason="about the file that only SQLite has")


def test_migrations_make_what_the_code_expects(database: Database) -> None:
    """A table that is changed in one place only is noticed."""
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_workers_that_start_at_once_migrate_once(database_url: URL) -> None:
    """No worker fails because another makes the tables at the same time."""
    failed: list[MousegateError] = []

    def start() -> None:
        database = Database(database_url)
        try:
            database.migrate()
        except MousegateError as error:
            failed.append(error)
        database.close()

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_a_newer_database_is_refused(database: Database) -> None:
    """Tables of a version that this one does not know are not touched."""
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match="newer"):
        database.migrate()


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    """What is refused in part is not there at all."""
    row = {"name": "one", "created_s": 1.0}
    with pytest.raises(ConflictError), database.writing() as connection:
        connection.execute(insert(APPLICATION).values(row))
        connection.execute(insert(APPLICATION).values(row))
    with database.reading() as connection:
        assert connection.execute(select(APPLICATION)).all() == []


@sqlite_only
def test_the_file_is_private(database: Database, tmp_path: Path) -> None:
    """Nobody else on the machine reads it, nor what SQLite keeps beside it."""
    with database.writing() as connection:
        connection.execute(insert(APPLICATION).values({"name": "one", "created_s": 1.0}))
        modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("api.sqlite*")}
    assert modes == {0o600}


@sqlite_only
def test_a_file_that_is_gone_is_an_error_until_it_is_back(database: Database, tmp_path: Path) -> None:
    """Nothing is written to a file that nobody will ever read, and it heals by itself."""
    with database.writing() as connection:
        connection.execute(insert(APPLICATION).values({"name": "one", "created_s": 1.0}))
    database.close()
    with database.reading() as connection:
        connection.execute(select(APPLICATION)).all()
    away = tmp_path / "away"
    away.mkdir()
    for path in tmp_path.glob("api.sqlite*"):
        path.rename(away / path.name)
    with pytest.raises(UnavailableError), database.writing() as connection:
        connection.execute(insert(APPLICATION).values({"name": "two", "created_s": 1.0}))
    assert not list(tmp_path.glob("api.sqlite*"))
    for path in away.iterdir():
        path.rename(tmp_path / path.name)
    with database.reading() as connection:
        assert [row.name for row in connection.execute(select(APPLICATION))] == ["one"]


@pytest.mark.parametrize("url", ["", "x", "sqlite:///relative", "sqlite://", "mysql://h/d", "postgresql"])
def test_other_urls_are_refused(url: str) -> None:
    """Only what is supported is taken, and a password in the URL is not repeated."""
    with pytest.raises(ConfigurationError, match="MOUSEGATE_API_DATABASE"):
        parse_database(url)
