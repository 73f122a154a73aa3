"""PointerEvent and columns of them: the one currency between capture and everything else."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray


class Kind(IntEnum):
    """What a pointer event is. Keys do not exist here."""

    MOVE = 0
    PRESS = 1
    RELEASE = 2


EVENT_DTYPE = np.dtype([("time_ms", "<i8"), ("kind", "u1"), ("button", "u1"), ("x", "<i4"), ("y", "<i4")])
"""One row per event: X server time in ms (made monotonic, never wrapped), Kind, X button number
(1 left, 2 middle, 3 right, 4-7 wheel, 0 for MOVE), root coordinates in px."""

Events: TypeAlias = NDArray[Any]
"""A one-dimensional array of EVENT_DTYPE, in order of arrival, times never decreasing."""


class PointerDevice(IntEnum):
    """Device class told by XInput2; one reference is kept per class."""

    UNKNOWN = 0
    MOUSE = 1
    TOUCHPAD = 2
    TRACKPOINT = 3
    XTEST = 4


@dataclass(frozen=True, slots=True)
class PointerEvent:
    """One X pointer event, where a single one is handled rather than a column."""

    time_ms: int
    kind: Kind
    button: int
    x: int
    y: int


def empty_events() -> Events:
    """Return zero events."""
    return np.empty(0, EVENT_DTYPE)


def from_columns(
    time_ms: NDArray[Any], kind: NDArray[Any], button: NDArray[Any], x: NDArray[Any], y: NDArray[Any]
) -> Events:
    """Build Events from equally long columns."""
    events = np.empty(len(time_ms), EVENT_DTYPE)
    for name, column in zip(EVENT_DTYPE.names or (), (time_ms, kind, button, x, y), strict=True):
        events[name] = column
    return events
