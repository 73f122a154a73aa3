"""A pointer that is drawn: xsecurelock's grab hides the real one."""

from typing import Final

from PyQt5.QtCore import QPoint, QPointF, QRect, Qt
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt5.QtWidgets import QWidget

_OUTLINE: Final = ((0, 0), (0, 17), (4, 13.2), (6.9, 19.6), (9.6, 18.4), (6.8, 12.2), (12.2, 12.2))
"""An arrow, in design units, its tip at the origin."""


class Arrow(QWidget):
    """Covers the whole window, lets everything through, and draws an arrow where the pointer is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._unit = 1.0
        self._tip = QPoint()
        self.setAttribute(Qt.WA_TransparentForMouseEvents)

    def set_unit(self, unit: float) -> None:
        """Set X pixels per design unit."""
        self._unit = unit

    def point(self, tip: QPoint) -> None:
        """Move the arrow's tip to `tip`, in the window's coordinates."""
        before, self._tip = self._area(), tip
        self.update(before.united(self._area()))

    def _area(self) -> QRect:
        side = round(24 * self._unit)
        return QRect(self._tip.x() - 2, self._tip.y() - 2, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the arrow."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.translate(QPointF(self._tip))
        painter.setPen(QPen(QColor(20, 24, 36), max(1.0, self._unit)))
        painter.setBrush(QColor(255, 255, 255))
        painter.drawPolygon(QPolygonF([QPointF(x * self._unit, y * self._unit) for x, y in _OUTLINE]))
        painter.end()
