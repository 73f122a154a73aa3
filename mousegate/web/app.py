"""The lab as a web application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from mousegate import __version__
from mousegate.web import problems
from mousegate.web.guard import Guard
from mousegate.web.lab.hand import EnoughRecordedError
from mousegate.web.lab.lab import BusyError, Lab, LabFullError
from mousegate.web.lab.routes import STATIC, create_router
from mousegate.web.model import Model

_STATUSES: Final = {
    LabFullError: HTTPStatus.CONFLICT,
    BusyError: HTTPStatus.CONFLICT,
    EnoughRecordedError: HTTPStatus.CONFLICT,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """hosts: `host:port` under which browsers may ask; key: that they must know, "" for none; ticket: opens
    the lab once in its place. operating_point: at which the lab decides.
    """

    hosts: frozenset[str]
    key: str = ""
    ticket: str = ""
    operating_point: str = "fnmr10"


def create_app(settings: Settings) -> FastAPI:
    """Return the lab. Raises ModelError where there is no model."""
    lab = Lab(Model(), settings.operating_point)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield
        await lab.model.close()

    app = FastAPI(
        title="mousegate lab",
        version=__version__,
        lifespan=life,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
    )
    problems.install(app, _STATUSES)
    app.include_router(create_router(lab))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Guard, hosts=settings.hosts, key=settings.key, ticket=settings.ticket)
    app.state.lab = lab
    return app
