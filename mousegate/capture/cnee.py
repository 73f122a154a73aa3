"""The text that cnee writes (GNU Xnee 3.19, Debian 12; and the older form that the 2008 article saw).

A movement is `0,6,x,y,0,0,0,time`, or with XInput `7,6,x,y,0,0,0,time,device,'name'`; a button is
`T,4,0,0,button,0,0,time…` (press) or `T,5,…` (release) without a position. With XInput every button comes
twice, from the device (7) and from the master pointer (6): the master's copies are left out. Settings
stand before the first row; comments start with `#`. Keys, requests, replies and all else are passed over:
mousegate never reads keys.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.capture.csvforms import RawRows
from mousegate.capture.textrows import Lines, Progress, integers, line_chunks, milliseconds, split
from mousegate.core.events import EVENT_DTYPE, Events, Kind

_PRESS, _RELEASE, _MOTION = 4, 5, 6
_FIELDS: Final = 8
_MASTER, _DEVICE = 6, 7
_XTEST_ID, _XTEST_NAME = 4, "Virtual core XTEST pointer"
_HEADER: Final = """\
# Written by mousegate in the form of cnee (GNU Xnee 3.19); X server time in ms.
# type,event,x,y,button,keycode,screen,time,device,device name
"""


def rows(path: Path, progress: Progress | None = None) -> Iterator[RawRows]:
    """Yield the pointer rows of a cnee file. Raises BadInput naming file, line and reason."""
    seen_rows = False
    wraps = _Wraps()
    for lines in line_chunks(path, progress):
        first = lines.first_byte()
        numeric = (first >= ord("0")) & (first <= ord("9"))
        comment = (first == ord("#")) | (first == ord("\n")) | (first == ord(" "))
        begun = np.maximum.accumulate(numeric) | seen_rows
        lines.refuse_where(begun & ~numeric & ~comment, "this is not a row that cnee writes")
        seen_rows = bool(begun[-1])
        pointer = _pointer_lines(lines, numeric)
        if len(pointer.starts):
            yield _parse(pointer, wraps)


def _pointer_lines(lines: Lines, numeric: NDArray[np.bool_]) -> Lines:
    body = lines.select(numeric)
    if not len(body.starts):
        return body
    text, at = body.text, body.starts
    pair = (text[at + 1] == ord(",")) & (text[at + 3] == ord(","))
    kind = np.isin(text[at], [ord("0"), ord("6"), ord("7")])
    detail = np.isin(text[at + 2], [ord("4"), ord("5"), ord("6")])
    split(body, 2, exact=False)
    return body.select(pair & kind & detail)


class _Wraps:
    """X server time is a CARD32 of ms and wraps after 49.7 days; this carries the wraps across chunks."""

    def __init__(self) -> None:
        self._last = 0
        self._offset = 0

    def unwrap(self, time_ms: NDArray[np.int64]) -> NDArray[np.int64]:
        steps = np.diff(np.concatenate(([self._last], time_ms)))
        wrapped: NDArray[np.int64] = self._offset + (np.cumsum(steps < -(1 << 31)) << 32)
        self._last, self._offset = int(time_ms[-1]), int(wrapped[-1])
        return time_ms + wrapped


def _parse(lines: Lines, wraps: _Wraps) -> RawRows:
    fields = split(lines, _FIELDS, exact=False)
    source = integers(fields, 0, "type")
    detail = integers(fields, 1, "event")
    events = np.empty(len(source), EVENT_DTYPE)
    events["kind"] = np.choose(detail - _PRESS, [Kind.PRESS, Kind.RELEASE, Kind.MOVE])
    events["x"], events["y"] = integers(fields, 2, "x"), integers(fields, 3, "y")
    button = integers(fields, 4, "button", (0, 255))
    lines.refuse_where((button == 0) & (detail != _MOTION), "a button event names no button")
    events["button"] = np.where(detail == _MOTION, 0, button)
    events["time_ms"] = wraps.unwrap(milliseconds(fields, 7, "time", 1))
    copy = (source == _MASTER) & (detail != _MOTION)
    if not (source == _DEVICE).any():
        copy[:] = False
    unplaced = (detail != _MOTION) & (events["x"] == 0) & (events["y"] == 0)
    keep = ~copy
    return RawRows(
        events[keep], np.zeros(np.count_nonzero(keep), np.bool_), unplaced[keep], lines.numbers[keep]
    )


def text(events: Events) -> Iterator[str]:
    """Yield the lines of the newer form, the only one that cnee 3.19 itself replays.

    The position stands in button rows as well; the device is the one that every X server has.
    """
    yield from _HEADER.splitlines()
    details = {Kind.PRESS: _PRESS, Kind.RELEASE: _RELEASE, Kind.MOVE: _MOTION}
    for time_ms, kind, button, x, y in events.tolist():
        name = f"'{_XTEST_NAME}'" if kind == Kind.MOVE else _XTEST_NAME
        row = f"{_DEVICE},{details[kind]},{x},{y},{button},0,0,{time_ms & 0xFFFFFFFF}"
        yield f"{row},{_XTEST_ID},{name}"
