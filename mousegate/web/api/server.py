"""The API alone, for servers: `uvicorn --factory mousegate.web.api.server:create --workers N`.

Workers share nothing but the database, so that any number of them on any number of machines serve together.
"""

import logging
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route

from mousegate.web.api.application import PREFIX, create_api
from mousegate.web.api.database import Database, UnavailableError
from mousegate.web.api.refusals import problem
from mousegate.web.api.service import Service
from mousegate.web.api.settings import Settings, load
from mousegate.web.model import Model

_BACKLOG: Final = 2048
RECORDER: Final = Path(__file__).parent.parent / "static" / "mousegate.js"


def create() -> Starlette:
    """Return the application that the environment describes. Raises ConfigurationError or ModelError."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = load()
    return serve(build(settings), settings)


def listening(host: str = "127.0.0.1", port: int = 0) -> socket.socket:
    """Return a socket that listens, and whose connections send at once.

    Nobody is refused while workers start. The socket that uvicorn makes for several workers does not send at
    once: its answers of two parts wait some 40 ms for the caller's acknowledgement (RFC 1122, 4.2.3.2).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((host, port))
    listener.listen(_BACKLOG)
    listener.set_inheritable(True)
    return listener


def build(settings: Settings) -> Service:
    """Return a service with the shipped model. Raises ModelError."""
    return Service(Database(settings.database), settings.key, Model(), time.time)


def serve(service: Service, settings: Settings) -> Starlette:
    """Return the API below its prefix, and mousegate.js."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        with suppress(UnavailableError):  # requests are answered with 503 until it is there
            await service.prepare()
        yield
        await service.close()

    async def recorder(request: Request) -> FileResponse:
        return FileResponse(RECORDER, media_type="text/javascript")

    async def nothing(request: Request, error: Exception) -> Response:
        return problem("not-found", "Not Found.")

    return Starlette(
        routes=[
            Mount(PREFIX, create_api(service, settings.origins, settings.limits)),
            Route("/mousegate.js", recorder),
        ],
        exception_handlers={404: nothing},
        lifespan=life,
    )
