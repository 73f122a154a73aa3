"""Runs the lab: binds its address, opens the browser, serves until Ctrl-C."""

import contextlib
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from typing import Final

import uvicorn

from mousegate.errors import UsageError
from mousegate.web.app import Settings, create_app

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_MOST_MESSAGE: Final = 1 << 20
_MOST_CONNECTIONS: Final = 2048
_GOODBYE_S: Final = 2


def serve(host: str, port: int, browser: bool, operating_point: str, say: Callable[[str], None]) -> None:
    """Serve the lab on an address (port 0: any that is free). say: is told where.

    Raises UsageError where the address cannot be used, or ModelError.
    """
    bound = _bind(host, port)
    with contextlib.closing(bound):
        port = bound.getsockname()[1]
        key, ticket = secrets.token_urlsafe(24), secrets.token_urlsafe(24) if browser else ""
        names = {host, socket.gethostname(), *(LOOPBACK if host in (*LOOPBACK, "0.0.0.0", "::") else ())}
        hosts = frozenset(f"{_written(name)}:{port}".lower() for name in names)
        app = create_app(Settings(hosts, key, ticket, operating_point))
        shown = f"http://{_written('127.0.0.1' if host in LOOPBACK else host)}:{port}/"
        say(f"{shown}?key={key}")
        if browser:
            opening = threading.Thread(target=webbrowser.open, args=(f"{shown}?key={ticket}",), daemon=True)
            opening.start()
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws_max_size=_MOST_MESSAGE,
            ws_per_message_deflate=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_GOODBYE_S,
        )
        uvicorn.Server(config).run(sockets=[bound])


def _bind(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
    except OSError as cause:
        raise UsageError(f"{host!r} is no address of this machine: {cause.strerror}.") from cause
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(128)
    except OSError as cause:
        bound.close()
        raise UsageError(
            f"Port {port} of {host} cannot be used ({cause.strerror}). Try `mousegate web --port 0`."
        ) from cause
    return bound


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
