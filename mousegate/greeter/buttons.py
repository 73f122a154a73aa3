"""What is clicked: the face, Submit, and links."""

from typing import Final

from PyQt5.QtCore import QPointF, QRectF, Qt, QTimer
from PyQt5.QtGui import (
    QBrush,
    QColor,
    QFont,
    QKeyEvent,
    QLinearGradient,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PyQt5.QtWidgets import QAbstractButton, QWidget

from mousegate.greeter.theme import Ink, Theme, draw_text, font

_SPIN_MS: Final = 16
_SPIN_STEP: Final = 5.0
_FLASH_MS: Final = 140


class FaceDisc(QAbstractButton):
    """The person's picture in a disc, or initials. It is a target of the rhythm."""

    def __init__(self, parent: QWidget, theme: Theme, initials: str, colour: QColor) -> None:
        super().__init__(parent)
        self._theme, self._initials, self._colour = theme, initials, colour
        self._face: QPixmap | None = None
        self.setFocusPolicy(Qt.NoFocus)
        self.setAttribute(Qt.WA_Hover)

    def set_person(self, initials: str, colour: QColor) -> None:
        """Show somebody else, without a picture yet."""
        self._initials, self._colour, self._face = initials, colour, None
        self.update()

    def set_face(self, face: QPixmap | None) -> None:
        """Show this picture, as wide as the disc; None for the initials."""
        self._face = face
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the disc and the ring around it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        ring = max(1.0, self.height() / 56)
        disc = QRectF(self.rect()).adjusted(ring, ring, -ring, -ring)
        path = QPainterPath()
        path.addEllipse(disc)
        if self._face is not None:
            painter.setPen(Qt.NoPen)
            painter.setBrush(QBrush(self._face))
            painter.drawPath(path)
        else:
            sheen = QLinearGradient(disc.topLeft(), disc.bottomLeft())
            sheen.setColorAt(0, self._colour.lighter(118))
            sheen.setColorAt(1, self._colour.darker(112))
            painter.fillPath(path, QBrush(sheen))
            painter.setFont(font(disc.height() * 0.38, QFont.Medium))
            painter.setPen(self._theme.text)
            painter.drawText(disc, Qt.AlignCenter, self._initials)
        painter.setBrush(Qt.NoBrush)
        bright = self.underMouse() or self.hasFocus()
        painter.setPen(QPen(self._theme.focus if bright else self._theme.edge, ring))
        painter.drawEllipse(disc)
        painter.end()


class SubmitButton(QAbstractButton):
    """The round button at the end of the row; it turns while the answer is being checked."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._theme = theme
        self._busy = False
        self._flash = QTimer(self)
        self._flash.setSingleShot(True)
        self._flash.timeout.connect(self.update)
        self.pressed.connect(self._pressed)
        self._angle = 90.0
        self._spin = QTimer(self)
        self._spin.setInterval(_SPIN_MS)
        self._spin.timeout.connect(self._turn)
        self.setFocusPolicy(Qt.TabFocus)
        self.setAttribute(Qt.WA_Hover)
        self.setCursor(Qt.PointingHandCursor)

    def set_busy(self, busy: bool) -> None:
        """Turn, or show the arrow."""
        self._busy = busy
        if busy:
            self._spin.start()
        else:
            self._spin.stop()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Submit on Return as well as on Space."""
        if event.key() in {Qt.Key_Return, Qt.Key_Enter} and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def _pressed(self) -> None:
        """Look pressed for a fixed time: how long the button is held is the person's secret."""
        self._flash.start(_FLASH_MS)
        self.update()

    def _turn(self) -> None:
        self._angle = (self._angle - _SPIN_STEP) % 360
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the button as it is: idle, under the pointer, pressed, focused, busy."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        unit = self.height() / 48
        disc = QRectF(self.rect()).adjusted(2 * unit, 2 * unit, -2 * unit, -2 * unit)
        fill = QColor(self._theme.accent)
        fill.setAlpha(
            150 if self._busy else 190 if self._flash.isActive() else 255 if self.underMouse() else 230
        )
        painter.setPen(Qt.NoPen)
        painter.setBrush(fill)
        painter.drawEllipse(disc)
        if self.hasFocus():
            painter.setPen(QPen(self._theme.focus, 1.6 * unit))
            painter.setBrush(Qt.NoBrush)
            painter.drawEllipse(QRectF(self.rect()).adjusted(unit, unit, -unit, -unit))
        pen = QPen(self._theme.on_accent, 2.4 * unit, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin)
        painter.setPen(pen)
        if self._busy:
            painter.drawArc(
                disc.adjusted(12 * unit, 12 * unit, -12 * unit, -12 * unit), int(self._angle * 16), 270 * 16
            )
        else:
            self._paint_arrow(painter, disc.center(), unit)
        painter.end()

    def _opacity(self) -> int:
        if self._busy:
            return 150
        if self._flash.isActive():
            return 190
        return 255 if self.underMouse() else 230

    def _paint_arrow(self, painter: QPainter, centre: QPointF, unit: float) -> None:
        tip = centre + QPointF(7.5 * unit, 0)
        painter.drawLine(centre - QPointF(7.5 * unit, 0), tip)
        painter.drawLine(tip, tip + QPointF(-6 * unit, -6 * unit))
        painter.drawLine(tip, tip + QPointF(-6 * unit, 6 * unit))


class Link(QAbstractButton):
    """A quiet button of text."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self._theme = theme
        self._unit = 1.0
        self.setFocusPolicy(Qt.TabFocus)
        self.setAttribute(Qt.WA_Hover)
        self.setCursor(Qt.PointingHandCursor)

    def set_unit(self, unit: float) -> None:
        """Set X pixels per design unit."""
        self._unit = unit

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Follow on Return as well as on Space."""
        if event.key() in {Qt.Key_Return, Qt.Key_Enter} and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def is_bright(self) -> bool:
        """Return whether it is about to be used."""
        return self.underMouse() or self.hasFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words; brighter under the pointer, ringed with the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        area = QRectF(self.rect())
        painter.setFont(font(13.5 * self._unit, QFont.Medium))
        colour = self._theme.text if self.is_bright() else self._theme.quiet
        draw_text(
            painter, area, int(Qt.AlignCenter), self.text(), Ink(colour, self._theme.shadow, self._unit)
        )
        if self.hasFocus():
            line = max(1.0, 1.4 * self._unit)
            painter.setPen(QPen(self._theme.focus, line))
            painter.drawRoundedRect(
                area.adjusted(line, line, -line, -line), area.height() / 2, area.height() / 2
            )
        painter.end()
