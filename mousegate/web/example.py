"""A web application with a login form that asks for password, click-holds and movement: to read and to try.

    mousegate api token add example                    # prints TOKEN
    mousegate api serve &
    MOUSEGATE_TOKEN=TOKEN uvicorn --factory mousegate.web.example:create --port 8000

It shows the whole of what an application does: it checks the password itself, keeps the token to itself,
sends what the form's `mousegate` field carries, lets in on `match` alone, and tells nobody which factor
failed. Its users live in memory.
"""

import html
import json
import os
import string
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, quote

from anyio import to_thread
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

_STATIC: Final = Path(__file__).parent / "static"
_REPETITIONS: Final = 5
_REFUSED: Final = "That was not right. Try again."


@dataclass(slots=True)
class _User:
    """password: its Argon2id hash; recordings: of the repetitions so far."""

    password: str
    recordings: list[Any] = field(default_factory=list)
    enrolled: bool = False


class Application:
    """The application's side of a login with mousegate."""

    def __init__(self, address: str, token: str) -> None:
        """address: of the API, with its version; token: with the scopes enrol and verify."""
        self._address = address
        self._token = token
        self._users: dict[str, _User] = {}
        self._hasher = PasswordHasher()

    def enrol(self, form: dict[str, str]) -> str:
        """Take one repetition, and enrol with the last that is needed. Returns what to tell the person."""
        name, recording = form["user"], json.loads(form["mousegate"])
        user = self._users.setdefault(name, _User(self._hasher.hash(form["password"])))
        if user.enrolled or not self._knows(user, form["password"]):
            return _REFUSED
        user.recordings.append(recording)
        missing = _REPETITIONS - len(user.recordings)
        if missing > 0:
            return f"Do the same again: the same clicks, held as long. {missing} to go."
        latest = user.recordings[-_REPETITIONS:]
        for what, body in (
            ("movement", {"recordings": user.recordings[-30:]}),
            ("rhythm", {"repetitions": latest}),
        ):
            status, answer = self._ask("PUT", f"/users/{quote(name, safe='')}/{what}", body)
            if status != 200:
                return f"Once more, please. {answer['detail']}"
        user.enrolled = True
        user.recordings.clear()
        return "You are enrolled. Sign in."

    def sign_in(self, form: dict[str, str]) -> str:
        """Judge an attempt. Returns what to tell the person."""
        user = self._users.get(form["user"])
        if user is None or not user.enrolled or not self._knows(user, form["password"]):
            return _REFUSED
        body = {"recording": json.loads(form["mousegate"]), "operating_point": "fnmr3"}
        status, answer = self._ask("POST", f"/users/{quote(form['user'], safe='')}/verify", body)
        if status == 200 and answer["decision"] == "match":
            return "Welcome."
        if status == 200 and answer["decision"] == "inconclusive":
            return "Move the mouse a little more, and try again."
        return "Try again later." if status in (429, 503) else _REFUSED

    def _knows(self, user: _User, password: str) -> bool:
        try:
            return self._hasher.verify(user.password, password)
        except Argon2Error:
            return False

    def _ask(self, method: str, path: str, body: object) -> tuple[int, Any]:
        request = urllib.request.Request(
            self._address + path,
            json.dumps(body).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.load(refusal)
        except OSError:
            return 503, {"detail": "The check is not available."}


def create() -> Starlette:
    """Return the example, with $MOUSEGATE_TOKEN and the API at $MOUSEGATE_API."""
    address = os.environ.get("MOUSEGATE_API", "http://127.0.0.1:8738/api/v1")
    return serve(Application(address, os.environ["MOUSEGATE_TOKEN"]))


def serve(application: Application) -> Starlette:
    """Return the pages of an application."""
    page = string.Template((_STATIC / "example.html").read_text("utf-8"))

    async def answer(request: Request) -> Response:
        enrolling = request.url.path == "/enrol"
        note = "Click the picture, the password box and Submit in a rhythm of your own." if enrolling else ""
        user, status = "", 200
        if request.method == "POST":
            try:
                sent = parse_qs((await request.body()).decode(), max_num_fields=8)
                form = {name: sent[name][0] for name in ("user", "password", "mousegate")}
                user = form["user"]
                act = application.enrol if enrolling else application.sign_in
                note = await to_thread.run_sync(act, form)
            except (KeyError, ValueError):
                note, status = _REFUSED, 400
        text = page.substitute(
            title="Enrol" if enrolling else "Sign in",
            action=request.url.path,
            note=html.escape(note),
            user=html.escape(user, quote=True),
        )
        return HTMLResponse(text, status)

    async def recorder(request: Request) -> Response:
        return FileResponse(_STATIC / "mousegate.js", media_type="text/javascript")

    pages = [Route(path, answer, methods=["GET", "POST"]) for path in ("/", "/enrol")]
    return Starlette(routes=[*pages, Route("/mousegate.js", recorder)])
