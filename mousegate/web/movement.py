"""What a browser tells of its pointer, read strictly, as the project's own events.

A row is `[time_ms, x, y, buttons]` as the Pointer Events specification has them: the event's time stamp
(milliseconds, a fraction is welcome), its place on the screen in CSS px, and which buttons are down as bits
(1 left, 2 right, 4 middle). A press or release is a change of the bits, so that none is missed where the
browser tells of a second button within a move. From here on there is no difference to what an X server
records: core.windows takes clock, screen and gain out of both.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import EVENT_DTYPE, Events, Kind, empty_events
from mousegate.core.windows import PARAMETERS
from mousegate.errors import BadInput

_COLUMNS: Final = 4
_BUTTONS: Final = ((1, 1), (4, 2), (2, 3))
"""Bit in a browser's `buttons` to X button number, in the order in which X numbers them."""


class MovementError(BadInput):
    """What was sent is no movement of a pointer; the message names the first row that is wrong, and why."""


@dataclass(frozen=True, slots=True)
class StreamLimits:
    """What a stream may hold.

    rows: in one message (some seconds of a mouse that reports 1000 times a second); longest_ms: the largest
    time stamp, counted from when the page was opened; coordinate: |x| and |y| stay below it; buttons: all
    bits that Pointer Events define; rows_in_all: ten hours of a mouse that reports 125 times a second.
    """

    rows: int = 4096
    longest_ms: float = 30 * 24 * 3_600_000.0
    coordinate: int = PARAMETERS.coordinate_limit
    buttons: int = 63
    rows_in_all: int = 4_500_000


LIMITS: Final = StreamLimits()


class PointerStream:
    """Reads one pointer's rows, message by message; each goes on where the one before ended."""

    def __init__(self, limits: StreamLimits = LIMITS) -> None:
        self._limits = limits
        self._last_ms = 0.0
        self._buttons = 0
        self._rows = 0

    def read(self, untrusted_rows: object) -> Events:
        """Return the events of one message, times never decreasing. Raises MovementError, and then takes
        none of the message.
        """
        table = self._table(untrusted_rows)
        if not len(table):
            return empty_events()
        self._check(table)
        events = _events(table, self._buttons)
        self._last_ms, self._buttons = float(table[-1, 0]), int(table[-1, 3])
        self._rows += len(table)
        return events

    def _table(self, untrusted_rows: object) -> NDArray[np.float64]:
        limits = self._limits
        if not isinstance(untrusted_rows, list):
            raise MovementError("Movement is a list of rows [time_ms, x, y, buttons].")
        if len(untrusted_rows) > limits.rows or self._rows + len(untrusted_rows) > limits.rows_in_all:
            raise MovementError(f"More than {limits.rows} rows in a message, or {limits.rows_in_all} in all.")
        for index, row in enumerate(untrusted_rows):
            if not _is_row(row):
                raise MovementError(f"Row {index} is not [time_ms, x, y, buttons], four numbers.")
        try:
            return np.array(untrusted_rows, np.float64).reshape(-1, _COLUMNS)
        except OverflowError as cause:
            raise MovementError("A number is too large.") from cause

    def _check(self, table: NDArray[np.float64]) -> None:
        limits = self._limits
        _refuse("has a number that is not finite", np.any(~np.isfinite(table), axis=1))
        time_ms, x, y, buttons = table.T
        before_ms = np.concatenate([[self._last_ms], time_ms[:-1]])
        problems = {
            "has a time that is negative or too large": (time_ms < 0) | (time_ms > limits.longest_ms),
            "is earlier than the one before it": time_ms < before_ms,
            "lies beyond every screen": (np.abs(x) >= limits.coordinate) | (np.abs(y) >= limits.coordinate),
            "has impossible buttons": (buttons < 0) | (buttons > limits.buttons) | (buttons % 1 != 0),
        }
        for problem, found in problems.items():
            _refuse(problem, found)


def _refuse(problem: str, rows: NDArray[np.bool_]) -> None:
    if rows.any():
        raise MovementError(f"Row {int(np.argmax(rows))} {problem}.")


def _is_row(untrusted_row: object) -> bool:
    return (
        isinstance(untrusted_row, list)
        and len(untrusted_row) == _COLUMNS
        and all(type(number) in (int, float) for number in untrusted_row)
    )


def _events(table: NDArray[np.float64], buttons_before: int) -> Events:
    """Return a move for each row, followed by a press or release for each button that changed with it."""
    time_ms, x, y = (np.rint(column).astype(np.int64) for column in table.T[:3])
    buttons = table[:, 3].astype(np.int64)
    changed = buttons ^ np.concatenate([[buttons_before], buttons[:-1]])
    parts = [np.zeros(len(table), EVENT_DTYPE)]
    order = [np.arange(len(table))]
    for bit, button in _BUTTONS:
        rows = np.flatnonzero(changed & bit)
        part = np.zeros(len(rows), EVENT_DTYPE)
        part["kind"] = np.where(buttons[rows] & bit, Kind.PRESS, Kind.RELEASE)
        part["button"] = button
        parts.append(part)
        order.append(rows)
    row = np.concatenate(order)
    events = np.concatenate(parts)
    events["time_ms"], events["x"], events["y"] = time_ms[row], x[row], y[row]
    return np.asarray(events[np.argsort(row, kind="stable")])
