"""What every request passes before it is read: who asks, how often, how much, and how slowly.

Pure ASGI, so that a body is neither read nor parsed for somebody without a token, and never beyond its limit.
"""

import logging
import time
from dataclasses import dataclass
from typing import Final

from anyio import fail_after
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mousegate.errors import MousegateError
from mousegate.web.api.allowance import spend
from mousegate.web.api.refusals import Refusal, refusal_of
from mousegate.web.api.service import Service
from mousegate.web.api.settings import Limits
from mousegate.web.api.tokens import Caller

_LOG: Final = logging.getLogger(__name__)
OPEN_PATHS: Final = frozenset({"/health", "/openapi.json"})
"""Below the API: what needs no token."""

_HEADERS: Final = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}


@dataclass(slots=True)
class _Watch:
    """The status that went out."""

    status: int = 0


class Gate:
    """Wraps the API."""

    def __init__(self, app: ASGIApp, service: Service, limits: Limits) -> None:
        self._app = app
        self._service = service
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begin_s, watch = time.perf_counter(), _Watch()

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                watch.status = message["status"]
                names = {name.lower() for name, _ in message["headers"]}
                extra = [(n.encode(), v.encode()) for n, v in _HEADERS.items() if n.encode() not in names]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        try:
            await self._admit(scope, receive, sent)
        except ClientDisconnect:
            watch.status = 499  # as nginx calls it
        finally:
            route = getattr(scope.get("route"), "path", "other")
            seconds = time.perf_counter() - begin_s
            self._service.metrics.answered(_method(scope), route, watch.status or 500, seconds)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            if _path(scope) not in OPEN_PATHS:
                scope.setdefault("state", {})["caller"] = await self._caller(request)
            body = await self._body(request)
        except MousegateError as error:
            await refusal_of(error)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)

    async def _caller(self, request: Request) -> Caller:
        """Return who asks. Raises Refusal, or UnavailableError."""
        service, now_s = self._service, self._service.clock()
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if not token:
            raise Refusal("token-missing", "Send a token: Authorization: Bearer mg_…")
        tokens = service.tokens

        def look() -> tuple[Caller | None, float]:
            found = tokens.find(token.strip(), now_s) if kind.lower() == "bearer" else None
            wait_s = spend(service.database, found.token_id, found.rate, now_s) if found else 0.0
            return found, wait_s

        await service.prepare()
        caller, wait_s = await service.stored(look)
        if caller is None:
            raise Refusal("token-invalid", "The token is not one, has expired, or was revoked.")
        if wait_s > 0:
            raise Refusal("rate-limit", "This token has asked too often: wait.", wait_s)
        return caller

    async def _body(self, request: Request) -> bytes:
        """Return the whole body. Raises Refusal where it is too long or too slow, or ClientDisconnect."""
        most = self._limits.body_bytes
        too_long = Refusal("body-too-large", f"A body may have {most} bytes.")
        told = request.headers.get("content-length", "0")
        if not (told.isascii() and told.isdigit() and len(told) < 20):
            raise Refusal("malformed", "The Content-Length is no number.")
        if int(told) > most:
            raise too_long
        body = bytearray()
        try:
            with fail_after(self._limits.body_s):
                async for part in request.stream():
                    body += part
                    if len(body) > most:
                        raise too_long
        except TimeoutError as cause:
            limit_s = self._limits.body_s
            raise Refusal("body-too-slow", f"The body did not arrive within {limit_s:.0f} s.") from cause
        return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return what gives the app a body that was read already, and then what else comes."""
    pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return pending.pop() if pending else await receive()

    return again


def _path(scope: Scope) -> str:
    """Return the path below the API."""
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", ""))


def _method(scope: Scope) -> str:
    """Return the method, or one name for all that nobody should send."""
    known = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
    return scope["method"] if scope["method"] in known else "other"
