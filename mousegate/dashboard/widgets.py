"""Small parts that every page is built of."""

from typing import Final

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

GAP: Final = 14


def label(text: str = "", name: str = "", wrap: bool = False) -> QLabel:
    """Return a text that can be selected by mouse; `name` is its style."""
    one = QLabel(text)
    one.setObjectName(name)
    one.setWordWrap(wrap)
    one.setTextFormat(Qt.PlainText)
    return one


class Card(QFrame):
    """A rounded box with a heading."""

    def __init__(self, heading: str = "", note: str = "") -> None:
        super().__init__()
        self.setObjectName("card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(18, 14, 18, 16)
        self.body.setSpacing(8)
        if heading:
            top = QHBoxLayout()
            top.addWidget(label(heading, "heading"))
            top.addStretch()
            if note:
                top.addWidget(label(note, "quiet"))
            self.body.addLayout(top)


class Figure(Card):
    """One number with its name above and a remark below."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._number, self._remark = label(name="figure"), label(name="quiet", wrap=True)
        self.body.setSpacing(2)
        self.body.addWidget(label(name, "quiet"))
        self.body.addWidget(self._number)
        self.body.addWidget(self._remark)
        self.body.addStretch()
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Preferred)

    def tell(self, number: str, remark: str, colour: str = "") -> None:
        """Show them."""
        self._number.setText(number)
        self._number.setStyleSheet(f"color: {colour}" if colour else "")
        self._remark.setText(remark)
        self.setAccessibleName(f"{self._name}: {number}. {remark}")


class Either(QWidget):
    """A widget, or a text in its place that says why it is empty."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self._stack = QStackedLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._empty = label(name="empty", wrap=True)
        self._empty.setAlignment(Qt.AlignCenter)
        self._empty.setMinimumWidth(200)
        self._empty.setMaximumWidth(620)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.addStretch(1)
        row.addWidget(self._empty, 6)
        row.addStretch(1)
        self._stack.addWidget(widget)
        self._stack.addWidget(middle)

    def tell(self, empty: str) -> None:
        """Show the text, or the widget where it is empty."""
        self._empty.setText(empty)
        self._stack.setCurrentIndex(1 if empty else 0)


def plain_list(name: str) -> QListWidget:
    """Return a list that is moved through with the arrow keys."""
    one = QListWidget()
    one.setObjectName("list")
    one.setAccessibleName(name)
    one.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
    one.setTextElideMode(Qt.ElideRight)
    return one
