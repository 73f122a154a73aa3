"""The recording that mousegate.js makes, read strictly: what it would not have written is refused."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from mousegate.core.clicks import pair
from mousegate.core.events import Events, Kind
from mousegate.core.probe import Click, Rhythm, Target
from mousegate.core.replays import PARAMETERS, fingerprints
from mousegate.errors import BadInput
from mousegate.web.movement import PointerStream, StreamLimits

MOST_ROWS: Final = 60_000
"""Eight minutes of a mouse that reports 125 times a second."""

_STREAM: Final = StreamLimits(rows=MOST_ROWS, longest_ms=3_600_000.0)
_FARTHEST: Final = 1e7
_COLUMNS: Final = 4
_MOST_MARKS: Final = 2048
_BUTTON_BITS: Final = 7
_EXAMPLE: Final = [[0.0, 410, 300, 0], [16.7, 418, 305, 0], [30.1, 420, 306, 1, 3], [128.4, 420, 306, 0]]

Row = Annotated[
    list[Annotated[float, Field(strict=True, allow_inf_nan=False, ge=-_FARTHEST, le=_FARTHEST)]],
    Field(min_length=_COLUMNS, max_length=_COLUMNS + 1),
]


class RecordingForm(BaseModel):
    """What mousegate.js recorded while a form was filled in."""

    model_config = ConfigDict(extra="forbid", title="Recording")

    version: Literal[1] = Field(description="Of this form of recording.")
    pointer: Literal["mouse", "pen", "touch"] = Field(
        "mouse", description="As the browser calls the device. Movement is compared for a mouse or pen only."
    )
    events: list[Row] = Field(
        max_length=MOST_ROWS,
        description=(
            "Each [time in ms since the first, x, y, buttons] of one pointer event: its place on the screen "
            "in CSS px, and the buttons that are down as Pointer Events have them (1 left, 2 right, 4 "
            "middle). Times never decrease. Where a button went down there is a fifth number, what was hit: "
            "0 background, 1 picture, 2 password field, 3 Submit."
        ),
        examples=[_EXAMPLE],
    )


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as everything else has it. moves: whether its device makes movement that is compared."""

    events: Events = field(repr=False)
    rhythm: Rhythm
    moves: bool


def read(untrusted_form: RecordingForm) -> Recording:
    """Return a recording. Raises BadInput naming the first row that is wrong and why."""
    rows = untrusted_form.events
    events = PointerStream(_STREAM).read([row[:_COLUMNS] for row in rows])
    return Recording(events, _rhythm(events, _targets(rows)), untrusted_form.pointer != "touch")


def marks(events: Events) -> tuple[int, ...]:
    """Return what a replay of this movement is known by; nothing where too little moved to tell."""
    found = fingerprints(events)[:_MOST_MARKS]
    return tuple(found.view(np.int64).tolist()) if len(found) >= PARAMETERS.least else ()


def _targets(rows: Sequence[Sequence[float]]) -> list[Target]:
    """Return what each press hit, in order. Raises BadInput."""
    found, before = [], 0
    for index, row in enumerate(rows):
        buttons = int(row[3]) & _BUTTON_BITS
        pressed = (buttons & ~before).bit_count()
        before = buttons
        if bool(pressed) != (len(row) > _COLUMNS):
            raise BadInput(f"Row {index} must tell what was hit where a button went down, and only there.")
        if pressed and row[-1] not in list(Target):
            raise BadInput(f"Row {index} has hit something that is none of 0 to {max(Target)}.")
        found += [Target(int(row[-1]))] * pressed
    return found


def _rhythm(events: Events, targets: Sequence[Target]) -> Rhythm:
    """Return the clicks in the order in which they began, with what each hit."""
    presses = events[events["kind"] == Kind.PRESS]
    starts = zip(presses["time_ms"].tolist(), presses["button"].tolist(), strict=True)
    hit = dict(zip(starts, targets, strict=True))
    return tuple(Click(hit[press.press_ms, press.button], press.hold_ms) for press in pair(events).presses)
