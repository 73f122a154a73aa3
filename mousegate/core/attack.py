"""Signs that motion was made by a program and not by a hand (presentation attack detection).

A hand neither moves in a straight line to the pixel nor at constant speed (Flash & Hogan 1985: reaching has a
bell-shaped speed), and the pointer does not jump from click to click. Simple scripts do. What is better made,
such as a replay of real movement, is not caught here.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.clicks import WHEEL_BUTTONS
from mousegate.core.events import Events, Kind


@dataclass(frozen=True, slots=True)
class MachineSigns:
    """Thresholds of `machine_sign`, set by the false alarms that `machine_straight` states.

    Straightness looks at `points` consecutive positions at least `spacing_px` apart along the path: rounding
    to whole pixels bends a true line by 0.29 px RMS (uniform error, sqrt(1/12)). Constant speed looks at
    steps of at least `step_px` over at least `step_ms`, or of at least `leap_px` at once (in the 8 ms of a
    fast mouse a hand hardly changes its speed either): rounding changes two equal steps by 1.42 px at most.
    Jumps look at clicks at least `jump_px` from the one before with `jump_moves` moves or fewer between. Each
    sign needs its share, of at least so many windows, steps or clicks. `pause_ms` divides strokes.
    """

    spacing_px: float = 4.0
    points: int = 9
    bend_px: float = 0.4
    straight_share: float = 0.75
    least_windows: int = 30
    step_ms: int = 40
    step_px: float = 8.0
    leap_px: float = 24.0
    change_px: float = 1.5
    constant_share: float = 0.95
    least_steps: int = 12
    jump_px: float = 60.0
    jump_moves: int = 1
    jump_share: float = 0.6
    least_jumps: int = 2
    pause_ms: int = 200


SIGNS: Final = MachineSigns()


def machine_straight(events: Events, signs: MachineSigns = SIGNS) -> bool:
    """Return whether the motion is machine-made: straight lines, constant speed, or jumps to clicks.

    False alarms (BPCER), over stretches of 5, 10 and 15 s with at least 20 moves: none of 6,657 of
    SapiMouse (72 people), 5 of 33,119 of Balabit (6 people; at most 300 stretches per session and length).
    """
    return bool(machine_sign(events, signs))


def machine_sign(events: Events, signs: MachineSigns = SIGNS) -> str:
    """Return which sign was found, in words for a log; empty for none."""
    moves = events[events["kind"] == Kind.MOVE]
    path = moves["x"] + 1j * moves["y"]
    if _is_straight(path, moves["time_ms"], signs):
        return "movement in straight lines"
    if _is_constant(path, moves["time_ms"], signs):
        return "movement at constant speed"
    if _jumps(events, signs):
        return "jumps from click to click"
    return ""


def _is_straight(path: NDArray[np.complex128], time_ms: NDArray[np.int64], signs: MachineSigns) -> bool:
    if len(path) < signs.points:
        return False
    stroke = np.cumsum(np.diff(time_ms, prepend=time_ms[0]) > signs.pause_ms)
    cell = np.floor(np.cumsum(np.abs(np.diff(path, prepend=path[0]))) / signs.spacing_px)
    spaced = np.concatenate(([True], (np.diff(cell) != 0) | (np.diff(stroke) != 0)))
    path, stroke = path[spaced], stroke[spaced]
    if len(path) < signs.points:
        return False
    windows = np.lib.stride_tricks.sliding_window_view(path, signs.points)
    windows = windows[stroke[: len(windows)] == stroke[signs.points - 1 :]]
    chords = windows[:, -1] - windows[:, 0]
    long = np.abs(chords) > 0.8 * signs.spacing_px * (signs.points - 1)
    windows = windows[long]
    if len(windows) < signs.least_windows:
        return False
    return bool(np.mean(_bends(windows) <= signs.bend_px) >= signs.straight_share)


def _bends(windows: NDArray[np.complex128]) -> NDArray[np.float64]:
    """Return the RMS distance of each row of positions from its own best line (total least squares)."""
    centred = windows - windows.mean(axis=1, keepdims=True)
    spread = np.mean(np.abs(centred) ** 2, axis=1)
    along = np.abs(np.mean(centred**2, axis=1))
    bends: NDArray[np.float64] = np.sqrt(np.maximum((spread - along) / 2, 0))
    return bends


def _is_constant(path: NDArray[np.complex128], time_ms: NDArray[np.int64], signs: MachineSigns) -> bool:
    if len(path) < signs.least_steps:
        return False
    usual_ms = max(float(np.median(np.diff(time_ms))), 1.0)
    coarse = path[:: math.ceil(signs.step_ms / usual_ms)]
    return _is_even(coarse, signs.step_px, signs) or _is_even(path, signs.leap_px, signs)


def _is_even(path: NDArray[np.complex128], least_px: float, signs: MachineSigns) -> bool:
    steps = np.diff(path)
    large = np.abs(steps) >= least_px
    both = large[1:] & large[:-1]
    if np.count_nonzero(both) < signs.least_steps:
        return False
    change = np.abs(np.diff(steps))[both]
    return bool(np.mean(change <= signs.change_px) >= signs.constant_share)


def _jumps(events: Events, signs: MachineSigns) -> bool:
    is_click = (events["kind"] == Kind.PRESS) & ~np.isin(events["button"], WHEEL_BUTTONS)
    clicks = np.flatnonzero(is_click)
    if len(clicks) < 2:
        return False
    moves = np.diff(np.cumsum(events["kind"] == Kind.MOVE)[clicks])
    places = events["x"][clicks] + 1j * events["y"][clicks]
    far = np.abs(np.diff(places)) >= signs.jump_px
    jumped = far & (moves <= signs.jump_moves)
    count = np.count_nonzero(jumped)
    return bool(count >= signs.least_jumps and count >= signs.jump_share * np.count_nonzero(far))
