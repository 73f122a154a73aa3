"""A lab for each test, on a real server and port, spoken to as a page would."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
import uvicorn
from websockets.sync.client import ClientConnection, connect

from mousegate.web.app import Settings, create_app


class Page:
    """A WebSocket of the lab's."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send_json(self, message: object) -> None:
        self.connection.send(json.dumps(message))

    def receive_json(self) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.connection.recv(timeout=60))
        return message


class LabServer:
    """A running lab."""

    def __init__(self, port: int, key: str = "") -> None:
        self.host = f"127.0.0.1:{port}"
        self.app = create_app(Settings(frozenset({self.host}), key, operating_point="fmr1"))
        self.client = httpx.Client(base_url=f"http://{self.host}", timeout=60)
        self.loop: asyncio.AbstractEventLoop | None = None

    @contextmanager
    def page(self) -> Iterator[Page]:
        with connect(f"ws://{self.host}/lab/socket", max_size=1 << 24) as connection:
            yield Page(connection)

    def worker_id(self) -> int:
        assert self.loop is not None
        number: int = asyncio.run_coroutine_threadsafe(self.app.state.lab.model.ready(), self.loop).result(60)
        return number


@contextmanager
def running(key: str = "") -> Iterator[LabServer]:
    """Serve a lab until the end of the block."""
    bound = socket.create_server(("127.0.0.1", 0))
    lab = LabServer(bound.getsockname()[1], key)
    config = uvicorn.Config(lab.app, log_level="warning", ws="websockets-sansio", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)

    async def serve() -> None:
        lab.loop = asyncio.get_running_loop()
        await server.serve(sockets=[bound])

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    try:
        lab.client.get("/static/mousegate.js")  # waits until it serves
        yield lab
    finally:
        server.should_exit = True
        thread.join(30)
        lab.client.close()
        bound.close()


@pytest.fixture(scope="module")
def server() -> Iterator[LabServer]:
    """A lab for all tests of a module, without a key."""
    with running() as serving:
        yield serving


@pytest.fixture
def lab(server: LabServer) -> LabServer:
    """The lab, with nobody in it."""
    assert server.client.delete("/lab/people").status_code == 204
    return server
