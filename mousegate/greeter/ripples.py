"""The ripple of a click."""

from typing import Final

from PyQt5.QtCore import QPoint, QPointF, Qt, QVariantAnimation
from PyQt5.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
)
from PyQt5.QtWidgets import QWidget

from mousegate.greeter.theme import Theme

_RIPPLE_MS: Final = 420


class Ripples(QWidget):
    """A ring that opens at each press and fades in a fixed time, so that it says nothing about the hold."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._theme = theme
        self._unit = 1.0
        self._running: dict[QVariantAnimation, tuple[QPoint, float]] = {}
        self.setAttribute(Qt.WA_TransparentForMouseEvents)

    def set_unit(self, unit: float) -> None:
        """Set X pixels per design unit."""
        self._unit = unit

    def start(self, where: QPoint) -> None:
        """Open a ring at `where`, in the window's coordinates."""
        ring = QVariantAnimation(self)
        ring.setStartValue(0.0)
        ring.setEndValue(1.0)
        ring.setDuration(_RIPPLE_MS)
        ring.valueChanged.connect(lambda grown: self._grow(ring, where, float(grown)))
        ring.finished.connect(lambda: self._end(ring))
        self._running[ring] = (where, 0.0)
        ring.start()

    def _grow(self, ring: QVariantAnimation, where: QPoint, grown: float) -> None:
        self._running[ring] = (where, grown)
        self._redraw(where)

    def _end(self, ring: QVariantAnimation) -> None:
        where, _ = self._running.pop(ring)
        ring.deleteLater()
        self._redraw(where)

    def _redraw(self, where: QPoint) -> None:
        reach = round(32 * self._unit)
        self.update(where.x() - reach, where.y() - reach, 2 * reach, 2 * reach)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rings that are open."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        for where, grown in self._running.values():
            colour = QColor(self._theme.ripple)
            colour.setAlphaF(colour.alphaF() * (1 - grown))
            radius = (6 + 22 * (1 - (1 - grown) ** 3)) * self._unit
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(where), radius, radius)
        painter.end()
