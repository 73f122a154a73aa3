"""`python -m mousegate.web.api`: what `mousegate api` becomes. Exit statuses as the contracts have them."""

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from datetime import datetime
from typing import NoReturn

from mousegate.errors import MousegateError, UsageError
from mousegate.web.api.database import Database
from mousegate.web.api.settings import load
from mousegate.web.api.tokens import Rate, TokenFacts, Tokens, Wanted, scopes_of

_DAY_S = 86_400.0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See mousegate api --help.")


def main() -> None:
    """Run; errors are one line."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        run(_parse(sys.argv[1:]))
    except MousegateError as error:
        sys.stderr.write(f"mousegate: {error}\n")
        sys.exit(error.exit_status)


def run(options: argparse.Namespace) -> None:
    """Do one command."""
    if options.command == "serve":
        _serve(options)
        return
    database = Database(load().database)
    try:
        database.migrate()
        _manage(Tokens(database), options)
    finally:
        database.close()


def _manage(tokens: Tokens, options: argparse.Namespace) -> None:
    now_s = time.time()
    if options.verb == "add":
        expires_s = now_s + options.days * _DAY_S if options.days else None
        rate = Rate(options.per_minute, options.burst)
        wanted = Wanted(options.application, options.label, scopes_of(options.scope), rate, expires_s)
        sys.stdout.write(tokens.add(wanted, now_s) + "\n")
    elif options.verb == "revoke":
        tokens.revoke(options.token_id, now_s)
    elif options.json:
        sys.stdout.write(json.dumps([_facts(one, now_s) for one in tokens.all()], ensure_ascii=False) + "\n")
    else:
        for one in tokens.all():
            sys.stdout.write(_line(one, now_s) + "\n")


def _serve(options: argparse.Namespace) -> None:
    """Serve until SIGTERM or Ctrl-C; the workers of this machine share their metrics."""
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    from mousegate.web.api.server import listening

    load()  # what is wrong with the environment is said here, once, and not by each worker
    try:
        listener = listening(options.host, options.port)
    except OSError as cause:
        raise UsageError(f"{options.host} port {options.port} cannot be used: {cause.strerror}.") from cause
    host, port = listener.getsockname()[:2]
    with tempfile.TemporaryDirectory(prefix="mousegate-metrics-") as folder:
        if options.workers > 1:
            os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", folder)
        config = uvicorn.Config(
            "mousegate.web.api.server:create",
            factory=True,
            workers=options.workers,
            log_level="warning",
            access_log=False,
            server_header=False,
        )
        sys.stderr.write(f"Serving http://{host}:{port}/api/v1 until Ctrl-C.\n")
        server = uvicorn.Server(config)
        if options.workers > 1:
            Multiprocess(config, sockets=[listener]).run()
        else:
            server.run(sockets=[listener])


def _facts(one: TokenFacts, now_s: float) -> dict[str, object]:
    return {
        "id": one.token_id,
        "application": one.application,
        "label": one.label,
        "state": one.state(now_s),
        "scopes": list(one.scopes),
        "per_minute": one.rate.per_minute,
        "burst": one.rate.burst,
        "created_s": one.created_s,
        "expires_s": one.expires_s,
    }


def _line(one: TokenFacts, now_s: float) -> str:
    until = "" if one.expires_s is None else f", until {datetime.fromtimestamp(one.expires_s):%Y-%m-%d}"
    state = one.state(now_s)
    return f"{one.token_id}  {one.application} / {one.label}: {state}{until}; {', '.join(one.scopes)}"


def _parse(words: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="mousegate api")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8738)
    serve.add_argument("--workers", type=int, default=1)
    verbs = commands.add_parser("token").add_subparsers(dest="verb", required=True)
    add = verbs.add_parser("add")
    add.add_argument("application")
    add.add_argument("--label", default="token")
    add.add_argument("--scope", action="append", default=[])
    add.add_argument("--days", type=int)
    add.add_argument("--per-minute", type=int, default=Rate().per_minute)
    add.add_argument("--burst", type=int, default=Rate().burst)
    verbs.add_parser("list").add_argument("--json", action="store_true")
    verbs.add_parser("revoke").add_argument("token_id")
    return parser.parse_args(words)


if __name__ == "__main__":
    main()
