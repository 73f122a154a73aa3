"""A database for each test: SQLite, or the PostgreSQL that MOUSEGATE_TEST_DATABASE names (test-postgres)."""

import os
import secrets
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from httpx import Client, Response
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from starlette.types import ASGIApp

from mousegate.web.api.application import PREFIX
from mousegate.web.api.database import Database
from mousegate.web.api.server import build, listening, serve
from mousegate.web.api.service import Service
from mousegate.web.api.settings import LIMITS, Settings, parse_database
from mousegate.web.api.tokens import Rate, Scope, Wanted

POSTGRES = os.environ.get("MOUSEGATE_TEST_DATABASE", "")
PLENTY = Rate(per_minute=1_000_000, burst=1_000_000)


@contextmanager
def fresh_database(folder: Path) -> Iterator[URL]:
    """Give an empty database: a file in a folder, or one of PostgreSQL's that is dropped afterwards."""
    if not POSTGRES:
        yield parse_database(f"sqlite:///{folder}/api.sqlite")
        return
    name = f"mousegate_{secrets.token_hex(6)}"
    server = create_engine(parse_database(POSTGRES), isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield parse_database(POSTGRES).set(database=name)
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    server.dispose()


@pytest.fixture
def database_url(tmp_path: Path) -> Iterator[URL]:
    """Where a database of this test's own lies, empty."""
    with fresh_database(tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: URL) -> Iterator[Database]:
    """The database, with its tables."""
    database = Database(database_url)
    database.migrate()
    yield database
    database.close()


@dataclass(frozen=True)
class Api:
    """A running API: a client below its prefix, the database beneath, and tokens with every scope."""

    client: Client
    database: Database
    service: Service

    def token(
        self,
        application: str = "shop",
        scopes: Iterable[Scope] = Scope,
        rate: Rate = PLENTY,
        expires_s: float | None = None,
    ) -> str:
        """Return a new token."""
        wanted = Wanted(application, "test", frozenset(scopes), rate, expires_s)
        return self.service.tokens.add(wanted, time.time())

    def user(self) -> str:
        """Return a name that nobody has yet."""
        return f"u-{secrets.token_hex(6)}"

    def call(self, method: str, path: str, token: str, body: Any = None) -> Response:
        """Ask."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.client.request(method, PREFIX + path, json=body, headers=headers)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The API with the shipped model, in this process but for the model's own."""
    with fresh_database(tmp_path_factory.mktemp("api")) as url:
        settings = Settings(url, secrets.token_bytes(32), limits=replace(LIMITS, body_s=2.0))
        service = build(settings)
        service.database.migrate()
        with served(serve(service, settings)) as address, Client(base_url=address, timeout=60.0) as client:
            yield Api(client, service.database, service)


@contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application in a thread, and give its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_config=None))
    listener = listening()
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    host, port = listener.getsockname()[:2]
    yield f"http://{host}:{port}"
    server.should_exit = True
    thread.join()
    listener.close()
