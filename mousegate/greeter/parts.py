"""The screen's other parts: clock, face, name, message, Submit, links, and the ripple of a click."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from PyQt5.QtCore import QLocale, QPoint, QPointF, QRectF, Qt, QTimer, QVariantAnimation
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

from mousegate.greeter.battery import Battery
from mousegate.greeter.theme import CLOCK_FAMILIES, FAMILIES, Ink, Theme, draw_text, font

_CENTRED: Final = int(Qt.AlignCenter | Qt.TextWordWrap)
_SPIN_MS: Final = 16
_SPIN_STEP: Final = 5.0
_RIPPLE_MS: Final = 420
_FLASH_MS: Final = 140
_LOW_PERCENT: Final = 15


class Part(QWidget):
    """Something that is drawn by the theme, in units."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.theme = theme
        self.unit = 1.0

    def set_unit(self, unit: float) -> None:
        """Set X pixels per design unit."""
        self.unit = unit
        self.update()


class Label(Part):
    """A line or two of text. It lets clicks through to the background."""

    def __init__(self, parent: QWidget, theme: Theme, size: float, weight: int = QFont.Normal) -> None:
        super().__init__(parent, theme)
        self._size, self._weight = size, weight
        self._families: tuple[str, ...] = FAMILIES
        self._text = ""
        self._colour = theme.text
        self._flags = _CENTRED
        self.setAttribute(Qt.WA_TransparentForMouseEvents)

    def use_families(self, families: tuple[str, ...]) -> None:
        """Take another font than the rest of the screen."""
        self._families = families

    def align(self, flags: int) -> None:
        """Place the text other than in the middle."""
        self._flags = flags

    def text(self) -> str:
        """Return what is shown."""
        return self._text

    def say(self, text: str, colour: QColor | None = None) -> None:
        """Show `text`."""
        colour = colour or self.theme.text
        if (text, colour) != (self._text, self._colour):
            self._text, self._colour = text, colour
            self.setAccessibleName(text)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text."""
        painter = QPainter(self)
        size = self._size * self.unit
        painter.setFont(font(size, self._weight, self._families))
        draw_text(
            painter,
            QRectF(self.rect()),
            self._flags,
            self._text,
            Ink(self._colour, self.theme.shadow, self.unit),
        )
        painter.end()


class Clock:
    """The time and date labels; `tick` keeps them right."""

    def __init__(self, parent: QWidget, theme: Theme, now: Callable[[], datetime]) -> None:
        self.time = Label(parent, theme, 92, QFont.Light)
        self.time.use_families(CLOCK_FAMILIES)
        self.date = Label(parent, theme, 20, QFont.Medium)
        self._now, self._format = now, theme.clock_format

    def tick(self) -> None:
        """Show the present time. A clock that is set, or a sleep, is noticed at the next call."""
        moment = self._now()
        self.time.say(moment.strftime(self._format))
        self.date.say(QLocale.system().toString(moment.date(), "dddd, d MMMM"))


class BatteryGauge(Part):
    """The battery's charge, in a corner; empty where there is no battery."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent, theme)
        self._battery: Battery | None = None
        self.setAttribute(Qt.WA_TransparentForMouseEvents)

    def say(self, battery: Battery | None) -> None:
        """Show this charge."""
        if battery != self._battery:
            self._battery = battery
            self.setAccessibleName(f"{battery.percent} %" if battery else "")
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the percentage, and a cell that is filled as far."""
        if self._battery is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        unit, area = self.unit, QRectF(self.rect())
        cell = QRectF(area.right() - 30 * unit, area.center().y() - 6 * unit, 24 * unit, 12 * unit)
        painter.setPen(QPen(self.theme.quiet, max(1.0, 1.3 * unit)))
        painter.drawRoundedRect(cell, 3 * unit, 3 * unit)
        painter.setPen(Qt.NoPen)
        painter.setBrush(self.theme.quiet)
        painter.drawRoundedRect(
            QRectF(cell.right() + 1.6 * unit, cell.center().y() - 2.5 * unit, 2 * unit, 5 * unit), unit, unit
        )
        inner = cell.adjusted(2.4 * unit, 2.4 * unit, -2.4 * unit, -2.4 * unit)
        low = self._battery.percent <= _LOW_PERCENT and not self._battery.charging
        painter.setBrush(self.theme.error if low else self.theme.text)
        inner.setWidth(inner.width() * self._battery.percent / 100)
        painter.drawRoundedRect(inner, 1.4 * unit, 1.4 * unit)
        painter.setFont(font(13 * unit, QFont.Medium))
        words = f"{self._battery.percent} %" + (" ⚡" if self._battery.charging else "")
        left = area.adjusted(0, 0, -38 * unit, 0)
        ink = Ink(self.theme.quiet, self.theme.shadow, unit)
        draw_text(painter, left, int(Qt.AlignRight | Qt.AlignVCenter), words, ink)
        painter.end()


class FaceDisc(QAbstractButton):
    """The person's picture in a disc, or initials. It is a target of the rhythm."""

    def __init__(self, parent: QWidget, theme: Theme, initials: str, colour: QColor) -> None:
        super().__init__(parent)
        self._theme, self._initials, self._colour = theme, initials, colour
        self._face: QPixmap | None = None
        self.setFocusPolicy(Qt.NoFocus)
        self.setAttribute(Qt.WA_Hover)

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
        painter.setPen(QPen(self._theme.focus if self.underMouse() else self._theme.edge, ring))
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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words; brighter under the pointer, ringed with the focus."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        area = QRectF(self.rect())
        painter.setFont(font(13.5 * self._unit, QFont.Medium))
        bright = self.underMouse() or self.hasFocus()
        colour = self._theme.text if bright else self._theme.quiet
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
