"""Defects that real recordings have, and what is done about each. What is beyond these is refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.capture.textrows import refuse
from mousegate.core.events import EVENT_DTYPE, Events, Kind


@dataclass(frozen=True, slots=True)
class ClockTolerance:
    """How far the times of a recording from elsewhere may run backwards.

    step_back_ms: SapiMouse has a few small steps back (its events are stamped by several browser threads);
        they are clamped to the time before. More than `clamped_share` of the rows is no jitter but disorder.
    reset_from_ms, reset_below_ms: a clock that had run for at least a minute and starts again near zero was
        reset (Balabit user15, session_8666287398: 4292978.345 s, then 0.0 s). One is bridged by
        `reset_gap_ms`, long enough that no movement spans it.
    """

    step_back_ms: int = 1000
    clamped_share: float = 0.05
    clamped_least: int = 3
    resets: int = 1
    reset_from_ms: int = 60_000
    reset_below_ms: int = 10_000
    reset_gap_ms: int = 2_000


TOLERANCE: Final = ClockTolerance()


@dataclass(frozen=True, slots=True)
class Defects:
    """What was mended, by name: rows or events, each counted."""

    duplicate_times: int = 0
    clamped_steps: int = 0
    clock_resets: int = 0
    impossible_coordinates: int = 0
    unmatched_buttons: int = 0


def mend_clock(
    time_ms: NDArray[np.int64],
    lines: NDArray[np.int64],
    path: Path,
    tolerance: ClockTolerance = TOLERANCE,
) -> tuple[NDArray[np.int64], int, int]:
    """Return (times that never decrease, steps clamped, resets bridged).

    lines: the line of each time, for the message. Raises BadInput, naming the line, when the times run
    backwards by more than `tolerance` allows.
    """
    steps = np.diff(time_ms)
    back = np.flatnonzero(steps < -tolerance.step_back_ms)
    reset = (time_ms[back] >= tolerance.reset_from_ms) & (time_ms[back + 1] <= tolerance.reset_below_ms)
    if (~reset).any() or len(back) > tolerance.resets:
        index = int(back[np.argmax(~reset)] if (~reset).any() else back[tolerance.resets])
        refuse(path, int(lines[index + 1]), f"the time runs backwards by {-steps[index]} ms")
    mended = time_ms.copy()
    for last in back:
        mended[last + 1 :] += mended[last] + tolerance.reset_gap_ms - mended[last + 1]
    clamped = np.flatnonzero(np.diff(mended) < 0)
    if len(clamped) > max(tolerance.clamped_least, tolerance.clamped_share * len(time_ms)):
        refuse(path, int(lines[clamped[0] + 1]), f"the times are in disorder ({len(clamped)} steps back)")
    return np.maximum.accumulate(mended), len(clamped), len(back)


def place(events: Events, unplaced: NDArray[np.bool_]) -> None:
    """Give events without a position that of the event before (at the start, of the first that has one)."""
    known = np.flatnonzero(~unplaced)
    if not len(known):
        events["x"], events["y"] = 0, 0
        return
    before = np.maximum(np.searchsorted(known, np.arange(len(events)), side="right") - 1, 0)
    for axis in ("x", "y"):
        events[axis] = events[axis][known[before]]


def unmatched_buttons(events: Events) -> int:
    """Return how many presses have no release, or releases no press; they are kept as they are."""
    clicks = events[events["kind"] != Kind.MOVE]
    count = 0
    for button in np.unique(clicks["button"]):
        pressed = clicks["kind"][clicks["button"] == button] == Kind.PRESS
        pairs = int(np.count_nonzero(pressed[:-1] & ~pressed[1:]))
        count += len(pressed) - 2 * pairs
    return count


def wheel_clicks(events: Events, wheel: NDArray[np.bool_]) -> tuple[Events, NDArray[np.int64]]:
    """Double each event where `wheel` is true into a press and a release, as X reports a wheel step.

    Returns the events and, for each, the index of the row that it came from.
    """
    source = np.repeat(np.arange(len(events)), 1 + wheel)
    doubled = np.empty(len(source), EVENT_DTYPE)
    doubled[:] = events[source]
    second = np.concatenate(([False], source[1:] == source[:-1]))
    doubled["kind"][second] = Kind.RELEASE
    return doubled, source
