"""Two workers as processes of their own: what they share, and what is lost when something dies."""

import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from os import environ, kill
from pathlib import Path

import pytest
from httpx import Client, HTTPError, Response
from sqlalchemy.engine import URL

from tests.web.api.conftest import POSTGRES, fresh_database
from tests.web.api.hands import clicked

_API = [sys.executable, "-m", "mousegate.web.api"]
_PATIENCE_S = 60.0


@dataclass(frozen=True)
class Workers:
    """Two workers under one address. pid: of the process above them."""

    pid: int
    address: str
    folder: Path
    token: str

    def call(self, method: str, path: str, body: object = None) -> Response:
        """Ask, on a connection of its own: whichever worker is free answers."""
        headers = {"Authorization": f"Bearer {self.token}"}
        with Client(base_url=self.address, timeout=60.0, headers=headers) as client:
            return client.request(method, f"/api/v1{path}", json=body)

    def children(self) -> list[int]:
        """Return the process ids of the workers."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        names = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in found}
        return [pid for pid, name in names.items() if b"resource_tracker" not in name]


def until(condition: Callable[[], bool]) -> None:
    """Wait until it is so. Fails after _PATIENCE_S."""
    end_s, pause = time.monotonic() + _PATIENCE_S, threading.Event()
    while not condition():
        assert time.monotonic() < end_s, "it took too long"
        pause.wait(0.1)


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workers]:
    """Serve with two workers."""
    folder = tmp_path_factory.mktemp("workers")
    with fresh_database(folder) as url:
        yield from serving(folder, url)


def serving(folder: Path, url: URL) -> Iterator[Workers]:
    """Serve, with everything in a folder or, where there is one, in a PostgreSQL."""
    environment = {**environ, "XDG_DATA_HOME": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    if POSTGRES:
        environment["MOUSEGATE_API_DATABASE"] = url.render_as_string(hide_password=False)
    add = [
        *_API,
        "token",
        "add",
        "--scope=enrol",
        "--scope=verify",
        "--scope=read",
        "--scope=metrics",
        "shop",
    ]
    made = subprocess.run(add, env=environment, capture_output=True, text=True, check=True, timeout=60)
    serve = [*_API, "serve", "--port", "0", "--workers", "2"]
    with subprocess.Popen(serve, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        address = re.search(r"http://[^/]+", server.stderr.readline())
        assert address is not None
        threading.Thread(target=server.stderr.read, daemon=True).start()
        found = Workers(server.pid, address[0], folder / "mousegate" / "api", made.stdout.strip())
        until(lambda: len(found.children()) == 2 and found.call("GET", "/health").is_success)
        yield found
        server.send_signal(signal.SIGTERM)


def test_a_killed_worker_loses_nothing(workers: Workers) -> None:
    """What was acknowledged is there; another worker comes in its place and both go on."""
    repeated = {"repetitions": [clicked()] * 5}
    assert workers.call("PUT", "/users/anna/rhythm", repeated).status_code == 200
    before = workers.children()
    for pid in before:
        kill(pid, signal.SIGKILL)

    def answers() -> bool:
        with suppress(HTTPError):
            return workers.call("GET", "/users/anna").status_code == 200
        return False

    until(lambda: len(set(workers.children()) - set(before)) == 2 and answers())
    body = {"recording": clicked()}
    assert workers.call("POST", "/users/anna/rhythm/compare", body).json()["decision"] == "match"
    assert "mousegate_api_requests_total" in workers.call("GET", "/metrics").text


@pytest.mark.skipif(bool(POSTGRES), reason="takes SQLite's file away")
def test_a_database_that_goes_and_comes_back(workers: Workers) -> None:
    """503 with Retry-After while it is away, and everything is there again afterwards."""
    repeated = {"repetitions": [clicked()] * 5}
    assert workers.call("PUT", "/users/berta/rhythm", repeated).status_code == 200
    files = list(workers.folder.glob("api.sqlite*"))
    for file in files:
        file.rename(file.with_name(f"away-{file.name}"))
    for method, path, body in (
        ("GET", "/health", None),
        ("GET", "/users", None),
        ("PUT", "/users/carla/rhythm", repeated),
    ):
        response = workers.call(method, path, body)
        assert response.status_code == 503 and int(response.headers["retry-after"]) > 0, response.text
        assert response.json()["type"] == "urn:mousegate:problem:unavailable"
        assert "sqlite" not in response.text
    for file in files:
        file.with_name(f"away-{file.name}").rename(file)
    assert workers.call("GET", "/users/berta").json()["rhythm"]["clicks"] == 4
    assert workers.call("GET", "/users/carla").status_code == 404
