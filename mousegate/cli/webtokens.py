"""`mousegate api`: serve the API for web applications, and manage its tokens."""

import importlib.util
import os
import sys

import click

from mousegate.errors import ConfigurationError

_COUNT = click.IntRange(1, 1_000_000)
_SCOPES = ("enrol", "verify", "read", "delete", "metrics")


@click.group("api")
def api_command() -> None:
    """Let web applications enrol and verify their users, beside a password (extra [web]).

    MOUSEGATE_API_DATABASE (sqlite:////PATH or postgresql://USER@HOST/NAME), MOUSEGATE_API_KEY_FILE and
    MOUSEGATE_API_ORIGINS tell where everything is kept and whose pages may call. Without them it lies below
    your data directory.
    """


@api_command.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8738, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
)
@click.option(
    "--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve."
)
def serve_command(host: str, port: int, workers: int) -> int:
    """Serve the API until Ctrl-C. Put a proxy with TLS before it."""
    return _become("serve", "--host", host, "--port", str(port), "--workers", str(workers))


@api_command.group("token")
def token_group() -> None:
    """Make, list and revoke the tokens with which applications call."""


@token_group.command("add")
@click.argument("application")
@click.option("--label", default="token", show_default=True, help="What you will know it by.")
@click.option(
    "--scope", multiple=True, type=click.Choice(_SCOPES), help="May be repeated; by default all but metrics."
)
@click.option("--days", type=click.IntRange(1, 3650), help="When it expires; never by default.")
@click.option("--per-minute", default=600, show_default=True, type=_COUNT, help="Requests in the long run.")
@click.option("--burst", default=60, show_default=True, type=_COUNT, help="Requests at once.")
def add_command(application: str, scope: tuple[str, ...], **options: str | int | None) -> int:
    """Make a token for APPLICATION and print it, once: only its digest is kept.

    Users enrolled by one application's tokens are invisible to every other's.
    """
    words = ["token", "add"]
    for name, value in options.items():
        words += [f"--{name.replace('_', '-')}={value}"] if value is not None else []
    words += [f"--scope={one}" for one in scope or _SCOPES[:-1]]
    return _become(*words, "--", application)


@token_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def list_command(as_json: bool) -> int:
    """List the tokens: whose they are, what they may do, and whether they still hold."""
    return _become("token", "list", *(("--json",) if as_json else ()))


@token_group.command("revoke")
@click.argument("token_id")
def revoke_command(token_id: str) -> int:
    """End a token at once, on every worker."""
    return _become("token", "revoke", "--", token_id)


def _become(*words: str) -> int:
    for module in ("fastapi", "uvicorn", "sqlalchemy", "alembic", "prometheus_client"):
        if importlib.util.find_spec(module) is None:
            raise ConfigurationError(f"`mousegate api` needs {module}: install mousegate[web].")
    os.execv(sys.executable, [sys.executable, "-P", "-m", "mousegate.web.api", *words])
