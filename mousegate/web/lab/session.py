"""One page that looks on, and may record: what goes over its WebSocket, as JSON in text frames.

From the page: `{"type": "start", "name": …}` records as that person, with `"target": ident` tries to pass as
somebody instead; `{"type": "move", "rows": […]}` is movement (web.movement); `{"type": "stop"}`.
To the page: `lab` (LabView) whenever something has changed, `live` for the hand that it records, `verdict` of
a try, `stopped`, and `problem` (RFC 9457) for what was refused; movement goes on after one.
"""

import asyncio
import dataclasses
import json
import time
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from mousegate.errors import BadInput, MousegateError
from mousegate.web.lab.hand import EnoughRecordedError, Hand
from mousegate.web.lab.lab import Lab
from mousegate.web.lab.people import Person, check_name
from mousegate.web.lab.view import view
from mousegate.web.model import ModelUnavailableError
from mousegate.web.movement import PointerStream
from mousegate.web.problems import STATUSES

TRY_S: Final = 15.0
"""Seconds of movement that a try lasts."""

_REFRESH_S: Final = 0.3
_SEND_S: Final = 20.0
_UNDER_WAY_S: Final = 2.0
"""Movement that was on its way when a recording ended is nobody's mistake."""
_MOST_REFUSALS: Final = 40
_POLICY_VIOLATION: Final = 1008


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Start(_Message):
    """Record, or try to pass as `target`."""

    type: Literal["start"]
    name: str = Field(max_length=200)
    target: str | None = Field(None, max_length=32)


class Move(_Message):
    """Movement; its rows are read by web.movement."""

    type: Literal["move"]
    rows: Any


class Stop(_Message):
    """Stop recording."""

    type: Literal["stop"]


_MESSAGES: Final[TypeAdapter[Start | Move | Stop]] = TypeAdapter(
    Annotated[Start | Move | Stop, Field(discriminator="type")]
)


@dataclasses.dataclass
class _Run:
    """One recording. person: who is recorded, or None where `name` tries to pass as `target`."""

    hand: Hand
    name: str
    person: Person | None
    target: Person | None
    stream: PointerStream = dataclasses.field(default_factory=PointerStream)
    held: AsyncExitStack = dataclasses.field(default_factory=AsyncExitStack)
    first_ms: int | None = None
    now_ms: int = 0


class Session:
    """One WebSocket."""

    def __init__(self, socket: WebSocket, lab: Lab) -> None:
        self._socket = socket
        self._lab = lab
        self._run: _Run | None = None
        self._sending = asyncio.Lock()
        self._refusals = 0
        self._ended_s = float("-inf")

    async def serve(self) -> None:
        """Talk until the page is gone; what it recorded stays."""
        await self._socket.accept()
        with self._lab.watch() as changed:
            changed.set()
            tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._show(changed))]
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            except (WebSocketDisconnect, TimeoutError):
                pass  # the page is gone, or reads nothing
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await self._leave()

    async def _show(self, changed: asyncio.Event) -> None:
        """Send what there is to see, not more often than anybody can look."""
        while True:
            await changed.wait()
            changed.clear()
            await self._send("lab", dataclasses.asdict(view(self._lab)))
            await asyncio.sleep(_REFRESH_S)

    async def _listen(self) -> None:
        while self._refusals < _MOST_REFUSALS:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                await self._do(_parse(message.get("text")))
            except MousegateError as error:
                self._refusals += not isinstance(error, ModelUnavailableError)
                await self._tell(error)
        await self._socket.close(_POLICY_VIOLATION, "Too much of this could not be used.")

    async def _do(self, message: Start | Move | Stop) -> None:
        match message:
            case Start():
                await self._stop()
                self._begin(message)
            case Move():
                await self._move(message.rows)
            case Stop():
                await self._stop()

    def _begin(self, wish: Start) -> None:
        if wish.target is not None:
            target = self._lab.get(wish.target)
            self._run = _Run(Hand(), check_name(wish.name), None, target)
            return
        person = self._lab.named(wish.name)
        run = _Run(person.hand, person.name, person, None)
        run.held.enter_context(self._lab.recorded(person))
        run.hand.begin()
        self._run = run
        self._lab.changed()

    async def _move(self, untrusted_rows: object) -> None:
        run = self._run
        if run is None:
            if time.monotonic() - self._ended_s <= _UNDER_WAY_S:
                return
            raise BadInput("Nothing is being recorded: send a start first.")
        events = run.stream.read(untrusted_rows)
        if not len(events):
            return
        if run.person is not None and run.person.ident not in self._lab.people:
            await self._end("removed")
            return
        run.first_ms = int(events["time_ms"][0]) if run.first_ms is None else run.first_ms
        run.now_ms = int(events["time_ms"][-1])
        try:
            run.hand.add(events)
        except EnoughRecordedError:
            await self._stop()
            raise
        if await run.hand.embed(self._lab.model):
            await self._look(run)

    async def _look(self, run: _Run) -> None:
        """Compare anew, since there are new windows."""
        lab = self._lab
        if run.person is not None and run.person.outgrown():
            await run.person.learn(lab.model, finished=False)
        lab.changed()
        live = {
            "time_s": round((run.now_ms - (run.first_ms or 0)) / 1000.0, 2),
            "active_s": round(run.hand.active_s, 1),
            "windows": run.hand.windows,
            "scores": lab.live(run.hand),
            "wanted_s": TRY_S if run.target else lab.manifest.head.least_active_s,
        }
        await self._send("live", live)
        if run.target is not None and run.hand.active_s >= TRY_S:
            self._run, self._ended_s = None, time.monotonic()
            attempt = lab.judge(run.name, run.target, run.hand.takes)
            await self._send("verdict", dataclasses.asdict(attempt))
            await self._send("stopped", {"reason": "done"})

    async def _stop(self) -> None:
        """End the recording, if there is one, and learn from it."""
        run = self._run
        if run is None:
            return
        await self._end("asked")
        if run.person is not None and run.person.ident in self._lab.people:
            try:
                await self._lab.settle(run.person)
            except ModelUnavailableError as error:
                await self._tell(error)
                await self._lab.settle(run.person)  # by another worker

    async def _end(self, reason: str) -> None:
        await self._leave()
        await self._send("stopped", {"reason": reason})

    async def _leave(self) -> None:
        run, self._run = self._run, None
        self._ended_s = time.monotonic()
        if run is not None:
            await run.held.aclose()
            self._lab.changed()

    async def _tell(self, error: MousegateError) -> None:
        kinds = [kind for kind in type(error).__mro__ if kind in STATUSES]
        status = STATUSES[kinds[0]] if kinds else HTTPStatus.CONFLICT
        body = {"title": status.phrase, "status": status.value, "detail": str(error)}
        await self._send("problem", body)

    async def _send(self, kind: str, body: dict[str, Any]) -> None:
        """Send a message. Raises TimeoutError where the page does not read."""
        text = json.dumps({"type": kind, **body}, separators=(",", ":"), allow_nan=False)
        async with self._sending:
            await asyncio.wait_for(self._socket.send_text(text), _SEND_S)


def _parse(untrusted: str | None) -> Start | Move | Stop:
    if untrusted is None:
        raise BadInput("Messages are JSON in text frames.")
    try:
        return _MESSAGES.validate_json(untrusted)
    except ValidationError as cause:
        raise BadInput("The message is no start, move or stop as described.") from cause
