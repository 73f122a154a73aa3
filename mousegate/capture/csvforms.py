"""The two public CSV forms: Balabit Mouse Dynamics Challenge and SapiMouse.

Sources: https://github.com/balabit/Mouse-Dynamics-Challenge (README) and Antal, Fejér, Buza, "SapiMouse:
Mouse Dynamics-based User Authentication Using Deep Feature Learning", SACI 2021.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.capture.textrows import (
    COORDINATE_RANGE,
    Lines,
    Progress,
    categories,
    integers,
    line_chunks,
    milliseconds,
    split,
)
from mousegate.core.events import EVENT_DTYPE, Events, Kind


@dataclass(frozen=True, slots=True)
class CsvForm:
    """One CSV form.

    header: its first line. time_column, unit_ms: where the pointer's own clock is, and its unit.
    actions: (button, state) as written -> (kind, X button). impossible: a coordinate that stands for none:
    such a move is dropped, such a press or release happened where the pointer was before.
    unplaced_wheel: wheel rows carry no position (all are 0,0).
    """

    header: bytes
    time_column: int
    unit_ms: int
    actions: tuple[tuple[bytes, Kind, int], ...]
    impossible: int | None
    unplaced_wheel: bool


_SHARED: Final = (
    (b"NoButton,Move", Kind.MOVE, 0),
    (b"NoButton,Drag", Kind.MOVE, 0),
    (b"Left,Pressed", Kind.PRESS, 1),
    (b"Left,Released", Kind.RELEASE, 1),
    (b"Right,Pressed", Kind.PRESS, 3),
    (b"Right,Released", Kind.RELEASE, 3),
    (b"Middle,Pressed", Kind.PRESS, 2),
    (b"Middle,Released", Kind.RELEASE, 2),
    (b"Left,Drag", Kind.MOVE, 0),
    (b"Right,Drag", Kind.MOVE, 0),
    (b"Middle,Drag", Kind.MOVE, 0),
    (b"Scroll,Up", Kind.PRESS, 4),
    (b"Scroll,Down", Kind.PRESS, 5),
)

BALABIT: Final = CsvForm(
    header=b"record timestamp,client timestamp,button,state,x,y",
    time_column=1,
    unit_ms=1000,
    actions=(*_SHARED, (b"XButton,Pressed", Kind.PRESS, 8), (b"XButton,Released", Kind.RELEASE, 8)),
    impossible=65535,
    unplaced_wheel=True,
)

SAPIMOUSE: Final = CsvForm(
    header=b"client timestamp,button,state,x,y",
    time_column=0,
    unit_ms=1,
    actions=(
        *_SHARED,
        (b"Other,Pressed", Kind.PRESS, 2),
        (b"Other,Released", Kind.RELEASE, 2),
        (b"Other,Drag", Kind.MOVE, 0),
    ),
    impossible=None,
    unplaced_wheel=False,
)


@dataclass(frozen=True, slots=True)
class RawRows:
    """A chunk of rows, in file order and not yet mended.

    events: the rows; wheel: which are wheel steps (a press still to be doubled); unplaced: which carry no
    position; lines: the file line of each; impossible: moves dropped for an impossible coordinate.
    """

    events: Events
    wheel: NDArray[np.bool_]
    unplaced: NDArray[np.bool_]
    lines: NDArray[np.int64]
    impossible: int = 0


def rows(path: Path, form: CsvForm, progress: Progress | None = None) -> Iterator[RawRows]:
    """Yield the rows of a file of `form`. Raises BadInput naming file, line and reason."""
    first = True
    for lines in line_chunks(path, progress):
        body = lines.select(lines.numbers > 1) if first else lines
        first = False
        if len(body.starts):
            yield _parse(body, form)


def _parse(lines: Lines, form: CsvForm) -> RawRows:
    column = form.time_column
    fields = split(lines, column + 5)
    words = [word for word, _, _ in form.actions]
    code = categories(fields, column + 1, column + 2, words, "button and state")
    kinds = np.array([kind for _, kind, _ in form.actions], np.uint8)
    buttons = np.array([button for _, _, button in form.actions], np.uint8)
    events = np.empty(len(code), EVENT_DTYPE)
    if column:
        milliseconds(fields, 0, "record timestamp", form.unit_ms)
    events["time_ms"] = milliseconds(fields, column, "client timestamp", form.unit_ms)
    events["kind"], events["button"] = kinds[code], buttons[code]
    allowed = (COORDINATE_RANGE[0], max(COORDINATE_RANGE[1], form.impossible or 0))
    events["x"] = integers(fields, column + 3, "x", allowed)
    events["y"] = integers(fields, column + 4, "y", allowed)
    nowhere = (events["x"] == form.impossible) | (events["y"] == form.impossible)
    beyond = np.maximum(events["x"], events["y"]) > COORDINATE_RANGE[1]
    lines.refuse_where(~nowhere & beyond, f"x or y is beyond {COORDINATE_RANGE[1]}")
    wheel = (events["button"] == 4) | (events["button"] == 5)
    unplaced = wheel & form.unplaced_wheel & (events["x"] == 0) & (events["y"] == 0)
    unplaced |= nowhere
    keep = ~(nowhere & (events["kind"] == Kind.MOVE))
    dropped = int(np.count_nonzero(~keep))
    return RawRows(events[keep], wheel[keep], unplaced[keep], lines.numbers[keep], dropped)


def text(events: Events, form: CsvForm) -> Iterator[str]:
    """Yield the lines of `form` for `events`; wheel releases are left out, as the form has none."""
    yield form.header.decode()
    spelled = {(kind, button): word.decode() for word, kind, button in reversed(form.actions)}
    held: set[int] = set()
    start_ms = int(events["time_ms"][0]) if len(events) else 0
    for time_ms, kind, button, x, y in events.tolist():
        if kind == Kind.PRESS and button not in (4, 5):
            held.add(button)
        elif kind == Kind.RELEASE:
            held.discard(button)
        word = spelled.get((kind, button), "")
        if held and kind == Kind.MOVE:
            word = "NoButton,Drag"
        if not word:
            continue
        if form.time_column:
            yield f"{(time_ms - start_ms) / 1000:.3f},{time_ms / 1000:.3f},{word},{x},{y}"
        else:
            yield f"{time_ms},{word},{x},{y}"
