"""The lab's addresses: its page, recordings in and out, and the WebSocket."""

import asyncio
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response, WebSocket
from fastapi.responses import FileResponse

from mousegate.capture import formats
from mousegate.capture.formats import Format
from mousegate.core.events import Events
from mousegate.errors import BadInput
from mousegate.web.lab.lab import Lab
from mousegate.web.lab.session import Session
from mousegate.web.lab.view import LabView, view
from mousegate.web.problems import problem

STATIC: Final = Path(__file__).resolve().parent.parent / "static"
MOST_BYTES: Final = 32 << 20
MOST_SOCKETS: Final = 32
_SUFFIX: Final = {Format.NATIVE: "mouse", Format.CNEE: "txt"}


def create_router(lab: Lab) -> APIRouter:
    """Return the addresses of a lab."""
    routes = APIRouter(include_in_schema=False)
    _add_page(routes)
    _add_people(routes, lab)
    _add_recordings(routes, lab)
    _add_socket(routes, lab)
    return routes


def _add_page(routes: APIRouter) -> None:
    @routes.get("/")
    async def page() -> FileResponse:
        return FileResponse(STATIC / "lab" / "index.html")


def _add_people(routes: APIRouter, lab: Lab) -> None:
    @routes.get("/lab")
    async def show() -> LabView:
        return view(lab)

    @routes.delete("/lab/people", status_code=HTTPStatus.NO_CONTENT)
    async def reset() -> None:
        lab.reset()

    @routes.delete("/lab/people/{ident}", status_code=HTTPStatus.NO_CONTENT)
    async def remove(ident: str) -> None:
        lab.remove(ident)


def _add_recordings(routes: APIRouter, lab: Lab) -> None:
    @routes.get("/lab/people/{ident}/recording")
    async def export(ident: str, form: Annotated[Format, Query(alias="format")] = Format.NATIVE) -> Response:
        person = lab.get(ident)
        events = person.hand.events
        if not len(events):
            raise BadInput(f"Nothing is recorded of {person.name} yet.")
        body = await asyncio.to_thread(_written, events, form)
        name = f"{person.name}.{_SUFFIX.get(form, 'csv')}".replace("/", "_")
        disposition = f'attachment; filename="recording.{_SUFFIX.get(form, "csv")}"; '
        disposition += f"filename*=UTF-8''{quote(name, safe='')}"
        return Response(
            body, media_type="application/octet-stream", headers={"Content-Disposition": disposition}
        )

    @routes.post("/lab/recordings", status_code=HTTPStatus.CREATED)
    async def take_in(request: Request, name: Annotated[str, Query(max_length=200)]) -> dict[str, str]:
        events = await asyncio.to_thread(_read, await _body(request))
        person = await lab.take_in(name, events)
        return {"ident": person.ident}


def _add_socket(routes: APIRouter, lab: Lab) -> None:
    sockets: set[WebSocket] = set()

    @routes.websocket("/lab/socket")
    async def talk(socket: WebSocket) -> None:
        if len(sockets) >= MOST_SOCKETS:
            full = problem(
                HTTPStatus.SERVICE_UNAVAILABLE, "Too many pages are open. Close one and try again."
            )
            await socket.send_denial_response(full)
            return
        sockets.add(socket)
        try:
            await Session(socket, lab).serve()
        finally:
            sockets.discard(socket)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise BadInput(f"A recording may have {MOST_BYTES >> 20} MiB.")
    return bytes(body)


def _read(untrusted: bytes) -> Events:
    """Read a recording of any form. Raises BadInput, whose message names the line."""
    with tempfile.TemporaryDirectory(prefix="mousegate-lab-") as folder:
        path = Path(folder) / "recording"
        path.write_bytes(untrusted)
        try:
            return formats.read(path)
        except BadInput as error:
            raise BadInput(str(error).replace(f"{path}", "The recording")) from error


def _written(events: Events, form: Format) -> bytes:
    with tempfile.TemporaryDirectory(prefix="mousegate-lab-") as folder:
        path = Path(folder) / "recording"
        formats.write(path, events, form)
        return path.read_bytes()
