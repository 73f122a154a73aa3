"""Pairing each press with its release."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events, Kind

WHEEL_BUTTONS = (4, 5, 6, 7)
"""X buttons that are wheel steps; their hold time means nothing."""


@dataclass(frozen=True, slots=True)
class Press:
    """One press and its release: X button, times in ms, and where it was pressed, in px."""

    button: int
    press_ms: int
    release_ms: int
    x: int
    y: int

    @property
    def hold_ms(self) -> int:
        """How long the button was held."""
        return self.release_ms - self.press_ms


@dataclass(frozen=True, slots=True)
class Pairing:
    """The presses of a recording in the order in which they began, and how many events had no partner."""

    presses: tuple[Press, ...]
    unmatched: int


def pair(events: Events) -> Pairing:
    """Pair every press with the release of the same button that follows it.

    Buttons are paired apart from each other, so chords come out right. A press that another press of its
    button follows, and a release without a press, are left out and counted. Wheel steps are left out.
    """
    clicks = np.flatnonzero((events["kind"] != Kind.MOVE) & ~np.isin(events["button"], WHEEL_BUTTONS))
    found: list[tuple[int, int]] = []
    for button in np.unique(events["button"][clicks]):
        found += _pairs(events, clicks[events["button"][clicks] == button])
    presses = tuple(_press(events, first, second) for first, second in sorted(found))
    return Pairing(presses, len(clicks) - 2 * len(presses))


def _pairs(events: Events, clicks: NDArray[np.intp]) -> list[tuple[int, int]]:
    pressed = events["kind"][clicks] == Kind.PRESS
    first = np.flatnonzero(pressed[:-1] & ~pressed[1:])
    return list(zip(clicks[first].tolist(), clicks[first + 1].tolist(), strict=True))


def _press(events: Events, first: int, second: int) -> Press:
    at = events[first]
    return Press(
        button=int(at["button"]),
        press_ms=int(at["time_ms"]),
        release_ms=int(events["time_ms"][second]),
        x=int(at["x"]),
        y=int(at["y"]),
    )
