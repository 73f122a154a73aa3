"""Charts on pyqtgraph, dressed in the theme. Each says in words, for who cannot see it, what it shows."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QSizePolicy

from mousegate.dashboard.model import Interval
from mousegate.dashboard.theme import Theme

GAP_S: Final = 900.0
"""A curve is broken where nothing was compared for so long."""


def tinted(colour: str, alpha: int) -> QColor:
    """Return a colour that lets through what is below it."""
    one = QColor(colour)
    one.setAlpha(alpha)
    return one


def with_gaps(
    times_s: NDArray[np.float64], values: NDArray[np.float64], gap_s: float = GAP_S
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both with a NaN wherever nothing happened for `gap_s`."""
    breaks = np.flatnonzero(np.diff(times_s) > gap_s) + 1
    return np.insert(times_s, breaks, times_s[breaks]), np.insert(values, breaks, np.nan)


class Chart(pg.PlotWidget):  # type: ignore[misc] # pyqtgraph has no types
    """A plot without furniture: faint lines, quiet numbers, nothing to drag."""

    def __init__(self, theme: Theme, name: str, over_time: bool = True) -> None:
        axes = {"bottom": pg.DateAxisItem()} if over_time else {}
        super().__init__(background=None, axisItems=axes)
        self.theme = theme
        self.setAccessibleName(name)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.setMouseEnabled(x=False, y=False)
        self.setFrameShape(self.NoFrame)
        self.setStyleSheet("background: transparent")
        self.setMinimumHeight(90)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Ignored)
        plot = self.getPlotItem()
        plot.setContentsMargins(0, 6, 8, 0)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setPen(pg.mkPen(None))
            axis.setTextPen(theme.quiet)
            axis.setStyle(tickLength=0, tickAlpha=0, tickTextOffset=8)
            font = self.font()
            font.setPixelSize(11)
            axis.setTickFont(font)
        plot.getAxis("left").setWidth(44)

    def clear_all(self) -> None:
        """Take everything off."""
        self.getPlotItem().clear()

    def lines(self, heights: Sequence[float]) -> None:
        """Draw faint lines at these heights."""
        for height in heights:
            self.addItem(pg.InfiniteLine(height, 0, pen=pg.mkPen(self.theme.line, width=1)))

    def dashed(self, height: float, colour: str, words: str) -> None:
        """Draw a dashed line with its meaning above its left end."""
        options = {
            "color": colour,
            "position": 0.005,
            "anchors": [(0, 1), (0, 1)],
            "fill": tinted(self.theme.card, 170),
        }
        pen = pg.mkPen(colour, width=1.2, style=Qt.DashLine)
        self.addItem(pg.InfiniteLine(height, 0, pen=pen, label=words, labelOpts=options))

    def shade(self, intervals: Sequence[Interval], until_s: float, colour: str, alpha: int) -> None:
        """Shade times."""
        for one in intervals:
            end_s = until_s if one.end_s is None else one.end_s
            region = pg.LinearRegionItem(
                (one.begin_s, end_s), movable=False, brush=tinted(colour, alpha), pen=pg.mkPen(None)
            )
            region.setZValue(-20)
            self.addItem(region)

    def curve(
        self, times_s: NDArray[np.float64], values: NDArray[np.float64], colour: str, fill: float
    ) -> None:
        """Draw a line, broken where nothing happened, filled down to `fill` (NaN for not)."""
        x, y = with_gaps(times_s, values)
        item = pg.PlotDataItem(x, y, pen=pg.mkPen(colour, width=1.8), connect="finite", antialias=True)
        if np.isfinite(fill):
            for begin, end in _runs(y):
                below = pg.PlotDataItem(
                    x[begin:end], y[begin:end], pen=None, fillLevel=fill, fillBrush=tinted(colour, 36)
                )
                below.setZValue(-10)
                self.addItem(below)
        self.addItem(item)

    def dots(
        self,
        times_s: NDArray[np.float64],
        values: NDArray[np.float64],
        colour: str,
        size: float,
        alpha: int = 255,
    ) -> None:
        """Draw dots."""
        edge = pg.mkPen(self.theme.card, width=1.5) if alpha == 255 else pg.mkPen(None)
        self.addItem(
            pg.ScatterPlotItem(
                times_s, values, size=size, brush=tinted(colour, alpha), pen=edge, antialias=True
            )
        )

    def bars(
        self, edges: NDArray[np.float64], heights: NDArray[np.float64], colour: str, alpha: int = 255
    ) -> None:
        """Draw a histogram: one bar between each two edges."""
        width = np.diff(edges)
        self.addItem(
            pg.BarGraphItem(
                x0=edges[:-1] + 0.06 * width, width=0.88 * width, height=heights, brush=tinted(colour, alpha),
                pen=pg.mkPen(None),
            )
        )  # fmt: skip

    def span(self, begin: float, end: float, low: float, high: float) -> None:
        """Show this part and no more."""
        self.setXRange(begin, end, padding=0.01)
        self.setYRange(low, high, padding=0)


def _runs(values: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return where the finite stretches of a curve begin and end."""
    finite = np.concatenate(([False], np.isfinite(values), [False]))
    turns = np.flatnonzero(finite[1:] != finite[:-1])
    return list(zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True))


def day_and_time(time_s: float) -> str:
    """Return a moment for a description."""
    return datetime.fromtimestamp(time_s).strftime("%d %b %H:%M")
