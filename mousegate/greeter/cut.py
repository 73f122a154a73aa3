"""Which recorded events make a probe, and what their clicks hit. Pure."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mousegate.core.clicks import pair
from mousegate.core.events import Events
from mousegate.core.probe import Click, Rhythm, Target
from mousegate.greeter.layout import Layout, Rect, compute


@dataclass(frozen=True, slots=True)
class Release:
    """A button release that the window was sent: X button and X time (CARD32 ms)."""

    button: int
    time_ms: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Which recorded events make the probe. Times are X times (CARD32 ms); None is no bound.

    motion_since_ms, rhythm_since_ms: only later events count for movement, for clicks.
    until_ms: time of the input event that submitted. release: the last release before it, to wait for.
    more: movement after it counts as well, because it was asked for.
    monitor: what the greeter covered, in root coordinates.
    """

    monitor: Rect
    motion_since_ms: int | None
    rhythm_since_ms: int | None
    until_ms: int | None
    release: Release | None
    more: bool = False


def elapsed_ms(time_ms: NDArray[Any], mark_ms: int) -> NDArray[np.int32]:
    """Return time since `mark_ms`, negative before it, whether or not either has wrapped at 2^32."""
    return (time_ms - mark_ms).astype(np.uint32).astype(np.int32)


def cut_events(events: Events, since_ms: int | None, until_ms: int | None, pause_ms: int) -> Events:
    """Return the events after `since_ms`, up to `until_ms`, and after the last pause of `pause_ms`."""
    if until_ms is not None:
        events = events[elapsed_ms(events["time_ms"], until_ms) <= 0]
    if since_ms is not None:
        events = events[elapsed_ms(events["time_ms"], since_ms) > 0]
    pauses = np.flatnonzero(np.diff(events["time_ms"]) > pause_ms)
    return events[pauses[-1] + 1 :] if len(pauses) else events


def target_at(layout: Layout, x: int, y: int) -> Target:
    """Return what the pixel (x, y) of the greeter's monitor belongs to."""
    if layout.face.contains(x, y):
        return Target.FACE
    if layout.password.contains(x, y):
        return Target.PASSWORD
    return Target.SUBMIT if layout.submit.contains(x, y) else Target.BACKGROUND


def rhythm_of(events: Events, monitor: Rect) -> Rhythm:
    """Return target and hold of each click, in the order of their presses."""
    layout = compute(monitor.width, monitor.height)
    return tuple(
        Click(target_at(layout, press.x - monitor.x, press.y - monitor.y), press.hold_ms)
        for press in pair(events).presses
    )
