"""What is only read: labels, clock, battery."""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from PyQt5.QtCore import QLocale, QRectF, Qt
from PyQt5.QtGui import (
    QColor,
    QFont,
    QPainter,
    QPaintEvent,
    QPen,
)
from PyQt5.QtWidgets import QWidget

from mousegate.greeter.battery import Battery
from mousegate.greeter.theme import CLOCK_FAMILIES, FAMILIES, Ink, Theme, draw_text, font

_CENTRED: Final = int(Qt.AlignCenter | Qt.TextWordWrap)
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
