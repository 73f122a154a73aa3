"""Who may talk to the lab: the person at this machine, and no page from elsewhere.

A page elsewhere can have a browser ask 127.0.0.1, and can point a name of its own there (DNS rebinding), but
it can set neither Host nor Origin. Another user of the machine can ask it, too, but does not know the key
that is in the address which `mousegate web` prints. A browser is started with a ticket instead, which is good
once: the words it is started with can be read by everybody.
"""

import hmac
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from mousegate.web.problems import problem

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Guard:
    """Wraps the lab. hosts: `host:port` under which it may be asked for; key: must be known, where there is
    one; ticket: in place of the key, once.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str], key: str, ticket: str) -> None:
        self._app = app
        self._hosts = hosts
        self._key = key
        self._ticket = ticket
        ports = {host.rpartition(":")[2] for host in hosts}
        self._cookie = f"mousegate-lab-{min(ports, default='')}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                MutableHeaders(raw=message["headers"]).update(HEADERS)
            await send(message)

        refusal = self._refusal(HTTPConnection(scope))
        if refusal is None:
            await self._app(scope, receive, dressed)
        elif scope["type"] == "http":
            await refusal(scope, receive, dressed)
        else:
            await WebSocket(scope, receive, dressed).send_denial_response(refusal)

    def _refusal(self, request: HTTPConnection) -> Response | None:
        host, origin = request.headers.get("host", "").lower(), request.headers.get("origin")
        if host not in self._hosts:
            return problem(HTTPStatus.MISDIRECTED_REQUEST, "The lab does not answer under this name.")
        if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
            return problem(HTTPStatus.FORBIDDEN, "Another page may not use the lab.")
        if not self._key or _same(self._kept(request), self._key):
            return None
        told = parse_qs(request.scope.get("query_string", b"").decode("latin-1")).get("key", [""])[0]
        if request.scope["type"] == "http" and request.scope["path"] == "/" and self._opens(told):
            response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
            response.set_cookie(self._cookie, self._key, httponly=True, samesite="strict")
            return response
        return problem(
            HTTPStatus.FORBIDDEN, "Open the address that `mousegate web` printed: it holds the key."
        )

    def _opens(self, untrusted: str) -> bool:
        if self._ticket and _same(untrusted, self._ticket):
            self._ticket = ""
            return True
        return _same(untrusted, self._key)

    def _kept(self, request: HTTPConnection) -> str:
        """Return the key that the browser kept; empty where it has none."""
        try:
            cookies = SimpleCookie(request.headers.get("cookie", ""))
        except CookieError:
            return ""
        return cookies[self._cookie].value if self._cookie in cookies else ""


def _same(untrusted: str, key: str) -> bool:
    return hmac.compare_digest(untrusted.encode(), key.encode())
