"""The anomalies: what was seen, since when, and what was answered."""

from dataclasses import replace

import numpy as np
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QGridLayout, QHBoxLayout, QListWidgetItem, QVBoxLayout, QWidget

from mousegate.dashboard import words
from mousegate.dashboard.model import Incident, Past
from mousegate.dashboard.pages.overview import TrustChart
from mousegate.dashboard.presenter import Content
from mousegate.dashboard.theme import Theme
from mousegate.dashboard.widgets import GAP, Card, Either, label, plain_list
from mousegate.dashboard.words import Translate

_AROUND_S = 1500.0


class Anomalies(QWidget):
    """A list on the left, newest first; on the right the chosen one and the trust around it."""

    def __init__(self, theme: Theme, say: Translate) -> None:
        super().__init__()
        self._theme, self._say = theme, say
        self._past: Past | None = None
        self._shown: list[Incident] = []
        self._list = plain_list(say("Anomalies"))
        self._list.currentRowChanged.connect(self._choose)
        self._chart = TrustChart(theme, say)
        self._title = label(name="title")
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(22)
        self._facts.setVerticalSpacing(8)
        self._either = Either(self._both())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._either)

    def show_content(self, content: Content) -> None:
        """Show the anomalies; the one that was chosen stays chosen."""
        self._past = content.past
        self._either.tell(content.anomalies_empty)
        chosen = self._list.currentRow()
        kept = self._shown[chosen].time_s if 0 <= chosen < len(self._shown) else None
        self._shown = list(reversed(content.past.incidents))
        self._list.blockSignals(True)
        self._list.clear()
        for one in self._shown:
            text = f"{words.moment(one.time_s, content.past.end_s)}\n{words.answer(one, self._say)}"
            self._list.addItem(QListWidgetItem(text))
        self._list.blockSignals(False)
        row = next((number for number, one in enumerate(self._shown) if one.time_s == kept), 0)
        if self._shown:
            self._list.setCurrentRow(row)
            self._choose(row)

    def _choose(self, row: int) -> None:
        if self._past is None or not 0 <= row < len(self._shown):
            return
        one, past, say = self._shown[row], self._past, self._say
        lasted = words.duration(one.time_s - one.since_s)
        self._title.setText(say("Is this you?"))
        facts = [
            (
                say("Seen"),
                f"{words.moment(one.time_s, past.end_s)}, {say('after {time}').format(time=lasted)}",
            ),
            (say("Since"), words.moment(one.since_s, past.end_s)),
            (say("What"), one.reason),
            (say("Trust"), f"{one.trust:.2f}"),
            (say("Answer"), words.answer(one, say)),
            (say("Score then"), self._scores(one)),
        ]
        while self._facts.count():
            self._facts.takeAt(0).widget().deleteLater()
        for number, (name, value) in enumerate(facts):
            self._facts.addWidget(label(name, "quiet"), number, 0, Qt.AlignTop)
            self._facts.addWidget(label(value, wrap=True), number, 1)
        self._facts.setColumnStretch(1, 1)
        begin_s, end_s = one.since_s - _AROUND_S, min(one.time_s + _AROUND_S, past.end_s)
        self._chart.show_past(_around(past, begin_s, end_s), begin_s, end_s)

    def _scores(self, one: Incident) -> str:
        """Return the scores of the stretches that raised it, beside what is usual."""
        assert self._past is not None
        curves = self._past.curves
        these = (curves.times_s >= one.since_s) & (curves.times_s <= one.time_s) & curves.compared
        if not these.any():
            return "-"
        return self._say("{mean} nats on average over {count} stretches; usual is {usual}").format(
            mean=f"{curves.llrs[these].mean():.1f}",
            count=int(these.sum()),
            usual=f"{curves.usual_nats[these].mean():.1f}",
        )

    def _both(self) -> QWidget:
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        left = Card(self._say("Anomalies"))
        left.body.addWidget(self._list)
        right = Card()
        right.body.addWidget(self._title)
        right.body.addLayout(self._facts)
        right.body.addSpacing(10)
        right.body.addWidget(label(self._say("Trust before and after"), "heading"))
        right.body.addWidget(self._chart, 1)
        row.addWidget(left, 2)
        row.addWidget(right, 5)
        return both


def _around(past: Past, begin_s: float, end_s: float) -> Past:
    """Return the past with the curve of this part alone."""
    curves = past.curves
    inside = (curves.times_s >= begin_s) & (curves.times_s <= end_s)
    names = curves.__slots__
    part = replace(curves, **{name: np.asarray(getattr(curves, name))[inside] for name in names})
    return replace(past, curves=part)
