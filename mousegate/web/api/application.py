"""The API as an ASGI application, to be mounted below `/api/v1`."""

import logging
from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Match

from mousegate import __version__
from mousegate.errors import MousegateError
from mousegate.web.api.gate import Gate
from mousegate.web.api.refusals import problem, refusal_of
from mousegate.web.api.routes import Problem, router
from mousegate.web.api.service import Service
from mousegate.web.api.settings import LIMITS, Limits

_LOG: Final = logging.getLogger(__name__)
PREFIX: Final = "/api/v1"
_LONGEST_PLACE: Final = 100
_DESCRIPTION: Final = """
Enrol the users of a web application and tell whether it is them who move and click, beside their password.
The application's own server calls it, with a token; a browser only records, with `mousegate.js`.
"""


def create_api(service: Service, origins: Sequence[str] = (), limits: Limits = LIMITS) -> FastAPI:
    """Return the API over a service. origins: of pages whose scripts may call it themselves."""
    api = FastAPI(
        title="mousegate",
        version=__version__,
        summary="Password plus mouse signature, for web applications",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        separate_input_output_schemas=False,
    )
    routes = router(service)
    api.include_router(routes)
    api.state.routes = routes
    api.add_exception_handler(MousegateError, _refused)
    api.add_exception_handler(RequestValidationError, _malformed)
    api.add_exception_handler(HTTPException, _unserved)
    api.add_exception_handler(Exception, _failed)
    api.add_middleware(Gate, service=service, limits=limits)
    if origins:
        api.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["GET", "PUT", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type"],
        )
    describe = api.openapi

    def openapi() -> dict[str, Any]:
        document = describe()
        schemas = document["components"]["schemas"]
        schemas.setdefault("Problem", Problem.model_json_schema())
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    api.openapi = openapi  # type: ignore[method-assign]
    return api


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, MousegateError)
    response = refusal_of(error)
    if response.status_code >= 500:
        _LOG.error("%s %s: %s", request.method, _route(request), error)
    return response


async def _malformed(request: Request, error: Exception) -> Response:
    """Tell where a body is wrong, without repeating what was sent."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    return problem("malformed", f"{place[:_LONGEST_PLACE]}: {first['msg']}.")


async def _unserved(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kinds = {404: "not-found", 405: "method"}
    kind = kinds.get(error.status_code, "malformed" if error.status_code < 500 else "internal")
    allow = _methods(request) if kind == "method" else ""
    return problem(kind, f"{error.detail}.", allow=allow)


async def _failed(request: Request, error: Exception) -> Response:
    _LOG.critical("%s %s failed", request.method, _route(request), exc_info=error)
    return problem("internal", "Something went wrong here. It is in the server's log.")


def _methods(request: Request) -> str:
    """Return every method that the path takes; each is a route of its own."""
    routes: APIRouter = request.app.state.routes
    fitting = [one for one in routes.routes if one.matches(request.scope)[0] is not Match.NONE]
    return ", ".join(sorted({method for one in fitting for method in getattr(one, "methods", ())}))


def _route(request: Request) -> str:
    """Return the template of the path, which names nobody."""
    return str(getattr(request.scope.get("route"), "path", "other"))
