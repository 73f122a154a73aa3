"""The one field a secret is typed in. It keeps bytes that it can overwrite, and knows no copy or undo."""

from typing import Final
from unicodedata import category

from PyQt5.QtCore import QPointF, QRectF, QSize, Qt, QTimer, pyqtSignal
from PyQt5.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetricsF,
    QInputMethodEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PyQt5.QtWidgets import QWidget

from mousegate.greeter.desk import Keyboard
from mousegate.greeter.keyclock import KeyClock
from mousegate.greeter.screen import wipe
from mousegate.greeter.theme import Theme, font

MAX_BYTES: Final = 1024
"""Twice PAM_MAX_RESP_SIZE (Linux-PAM, pam_appl.h): too long for PAM is refused there, not cut to fit here."""

_BLINK_MS: Final = 560
_HELD_BACKSPACES: Final = 3
_PADDING: Final = 20.0
_DOT_STEP: Final = 14.0
_DOT_RADIUS: Final = 3.8
_FILL_ALPHA: Final = 92
_PASSED_ON: Final = frozenset({Qt.Key_Escape, Qt.Key_Tab, Qt.Key_Backtab, Qt.Key_Up, Qt.Key_Down})


class Field(QWidget):
    """A pill in which text is typed: dots when `secret`, letters otherwise."""

    submitted = pyqtSignal()
    emptied = pyqtSignal()
    edited = pyqtSignal()

    def __init__(self, parent: QWidget, theme: Theme, clock: KeyClock) -> None:
        super().__init__(parent)
        self._theme, self._clock = theme, clock
        self._composed: list[tuple[int, str]] = []
        self._unit = 1.0
        self._typed = bytearray()
        self._secret = True
        self._hint = ""
        self._keyboard = Keyboard()
        self._caret = False
        self._open = True
        self._progress: float | None = None
        self._held = 0
        self._blink = QTimer(self)
        self._blink.setInterval(_BLINK_MS)
        self._blink.timeout.connect(self._blinked)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setAttribute(Qt.WA_InputMethodEnabled)
        self.setInputMethodHints(Qt.ImhHiddenText | Qt.ImhSensitiveData | Qt.ImhNoPredictiveText)
        self.setCursor(Qt.IBeamCursor)

    # ---- what the window uses

    def set_unit(self, unit: float) -> None:
        """Set X pixels per design unit."""
        self._unit = unit
        self.update()

    def ask(self, hint: str, secret: bool) -> None:
        """Show `hint` while nothing is typed; dots instead of letters when `secret`."""
        self._hint, self._secret = hint, secret
        self.setAccessibleName(hint)
        self.update()

    def show_keyboard(self, keyboard: Keyboard) -> None:
        """Show caps lock and the layout inside the field."""
        if keyboard != self._keyboard:
            self._keyboard = keyboard
            self.update()

    def set_open(self, is_open: bool) -> None:
        """Take keys, or let them pass unused while an answer is being checked."""
        self._open = is_open
        self._show_caret()

    def show_progress(self, share: float | None) -> None:
        """Fill the pill as far (0 to 1), instead of a caret; None for the field as it is."""
        if share != self._progress:
            self._progress = share
            self.setAccessibleDescription("" if share is None else f"{share:.0%}")
            self.update()

    def take(self) -> bytearray:
        """Hand over what was typed, as UTF-8; the field is empty afterwards."""
        taken, self._typed = self._typed, bytearray()
        self.update()
        return taken

    def is_empty(self) -> bool:
        """Return whether nothing is typed."""
        return not self._typed

    def clear(self) -> None:
        """Overwrite and forget what was typed."""
        self._composed.clear()
        wipe(self._typed)
        self.update()

    # ---- keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Type, erase, submit."""
        if not self._open:
            event.accept()
            return
        submits = event.key() in {Qt.Key_Return, Qt.Key_Enter}
        self._take_composed(before_ms=None if submits else event.timestamp())
        control = bool(event.modifiers() & Qt.ControlModifier)
        if submits:
            if not event.isAutoRepeat():
                self.submitted.emit()
        elif event.key() == Qt.Key_Backspace:
            self._erase(event.isAutoRepeat(), whole=control)
        elif control and event.key() in {Qt.Key_U, Qt.Key_A}:
            self._erase(repeated=False, whole=True)
        elif event.key() in _PASSED_ON or control:
            super().keyPressEvent(event)
        else:
            self._type(event.text())

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Take what dead keys and compose sequences make."""
        if self._open and event.commitString():
            self._composed.append((self._clock.pressed_ms, event.commitString()))
            QTimer.singleShot(0, self._take_composed)
        event.accept()

    def _take_composed(self, before_ms: int | None = None) -> None:
        """Type what was composed before the key of X time `before_ms`; all of it where that is None."""
        while self._composed and (before_ms is None or self._composed[0][0] < before_ms):
            self._type(self._composed.pop(0)[1])

    def _type(self, text: str) -> None:
        letters = "".join(letter for letter in text if category(letter) != "Cc")
        added = letters.encode("utf-8", "ignore")
        if not added or len(self._typed) + len(added) > MAX_BYTES:
            return
        self._grow(added)
        self._show_caret()
        self.edited.emit()

    def _grow(self, added: bytes) -> None:
        """Append without leaving the old buffer's bytes behind in freed memory."""
        grown = bytearray(len(self._typed) + len(added))
        grown[: len(self._typed)] = self._typed
        grown[len(self._typed) :] = added
        wipe(self._typed)
        self._typed = grown

    def _erase(self, repeated: bool, whole: bool) -> None:
        self._held = self._held + 1 if repeated else 0
        if whole or self._held >= _HELD_BACKSPACES:
            self.clear()
        else:
            while self._typed and self._typed.pop() & 0xC0 == 0x80:
                continue
        self._show_caret()
        self.edited.emit()
        if not self._typed:
            self.emptied.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the caret."""
        super().focusInEvent(event)
        self._show_caret()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the caret."""
        super().focusOutEvent(event)
        self._blink.stop()
        self._caret = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the focus; there is nothing to select."""
        self.setFocus(Qt.MouseFocusReason)

    def _show_caret(self) -> None:
        self._caret = self.hasFocus() and self._open
        if self._caret:
            self._blink.start()
        else:
            self._blink.stop()
        self.update()

    def _blinked(self) -> None:
        self._caret = not self._caret
        self.update()

    # ---- drawing

    def sizeHint(self) -> QSize:
        """Return the present size: the layout decides."""
        return self.size()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pill, what is typed, and the keyboard's hints."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        self._paint_pill(painter)
        inner = QRectF(self.rect()).adjusted(_PADDING * self._unit, 0, -_PADDING * self._unit, 0)
        mirrored = self.layoutDirection() == Qt.RightToLeft
        used = self._paint_hints(painter, inner, mirrored)
        inner = inner.adjusted(used, 0, 0, 0) if mirrored else inner.adjusted(0, 0, -used, 0)
        painter.setClipRect(inner.adjusted(-2 * self._unit, 0, 2 * self._unit, 0))
        if not self._typed:
            self._paint_placeholder(painter, inner)
        elif self._secret:
            self._paint_dots(painter, inner, mirrored)
        else:
            self._paint_letters(painter, inner)
        painter.end()

    def _paint_pill(self, painter: QPainter) -> None:
        line = max(1.0, self._unit * (1.6 if self.hasFocus() else 1.0))
        area = QRectF(self.rect()).adjusted(line / 2, line / 2, -line / 2, -line / 2)
        colour = self._theme.focus if self.hasFocus() else self._theme.edge
        painter.setPen(QPen(colour, line))
        painter.setBrush(self._theme.glass_focus if self.hasFocus() else self._theme.glass)
        painter.drawRoundedRect(area, area.height() / 2, area.height() / 2)
        if self._progress is not None:
            self._paint_progress(painter, area, self._progress)

    def _paint_progress(self, painter: QPainter, area: QRectF, share: float) -> None:
        """Fill the pill from where reading begins."""
        filled = area.width() * share
        left = area.right() - filled if self.layoutDirection() == Qt.RightToLeft else area.left()
        shape, part = QPainterPath(), QPainterPath()
        shape.addRoundedRect(area, area.height() / 2, area.height() / 2)
        part.addRect(QRectF(left, area.top(), filled, area.height()))
        colour = QColor(self._theme.accent)
        colour.setAlpha(_FILL_ALPHA)
        painter.fillPath(shape.intersected(part), colour)

    def _paint_hints(self, painter: QPainter, inner: QRectF, mirrored: bool) -> float:
        """Draw caps lock and layout at the far end; return how much room they took, in X pixels."""
        used = 0.0
        for text in filter(None, (self._keyboard.layout, "⇪" if self._keyboard.caps_lock else "")):
            is_caps = text == "⇪"
            painter.setFont(font((17 if is_caps else 13) * self._unit, 600))
            width = QFontMetricsF(painter.font()).horizontalAdvance(text)
            left = inner.left() + used if mirrored else inner.right() - used - width
            painter.setPen(self._theme.text if is_caps else self._theme.quiet)
            painter.drawText(QRectF(left, inner.top(), width + 1, inner.height()), Qt.AlignCenter, text)
            used += width + 10 * self._unit
        return used

    def _paint_placeholder(self, painter: QPainter, inner: QRectF) -> None:
        painter.setFont(font(16 * self._unit))
        painter.setPen(self._theme.quiet if self._progress is None else self._theme.text)
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(self._hint, Qt.ElideRight, inner.width())
        mirrored = self.layoutDirection() == Qt.RightToLeft
        side = Qt.AlignRight if mirrored else Qt.AlignLeft
        painter.drawText(inner, int(side | Qt.AlignVCenter | Qt.AlignAbsolute), text)
        self._paint_caret(painter, inner.right() if mirrored else inner.left(), inner)

    def _paint_dots(self, painter: QPainter, inner: QRectF, mirrored: bool) -> None:
        count = sum(byte & 0xC0 != 0x80 for byte in self._typed)
        step, radius = _DOT_STEP * self._unit, _DOT_RADIUS * self._unit
        shown = min(count, int(inner.width() // step))
        painter.setPen(Qt.NoPen)
        painter.setBrush(self._theme.text)
        for number in range(shown):
            along = (number + 0.5) * step
            x = inner.right() - along if mirrored else inner.left() + along
            painter.drawEllipse(QPointF(x, inner.center().y()), radius, radius)
        end = inner.right() - shown * step if mirrored else inner.left() + shown * step
        self._paint_caret(painter, end, inner)

    def _paint_letters(self, painter: QPainter, inner: QRectF) -> None:
        painter.setFont(font(16 * self._unit))
        painter.setPen(self._theme.text)
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(self._typed.decode("utf-8", "replace"), Qt.ElideLeft, inner.width())
        painter.drawText(inner, int(Qt.AlignLeft | Qt.AlignVCenter | Qt.AlignAbsolute), text)
        self._paint_caret(painter, inner.left() + metrics.horizontalAdvance(text) + self._unit, inner)

    def _paint_caret(self, painter: QPainter, x: float, inner: QRectF) -> None:
        if self._caret:
            half = 10 * self._unit
            painter.setPen(QPen(self._theme.text, max(1.0, 1.4 * self._unit)))
            painter.drawLine(QPointF(x, inner.center().y() - half), QPointF(x, inner.center().y() + half))
