"""Attempts at the lock screen, put together from recordings: what `make demo RECORDINGS=` plays, without X.

Nobody has recorded people at a lock screen. So each attempt is a stretch of recorded movement without its
clicks, as one moves before one begins, then recorded reaches turned to the screen's targets, where the
buttons are held as the rhythm says. A rehearsal is the same without the movement before. The callers take the
rehearsals' reaches from recordings that enrol and the attempts' from those that are probed, so that no stroke
is on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mousegate.capture import strokes
from mousegate.core.events import EVENT_DTYPE, Events, Kind
from mousegate.core.windows import movement_alone
from mousegate.training.protocol import stretch, stretch_s

Point = tuple[int, int]
BEATS: Final[tuple[tuple[Point, int], ...]] = (
    ((641, 348), 140), ((641, 348), 140), ((608, 516), 620), ((812, 516), 330),
)  # fmt: skip
"""Where the lock screen's picture, password box and Submit are on 1280x800, in px, and the rhythm's holds."""
WANDERS_S: Final = (0.0, 2.0, 4.0, 8.0, 16.0)
"""How long people move before they begin."""
LEAST_STROKES: Final = 5
_AFTER_CLICK_MS: Final = 90
_TYPING_MS: Final = 1500


@dataclass(frozen=True, slots=True)
class Mover:
    """Whoever makes attempts: recorded reaches, and recordings to move by before them."""

    reaches: tuple[Events, ...]
    recordings: tuple[Events, ...]


def mover(recordings: Sequence[Events]) -> Mover | None:
    """Return who moved in `recordings`; None when there are fewer than LEAST_STROKES reaches for a click."""
    found = [_until_press(stroke) for events in recordings for stroke in strokes.strokes(events)]
    return Mover(tuple(found), tuple(recordings)) if len(found) >= LEAST_STROKES else None


def attempt(hand: Mover, wander_s: float, rng: np.random.Generator) -> Events:
    """Return one attempt after `wander_s` seconds of other movement; `rng` chooses the movement."""
    pieces = [_wander(hand, wander_s, rng)] if wander_s else []
    last = pieces[-1][-1:] if pieces and len(pieces[-1]) else np.zeros(0, EVENT_DTYPE)
    at = (int(last["x"][0]), int(last["y"][0])) if len(last) else (640, 60)
    now_ms = int(last["time_ms"][0]) if len(last) else 0
    before: Point | None = None
    for target, hold_ms in BEATS:
        if target != before:
            reach = strokes.closest(list(hand.reaches), at, target, rng)
            pieces.append(strokes.retarget(reach, at, target, now_ms))
            now_ms = int(pieces[-1]["time_ms"][-1])
        pieces.append(_click(target, now_ms, hold_ms))
        now_ms += hold_ms + _AFTER_CLICK_MS + (_TYPING_MS if target == BEATS[2][0] else 0)
        at = before = target
    return movement_alone(np.concatenate(pieces))


def _wander(hand: Mover, wander_s: float, rng: np.random.Generator) -> Events:
    """Return a stretch of a recording without its clicks, that begins at 0."""
    lengths = np.array([max(stretch_s(events) - wander_s, 0.0) + 1e-3 for events in hand.recordings])
    events = hand.recordings[int(rng.choice(len(lengths), p=lengths / lengths.sum()))]
    begin_s = float(rng.uniform(0.0, max(stretch_s(events) - wander_s, 1e-3)))
    part = movement_alone(stretch(events, begin_s, wander_s)).copy()
    part["time_ms"] -= part["time_ms"][0] if len(part) else 0
    return part


def _click(at: Point, time_ms: int, hold_ms: int) -> Events:
    rows = [(time_ms, Kind.PRESS, 1, *at), (time_ms + hold_ms, Kind.RELEASE, 1, *at)]
    return np.array([*rows, (time_ms + hold_ms + _AFTER_CLICK_MS, Kind.MOVE, 0, *at)], EVENT_DTYPE)


def _until_press(stroke: Events) -> Events:
    pressed = np.flatnonzero(stroke["kind"] == Kind.PRESS)
    return stroke[: pressed[0] + 1] if len(pressed) else stroke
