"""Changes to a recording that keep the hand and alter everything else: clock, screen, gain."""

from dataclasses import dataclass

import numpy as np

from mousegate.core.events import Events, Kind


@dataclass(frozen=True, slots=True)
class Retiming:
    """One drawn alteration of clock and screen.

    speed: factor on time (1 keeps the hand's own pace); tick_ms: times are rounded up to multiples of this (0
    leaves them); jitter_ms: standard deviation of noise on times; dropped: fraction of moves lost; gain:
    factor on coordinates before they are rounded to whole px; offset: shift in px.
    """

    speed: float = 1.0
    tick_ms: float = 0.0
    jitter_ms: float = 0.0
    dropped: float = 0.0
    gain: float = 1.0
    offset: tuple[int, int] = (0, 0)


TICKS_MS = (0.0, 0.0, 7.0, 8.0, 10.0, 12.0, 15.6, 16.7, 20.0, 25.0)
"""Timer steps seen in practice: 125 Hz mice, 60 to 144 Hz browsers, Windows' 15.6 ms clock, slow remote
desktops.
"""


def draw(rng: np.random.Generator, speed: float = 1.0) -> Retiming:
    """Draw the alteration of one training copy."""
    return Retiming(
        speed=speed * float(np.exp(rng.normal(0.0, 0.02))),
        tick_ms=float(rng.choice(TICKS_MS)),
        jitter_ms=float(rng.choice([0.0, 1.0, 3.0])),
        dropped=float(rng.choice([0.0, 0.0, 0.1, 0.3])),
        gain=float(np.exp(rng.uniform(np.log(0.4), np.log(2.5)))),
        offset=(int(rng.integers(-500, 500)), int(rng.integers(-500, 500))),
    )


def retime(events: Events, change: Retiming, rng: np.random.Generator) -> Events:
    """Return an altered copy of `events`, times still never decreasing; presses and releases are never
    dropped.
    """
    kept = (events["kind"] != Kind.MOVE) | (rng.random(len(events)) >= change.dropped)
    altered: Events = events[kept].copy()
    time_ms = altered["time_ms"].astype(np.float64) * change.speed
    if change.jitter_ms:
        time_ms += rng.normal(0.0, change.jitter_ms, len(time_ms))
    if change.tick_ms:
        phase = rng.uniform(0.0, change.tick_ms)
        time_ms = np.ceil((time_ms + phase) / change.tick_ms) * change.tick_ms
    altered["time_ms"] = np.round(np.maximum.accumulate(time_ms)) if len(time_ms) else time_ms
    altered["x"] = np.round(altered["x"] * change.gain) + change.offset[0]
    altered["y"] = np.round(altered["y"] * change.gain) + change.offset[1]
    return altered
