"""How alike the hand was to the reference: the score of every stretch of movement."""

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mousegate.dashboard.charts import Chart
from mousegate.dashboard.model import Curves
from mousegate.dashboard.presenter import Content
from mousegate.dashboard.theme import Theme
from mousegate.dashboard.widgets import GAP, Card, Either, Figure, label
from mousegate.dashboard.words import Translate

_SMOOTHED = 25
"""Stretches in the running median: about two minutes of movement."""
_BINS = 40


class Similarity(QWidget):
    """Scores over time with their running median, and how they are distributed."""

    def __init__(self, theme: Theme, say: Translate) -> None:
        super().__init__()
        self._theme, self._say = theme, say
        self._median, self._spread = Figure(say("Median score")), Figure(say("Middle half"))
        self._against = Figure(say("Spoke against you"))
        self._time, self._bars = (
            Chart(theme, say("Score of every stretch")),
            Chart(theme, say("Scores"), False),
        )
        self._both = Either(self._charts())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        figures = QHBoxLayout()
        figures.setSpacing(GAP)
        for figure in (self._median, self._spread, self._against):
            figures.addWidget(figure, 1)
        layout.addLayout(figures)
        layout.addWidget(self._both, 1)

    def show_content(self, content: Content) -> None:
        """Show the scores."""
        curves, past, say = content.past.curves, content.past, self._say
        compared = curves.compared
        empty = content.trust_empty
        if not empty and not compared.any():
            empty = say("Movement was seen, but too little of it at a time to be compared.")
        self._both.tell(empty)
        if empty:
            for figure in (self._median, self._spread, self._against):
                figure.tell("-", "")
            return
        times_s, llrs = curves.times_s[compared], curves.llrs[compared]
        self._figures(llrs)
        low, high = np.quantile(llrs, (0.001, 0.999))
        low, high = min(float(low), -1.0) - 0.4, max(float(high), 2.0) + 0.4
        self._draw_time(times_s, llrs, curves)
        self._time.span(past.begin_s, past.end_s, low, high)
        self._draw_bars(llrs, low, high)

    def _figures(self, llrs: NDArray[np.float64]) -> None:
        say = self._say
        low, middle, high = np.quantile(llrs, (0.25, 0.5, 0.75))
        against = 100 * float((llrs < 0).mean())
        odds = say("nats: {odds} times likelier you than another").format(
            odds=f"{np.exp(min(middle, 20)):.1f}"
        )
        self._median.tell(f"{middle:+.2f}", odds)
        self._spread.tell(
            f"{low:+.1f} … {high:+.1f}", say("nats; the narrower, the sooner another hand is noticed")
        )
        self._against.tell(f"{against:.0f} %", say("of all stretches; single ones mean nothing"))

    def _draw_time(self, times_s: NDArray[np.float64], llrs: NDArray[np.float64], curves: Curves) -> None:
        theme, chart = self._theme, self._time
        chart.clear_all()
        chart.lines((-2, 2, 4))
        chart.dashed(0.0, theme.bad, self._say("below 0: rather another hand"))
        chart.dots(times_s, llrs, theme.quiet, 3.5, alpha=90)
        chart.curve(times_s, running_median(llrs), theme.accent, fill=float("nan"))
        chart.setAccessibleDescription(f"{len(llrs)} scores, median {np.median(llrs):.2f} nats.")

    def _draw_bars(self, llrs: NDArray[np.float64], low: float, high: float) -> None:
        theme, bars = self._theme, self._bars
        bars.clear_all()
        edges = np.linspace(low, high, _BINS + 1)
        counts = np.histogram(llrs, edges)[0].astype(np.float64)
        against = edges[1:] <= 0
        for these, colour in ((against, theme.bad), (~against, theme.accent)):
            bars.bars(edges, np.where(these, counts, 0.0), colour)
        bars.span(low, high, 0.0, float(counts.max()) * 1.1)
        bars.setAccessibleDescription(f"Most scores lie about {edges[int(counts.argmax())]:.1f} nats.")

    def _charts(self) -> QWidget:
        say, both = self._say, QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        over = Card(
            say("Similarity to the reference"), say("dot: five seconds of movement · line: running median")
        )
        over.body.addWidget(self._time, 1)
        spread = Card(say("How often each score came"))
        spread.body.addWidget(self._bars, 1)
        text = say(
            "A score is the logarithm of how much likelier the movement is yours than another person's. One "
            "stretch says little; mousegate adds many up before it asks whether it is you."
        )
        spread.body.addWidget(label(text, "quiet", wrap=True))
        column.addWidget(over, 3)
        column.addWidget(spread, 2)
        return both


def running_median(values: NDArray[np.float64], width: int = _SMOOTHED) -> NDArray[np.float64]:
    """Return the median of the `width` values around each, fewer at the ends."""
    half = width // 2
    padded = np.pad(values, half, constant_values=np.nan)
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    medians: NDArray[np.float64] = np.nanmedian(views, axis=1)
    return medians
