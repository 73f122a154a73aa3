"""The pieces that pages are made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QRectF, QSize, Qt
from PyQt5.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mousegate.wizard.look import Look


def label(text: str, kind: str = "body", selectable: bool = False) -> QLabel:
    """Return a text that wraps; `kind` is a name of the style sheet."""
    made = QLabel(text)
    made.setObjectName(kind)
    made.setWordWrap(True)
    if selectable:
        made.setTextInteractionFlags(Qt.TextSelectableByMouse | Qt.TextSelectableByKeyboard)
    return made


def button(text: str, act: Callable[[], None], kind: str = "usual") -> QPushButton:
    """Return a button; an ampersand in `text` names its key."""
    made = QPushButton(text)
    made.setProperty("kind", kind)
    made.setCursor(Qt.PointingHandCursor)
    made.setAutoDefault(True)
    made.clicked.connect(lambda checked: act())
    return made


def column(look: Look, *parts: QWidget, gap: float = 12, margin: float = 0) -> QVBoxLayout:
    """Return widgets below each other."""
    layout = QVBoxLayout()
    layout.setSpacing(look.px(gap))
    layout.setContentsMargins(*[look.px(margin) if margin else 0] * 4)
    for part in parts:
        layout.addWidget(part)
    return layout


def row(look: Look, *parts: QWidget | None, gap: float = 12) -> QHBoxLayout:
    """Return widgets beside each other; None is a gap that grows."""
    layout = QHBoxLayout()
    layout.setSpacing(look.px(gap))
    layout.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        if part is None:
            layout.addStretch(1)
        else:
            layout.addWidget(part)
    return layout


class Card(QFrame):
    """A sheet on the paper."""

    def __init__(self, look: Look, *parts: QWidget, kind: str = "card", gap: float = 8) -> None:
        super().__init__()
        self.setObjectName(kind)
        self.column = column(look, *parts, gap=gap)
        self.column.setContentsMargins(look.px(22), look.px(18), look.px(22), look.px(18))
        self.setLayout(self.column)


@dataclass(frozen=True, slots=True)
class Option:
    """One of several to choose from."""

    value: str
    title: str
    text: str


class Choice(QAbstractButton):
    """A choice with a title and a line of explanation; the arrow keys move between those of one group."""

    def __init__(self, look: Look, option: Option) -> None:
        super().__init__()
        self._look, self._option = look, option
        self.setText(option.title)
        self.setAccessibleDescription(option.text)
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setFocusPolicy(Qt.StrongFocus)
        self.setCursor(Qt.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Expanding, QSizePolicy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """The text wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height that the wrapped text needs."""
        px = self._look.px
        inner = width - px(22 + 20 + 14 + 22)
        metrics = QFontMetrics(self._look.font(14))
        wrapped = metrics.boundingRect(0, 0, max(inner, 50), 10_000, Qt.TextWordWrap, self._option.text)
        return px(14) + px(22) + px(3) + wrapped.height() + px(15)

    def sizeHint(self) -> QSize:
        """Return a usual size."""
        return QSize(self._look.px(420), self.heightForWidth(self._look.px(420)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows choose the next or the previous one."""
        step = {Qt.Key_Down: 1, Qt.Key_Right: 1, Qt.Key_Up: -1, Qt.Key_Left: -1}.get(Qt.Key(event.key()))
        if step is None or self.parentWidget() is None:
            super().keyPressEvent(event)
            return
        group = [one for one in self.parentWidget().findChildren(Choice) if one.parent() is self.parent()]
        other = group[(group.index(self) + step) % len(group)]
        other.setFocus()
        other.click()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, the ring, the title and the text."""
        look, px = self._look, self._look.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        chosen, focused = self.isChecked(), self.hasFocus()
        width = px(2) if chosen or focused else px(1)
        box = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        painter.setPen(QPen(look.colour("accent" if chosen or focused else "line"), width))
        painter.setBrush(look.colour("accent_soft" if chosen else "card"))
        painter.drawRoundedRect(box, px(12), px(12))
        ring = QRectF(px(20), px(15), px(19), px(19))
        painter.setPen(QPen(look.colour("accent" if chosen else "quiet"), px(1.6)))
        painter.setBrush(look.colour("card"))
        painter.drawEllipse(ring)
        if chosen:
            painter.setPen(Qt.NoPen)
            painter.setBrush(look.colour("accent"))
            painter.drawEllipse(ring.adjusted(px(5), px(5), -px(5), -px(5)))
        left = px(22 + 20 + 14)
        painter.setPen(look.colour("text"))
        painter.setFont(look.font(15.5, QFont.DemiBold))
        painter.drawText(
            QRectF(left, px(13), self.width() - left - px(16), px(24)), Qt.AlignVCenter, self.text()
        )
        painter.setPen(look.colour("quiet"))
        painter.setFont(look.font(14))
        area = QRectF(left, px(14 + 22 + 3), self.width() - left - px(22), self.height())
        painter.drawText(area, int(Qt.TextWordWrap), self._option.text)
        painter.end()


class Chooser(QWidget):
    """Several choices of which one holds. `chosen(value)` is called when the person changes it."""

    def __init__(self, look: Look, options: Sequence[Option], chosen: Callable[[str], None]) -> None:
        super().__init__()
        self._choices = {option.value: Choice(look, option) for option in options}
        self.setLayout(column(look, *self._choices.values(), gap=8))
        for value, choice in self._choices.items():
            choice.clicked.connect(lambda checked, value=value: chosen(value))

    def show_value(self, value: str) -> None:
        """Mark the choice that holds."""
        if value in self._choices:
            self._choices[value].setChecked(True)


def clear(layout: QVBoxLayout | QHBoxLayout) -> None:
    """Take everything out of a layout."""
    while layout.count():
        item = layout.takeAt(0)
        widget, inner = item.widget(), item.layout()
        if isinstance(inner, QVBoxLayout | QHBoxLayout):
            clear(inner)
        elif isinstance(widget, QWidget):
            widget.hide()
            widget.deleteLater()
