"""Errors as problem details (RFC 9457): what happened and what to do, never a traceback."""

import logging
import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from mousegate.errors import (
    BadInput,
    FailureToAcquire,
    FailureToEnrol,
    ModelError,
    MousegateError,
    NotEnrolled,
    StoreError,
    UsageError,
)
from mousegate.web.model import ModelUnavailableError

_LOG = logging.getLogger(__name__)
MEDIA_TYPE: Final = "application/problem+json"
RETRY_S: Final = 2
"""When to ask again for what is missing now."""

STATUSES: Final[Mapping[type[MousegateError], HTTPStatus]] = {
    UsageError: HTTPStatus.BAD_REQUEST,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    FailureToEnrol: HTTPStatus.UNPROCESSABLE_ENTITY,
    FailureToAcquire: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotEnrolled: HTTPStatus.NOT_FOUND,
    ModelUnavailableError: HTTPStatus.SERVICE_UNAVAILABLE,
    ModelError: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreError: HTTPStatus.SERVICE_UNAVAILABLE,
}


def problem(
    status: HTTPStatus | int, detail: str, *, headers: Mapping[str, str] | None = None, **members: object
) -> JSONResponse:
    """Return the answer that tells of a problem. members: what else a program may read."""
    known = HTTPStatus(status)
    body = {"type": "about:blank", "title": known.phrase, "status": known.value, "detail": detail, **members}
    return JSONResponse(body, known, dict(headers or {}), MEDIA_TYPE)


def describe(error: MousegateError, statuses: Mapping[type[MousegateError], HTTPStatus]) -> JSONResponse:
    """Return an error of ours as a problem; `wait_s` of the error becomes Retry-After."""
    kinds = [kind for kind in type(error).__mro__ if kind in statuses]
    status = statuses[kinds[0]] if kinds else HTTPStatus.INTERNAL_SERVER_ERROR
    wait_s = getattr(error, "wait_s", RETRY_S if status is HTTPStatus.SERVICE_UNAVAILABLE else None)
    headers = {} if wait_s is None else {"Retry-After": str(max(1, math.ceil(wait_s)))}
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        _LOG.error("%s: %s", type(error).__name__, error)
        return problem(status, "Something unexpected happened. Nothing was changed.")
    return problem(status, str(error), headers=headers)


def install(app: FastAPI, statuses: Mapping[type[MousegateError], HTTPStatus] | None = None) -> None:
    """Answer every error of `app` with problem details. statuses: of further kinds of error."""
    known = {**STATUSES, **(statuses or {})}

    async def ours(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, MousegateError)
        return describe(error, known)

    app.add_exception_handler(MousegateError, ours)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(Exception, _unforeseen)


async def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    """Name what is wrong without repeating it, since it may be secret."""
    assert isinstance(error, RequestValidationError)
    found = [
        {"pointer": "/".join(("", *map(str, one["loc"]))), "detail": str(one["msg"])}
        for one in error.errors()[:8]
    ]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The request is not as described.", errors=found)


async def _unforeseen(request: Request, error: Exception) -> JSONResponse:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "Something unexpected happened. Nothing was changed.")


RESPONSE: Final[dict[str, Any]] = {
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "type": "object",
                "title": "Problem",
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                },
                "required": ["type", "title", "status", "detail"],
            }
        }
    }
}
"""A problem as OpenAPI describes it, for the `responses` of a route."""
