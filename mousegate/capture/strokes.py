"""Cutting recordings into strokes, and giving a recorded stroke other endpoints.

A stroke is one reach of the hand: movement after a pause, up to the release of the click that ends it.
Retargeted strokes let a recorded person's hand drive a screen that the person never saw.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.clicks import WHEEL_BUTTONS
from mousegate.core.events import EVENT_DTYPE, Events, Kind


@dataclass(frozen=True, slots=True)
class StrokeLimits:
    """What counts as a stroke.

    pause_ms: a longer silence between moves begins a new stroke. dwell_ms: the pointer may rest this long on
    its target before the click. least_moves, least_px: shorter is a twitch, and turning it to other
    endpoints would amplify noise. The times are about three times what Fitts' tasks show between the
    submovements of one reach (Meyer et al. 1988).
    """

    pause_ms: int = 300
    dwell_ms: int = 1500
    least_moves: int = 8
    least_px: float = 40.0


LIMITS: Final = StrokeLimits()


def strokes(events: Events, button: int = 1, limits: StrokeLimits = LIMITS) -> list[Events]:
    """Return the point-and-click strokes of a recording: moves, then one press of `button` and its release.

    A stroke holds every move since the last pause or click, and those during the click itself. Wheel steps,
    chords and double clicks' second clicks make no stroke. Each keeps its original times.
    """
    events = events[~np.isin(events["button"], WHEEL_BUTTONS)]
    buttons = np.flatnonzero(events["kind"] != Kind.MOVE)
    press_of = buttons[:-1][_clicked(events, buttons)]
    release_of = dict(zip(buttons[:-1].tolist(), buttons[1:].tolist(), strict=True))
    found, begin = [], 0
    for press in press_of.tolist():
        before = buttons[np.searchsorted(buttons, press) - 1] if press != buttons[0] else -1
        begin = max(begin, int(before) + 1)
        stroke = _reach(events, begin, press, release_of[press], limits)
        if stroke is not None and stroke["button"][-1] == button:
            found.append(stroke)
    return found


def _clicked(events: Events, buttons: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return which of `buttons` (but the last) is a press directly followed by its own release."""
    now, then = events[buttons[:-1]], events[buttons[1:]]
    clicked: NDArray[np.bool_] = (
        (now["kind"] == Kind.PRESS) & (then["kind"] == Kind.RELEASE) & (now["button"] == then["button"])
    )
    return clicked


def _reach(events: Events, begin: int, press: int, release: int, limits: StrokeLimits) -> Events | None:
    times = events["time_ms"]
    gaps = np.flatnonzero(np.diff(times[begin:press]) > limits.pause_ms)
    first = begin + (int(gaps[-1]) + 1 if len(gaps) else 0)
    if press - first < limits.least_moves or times[press] - times[press - 1] > limits.dwell_ms:
        return None
    stroke: Events = events[first : release + 1].copy()
    return stroke if abs(_vector(stroke)) >= limits.least_px else None


def closest(
    candidates: list[Events],
    start: tuple[int, int],
    end: tuple[int, int],
    rng: np.random.Generator,
    among: int = 5,
) -> Events:
    """Return one of the `among` strokes that need least turning and scaling to lead from `start` to `end`.

    Raises ValueError when there are no candidates.
    """
    wanted = complex(end[0] - start[0], end[1] - start[1])
    effort = [abs(np.log((_vector(stroke) or 1) / (wanted or 1))) for stroke in candidates]
    best = np.argsort(effort)[:among]
    return candidates[int(rng.choice(best))]


def _vector(stroke: Events) -> complex:
    pressed = np.flatnonzero(stroke["kind"] == Kind.PRESS)
    goal = stroke[int(pressed[0]) if len(pressed) else -1]
    return complex(int(goal["x"]) - int(stroke["x"][0]), int(goal["y"]) - int(stroke["y"][0]))


def retarget(
    stroke: Events, start: tuple[int, int], end: tuple[int, int], start_ms: int | None = None
) -> Events:
    """Turn, scale and shift a stroke so that it begins at `start` and clicks at `end`; timing is kept.

    start_ms: time of its first event; None keeps the original. The shape (curvature, overshoot, tremor) is
    that of the person, scaled by the ratio of the reaches. A stroke that goes nowhere is only shifted.
    """
    path = stroke["x"] + 1j * stroke["y"].astype(np.float64)
    old = _vector(stroke)
    new = complex(end[0] - start[0], end[1] - start[1])
    factor = new / old if old else 1.0
    moved = complex(*start) + (path - path[0]) * factor
    turned = stroke.copy()
    turned["x"], turned["y"] = np.rint(moved.real), np.rint(moved.imag)
    clicks = turned["kind"] != Kind.MOVE
    turned["x"][clicks], turned["y"][clicks] = end
    if start_ms is not None:
        turned["time_ms"] += start_ms - turned["time_ms"][0]
    return turned


def joined(pieces: list[Events]) -> Events:
    """Return the pieces as one recording; each is shifted, where needed, to begin after the one before."""
    if not pieces:
        return np.empty(0, EVENT_DTYPE)
    shifted, now_ms = [], int(pieces[0]["time_ms"][0]) if len(pieces[0]) else 0
    for piece in pieces:
        late = piece.copy()
        if len(late):
            late["time_ms"] += max(0, now_ms - int(late["time_ms"][0]))
            now_ms = int(late["time_ms"][-1])
        shifted.append(late)
    return np.concatenate(shifted)
