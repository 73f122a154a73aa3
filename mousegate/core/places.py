"""A click's place in a window, on a grid so coarse that it tells a button and no more."""

from dataclasses import dataclass
from typing import Final

GRID: Final = 64
"""Cells across and down a window: a cell is some 20 x 12 px of a full window, about a button."""
HOLD_BIN_MS: Final = 10
HOLD_BINS: Final = 51
"""Hold times up to 500 ms; whatever is longer counts in the last bin."""


@dataclass(frozen=True, slots=True)
class PlacedClick:
    """One click in a window. application: its class; across, down: 0 to 1 of the window's width, height;
    hold_ms: how long the button was held; width, height: of the window, in px.
    """

    application: str
    across: float
    down: float
    hold_ms: int
    width: int
    height: int

    @property
    def cell(self) -> int:
        """Number of its cell, row by row."""
        column, row = (min(max(int(share * GRID), 0), GRID - 1) for share in (self.across, self.down))
        return row * GRID + column

    @property
    def hold_bin(self) -> int:
        """Number of its bin of hold times."""
        return min(max(self.hold_ms, 0) // HOLD_BIN_MS, HOLD_BINS - 1)
