"""A database for each test: SQLite, or the PostgreSQL that MOUSEGATE_TEST_DATABASE names (test-postgres)."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from mousegate.web.api.database import Database
from mousegate.web.api.settings import parse_database

POSTGRES = os.environ.get("MOUSEGATE_TEST_DATABASE", "")


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[URL]:
    """Where a database of this test's own lies, empty."""
    if not POSTGRES:
        yield parse_database(f"sqlite:///{tmp_path}/api.sqlite")
        return
    url = parse_database(POSTGRES)
    yield url
    database = Database(url)
    with database.writing() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.close()


@pytest.fixture
def database(database_url: URL) -> Iterator[Database]:
    """The database, with its tables."""
    database = Database(database_url)
    database.migrate()
    yield database
    database.close()
