"""Pointer events to the network's input: windows of active movement, with clock and screen taken out.

What would betray the machine instead of the hand is removed here, once, for training and run time alike:
movement is put on a fixed grid by last known position (the clock's rate and tick), idle gaps are bounded,
only displacements are kept (the screen's size and origin), and each window is divided by its own typical
displacement (pointer gain, resolution). Button holds enter as the fraction of each grid step that a
button was down, so their sum keeps the hold at full resolution.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events, Kind

CHANNELS: Final = ("dx", "dy", "log_speed", "along", "across", "moving", "held", "present")
"""Meaning of the channels of Windows.values, in order."""

INPUT_VERSION: Final = 1
"""Raised whenever the values change meaning; a model names the version it was trained on."""


@dataclass(frozen=True, slots=True)
class WindowParameters:
    """How movement is cut into windows (chosen on development people; see models/MODEL_CARD.md).

    step_ms: grid step; gap_ms: idle time kept of a longer pause; steps: grid steps in a window; hop: steps
    between windows; least_steps: shortest stretch that still makes one (padded) window; least_moving:
    smallest fraction of a window's steps with movement; coordinate_limit: |x|, |y| from here on are defects
    (RDP records 65535 when the pointer has left; X coordinates are 16-bit signed).
    """

    step_ms: float = 33.0
    gap_ms: float = 400.0
    steps: int = 128
    hop: int = 32
    least_steps: int = 32
    least_moving: float = 0.15
    coordinate_limit: int = 32767


PARAMETERS: Final = WindowParameters()


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows of active movement.

    values: float32 (n, channels, steps); quality: float32 (n,), 0 to 1, the share of a full window that
    holds movement, saturating at one half; active_s: seconds of movement after gaps were bounded.
    """

    values: NDArray[np.float32]
    quality: NDArray[np.float32]
    active_s: float

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.values)


def merge(parts: Sequence[Windows]) -> Windows:
    """Return the windows of several recordings of one person as one."""
    steps = PARAMETERS.steps
    values = [part.values for part in parts] or [np.zeros((0, len(CHANNELS), steps), np.float32)]
    quality = [part.quality for part in parts] or [np.zeros(0, np.float32)]
    return Windows(np.concatenate(values), np.concatenate(quality), sum(part.active_s for part in parts))


@dataclass(frozen=True, slots=True)
class Track:
    """Movement on the grid: displacement per step, float32 (steps, 2) in px, and held fraction, float32
    (steps,).
    """

    displacement: NDArray[np.float32]
    held: NDArray[np.float32]


def movement_alone(events: Events) -> Events:
    """Return the moves of `events`, without presses and releases."""
    moves: Events = events[events["kind"] == Kind.MOVE]
    return moves


def extract(events: Events, parameters: WindowParameters = PARAMETERS) -> Windows:
    """Return the overlapping windows of `events`; none when there is too little movement. Raises nothing."""
    return cut(track(events, parameters), parameters)


def track(events: Events, parameters: WindowParameters = PARAMETERS) -> Track:
    """Put `events` on the grid by last known position, with idle gaps bounded and defective coordinates
    dropped.
    """
    limit = parameters.coordinate_limit
    sane = (np.abs(events["x"]) < limit) & (np.abs(events["y"]) < limit)
    events = events[sane]
    if len(events) < 2:
        return Track(np.zeros((0, 2), np.float32), np.zeros(0, np.float32))
    gaps = np.clip(np.diff(events["time_ms"]).astype(np.float64), 0.0, parameters.gap_ms)
    bounded = np.concatenate([[0.0], np.cumsum(gaps)])
    grid = np.arange(0.0, bounded[-1] + parameters.step_ms, parameters.step_ms)
    if len(grid) < 2:
        return Track(np.zeros((0, 2), np.float32), np.zeros(0, np.float32))
    last = np.searchsorted(bounded, grid, side="right") - 1
    position = np.stack([events["x"][last], events["y"][last]], axis=1).astype(np.float32)
    return Track(np.diff(position, axis=0), _held(events, bounded, grid))


def _held(events: Events, bounded: NDArray[np.float64], grid: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return per grid step the fraction during which a button (not the wheel) was down."""
    button = (events["button"] >= 1) & (events["button"] <= 3)
    change = np.where(button & (events["kind"] == Kind.PRESS), 1, 0)
    change = np.where(button & (events["kind"] == Kind.RELEASE), -1, change)
    down = np.zeros(len(events), bool)
    state = 0
    for index in np.flatnonzero(change):
        state = 1 if change[index] > 0 else 0
        down[index] = bool(state)
    marks = np.flatnonzero(change)
    if len(marks) == 0:
        return np.zeros(len(grid) - 1, np.float32)
    latest = np.searchsorted(marks, np.arange(len(events)), side="right") - 1
    is_down = np.where(latest >= 0, down[marks[np.maximum(latest, 0)]], False)
    time_down = np.concatenate([[0.0], np.cumsum(np.diff(bounded) * is_down[:-1])])
    sampled = np.interp(grid, bounded, time_down)
    fraction: NDArray[np.float32] = (np.diff(sampled) / (grid[1] - grid[0])).astype(np.float32)
    return fraction


def cut(movement: Track, parameters: WindowParameters = PARAMETERS) -> Windows:
    """Cut a track into windows and describe each step by CHANNELS."""
    steps, count = parameters.steps, len(movement.displacement)
    active_s = count * parameters.step_ms / 1000.0
    if count < parameters.least_steps:
        return Windows(np.zeros((0, len(CHANNELS), steps), np.float32), np.zeros(0, np.float32), active_s)
    starts = list(range(0, max(count - steps, 0) + 1, parameters.hop))
    if count > steps and count - steps - starts[-1] >= parameters.hop // 2:
        starts.append(count - steps)
    raw = np.zeros((len(starts), 4, steps), np.float32)
    for row, start in enumerate(starts):
        part = slice(start, start + steps)
        length = len(movement.held[part])
        raw[row, :2, :length] = movement.displacement[part].T
        raw[row, 2, :length] = movement.held[part]
        raw[row, 3, :length] = 1.0
    moving = (np.hypot(raw[:, 0], raw[:, 1]) > 0).mean(axis=1)
    kept = moving >= parameters.least_moving * raw[:, 3].mean(axis=1)
    quality = np.minimum(2.0 * moving[kept], 1.0).astype(np.float32)
    return Windows(describe(raw[kept]), quality, active_s)


def describe(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn (n, 4, steps) of dx, dy, held, present into (n, channels, steps) without units.

    Lengths are relative to the window's root-mean-square displacement over moving steps, then compressed
    radially by asinh, which is linear for small and logarithmic for large arguments. `along` and `across` are
    the displacement's components in the direction of the step before it: turning, whatever the direction.
    """
    dx, dy, held, present = raw[:, 0], raw[:, 1], raw[:, 2], raw[:, 3]
    length = np.hypot(dx, dy)
    moving = (length > 0).astype(np.float32)
    count = np.maximum(moving.sum(axis=1, keepdims=True), 1.0)
    scale = np.sqrt((length**2).sum(axis=1, keepdims=True) / count) + 1e-6
    relative = length / scale
    compressed = np.arcsinh(4.0 * relative)
    unit_x, unit_y = dx / np.maximum(length, 1e-6), dy / np.maximum(length, 1e-6)
    before_x, before_y = np.zeros_like(unit_x), np.zeros_like(unit_y)
    before_x[:, 1:], before_y[:, 1:] = unit_x[:, :-1], unit_y[:, :-1]
    values = np.stack(
        [
            compressed * unit_x,
            compressed * unit_y,
            np.log(relative + 0.03) * present,
            compressed * (unit_x * before_x + unit_y * before_y),
            compressed * (unit_x * before_y - unit_y * before_x),
            moving,
            held,
            present,
        ],
        axis=1,
    )
    return values.astype(np.float32)
