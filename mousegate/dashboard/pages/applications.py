"""Per application: where it is clicked, and how long the button is held."""

from collections.abc import Callable

import numpy as np
from PyQt5.QtWidgets import QHBoxLayout, QListWidgetItem, QMessageBox, QPushButton, QVBoxLayout, QWidget

from mousegate.core.places import HOLD_BIN_MS, HOLD_BINS
from mousegate.dashboard.charts import Chart
from mousegate.dashboard.heatmap import HeatMap, describe
from mousegate.dashboard.presenter import Content
from mousegate.dashboard.theme import Theme
from mousegate.dashboard.widgets import GAP, Card, Either, label, plain_list
from mousegate.dashboard.words import Translate
from mousegate.storage.history_places import Application

_SHOWN_MS = 400


class Applications(QWidget):
    """A list on the left, most clicks first; on the right the chosen one. forget: deletes one by its name."""

    def __init__(self, theme: Theme, say: Translate, forget: Callable[[str], None]) -> None:
        super().__init__()
        self._theme, self._say, self._forget = theme, say, forget
        self._shown: list[Application] = []
        self._list = plain_list(say("Applications"))
        self._list.currentRowChanged.connect(self._choose)
        self._map, self._holds = HeatMap(theme, say), Chart(theme, say("Hold times"), False)
        self._title, self._where = label(name="title"), label(name="quiet", wrap=True)
        self._hold_words = label(name="quiet", wrap=True)
        self._button = QPushButton(say("&Forget this application…"))
        self._button.clicked.connect(self._ask)
        self._either = Either(self._both())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._either)

    def show_content(self, content: Content) -> None:
        """Show the applications; the one that was chosen stays chosen."""
        self._either.tell(content.applications_empty)
        row = self._list.currentRow()
        kept = self._shown[row].name if 0 <= row < len(self._shown) else ""
        self._shown = list(content.past.applications)
        self._list.blockSignals(True)
        self._list.clear()
        for one in self._shown:
            clicks = self._say("{count} clicks").format(count=one.clicks)
            self._list.addItem(QListWidgetItem(f"{one.name}\n{clicks}"))
        self._list.blockSignals(False)
        if self._shown:
            names = [one.name for one in self._shown]
            row = names.index(kept) if kept in names else 0
            self._list.setCurrentRow(row)
            self._choose(row)

    def _choose(self, row: int) -> None:
        if not 0 <= row < len(self._shown):
            return
        one = self._shown[row]
        self._title.setText(one.name)
        self._where.setText(describe(one, self._say))
        self._map.show_application(one)
        edges = np.arange(HOLD_BINS + 1, dtype=np.float64) * HOLD_BIN_MS
        shares = one.holds / max(int(one.holds.sum()), 1)
        others = sum((other.holds for other in self._shown), np.zeros(HOLD_BINS, np.int64))
        chart, theme = self._holds, self._theme
        chart.clear_all()
        chart.bars(edges, 100 * others / max(int(others.sum()), 1), theme.quiet, alpha=70)
        chart.bars(edges, 100 * shares, theme.accent, alpha=215)
        chart.span(0, _SHOWN_MS, 0, 115 * float(max(shares.max(), (others / max(others.sum(), 1)).max())))
        median_ms = float(edges[int(np.searchsorted(np.cumsum(shares), 0.5))] + HOLD_BIN_MS / 2)
        text = self._say("Half of the clicks are held less than {ms} ms. Grey: all applications together.")
        self._hold_words.setText(text.format(ms=f"{median_ms:.0f}"))
        chart.setAccessibleDescription(self._hold_words.text())

    def _ask(self) -> None:
        row = self._list.currentRow()
        if not 0 <= row < len(self._shown):
            return
        name = self._shown[row].name
        text = self._say("Delete where and how long you clicked in {name}? What is enrolled stays.")
        answer = QMessageBox.question(self, self._say("Forget"), text.format(name=name))
        if answer == QMessageBox.Yes:
            self._forget(name)

    def _both(self) -> QWidget:
        say, both = self._say, QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        left = Card(say("Applications"))
        left.body.addWidget(self._list)
        left.body.addWidget(self._button)
        right = QVBoxLayout()
        right.setSpacing(GAP)
        where = Card()
        where.body.addWidget(self._title)
        where.body.addWidget(self._where)
        where.body.addWidget(self._map, 1)
        held = Card(say("How long you hold the button"), say("share of clicks in %, by milliseconds"))
        held.body.addWidget(self._holds, 1)
        held.body.addWidget(self._hold_words)
        right.addWidget(where, 2)
        right.addWidget(held, 1)
        row.addWidget(left, 2)
        row.addLayout(right, 6)
        return both
