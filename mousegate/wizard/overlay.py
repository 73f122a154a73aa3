"""Questions within the window: a card over the page, which waits beneath."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QObject, Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PyQt5.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from mousegate.wizard.look import Look
from mousegate.wizard.parts import Card, button, clear, label, row


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its button's words, what it does with what was typed (if anything), and how it looks.

    The last one is Escape's.
    """

    text: str
    act: Callable[[str], object]
    kind: str = "usual"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. secret: name of a password to be typed, which answers get; mark: see Overlay.mark."""

    title: str
    text: str
    answers: Sequence[Answer]
    secret: str = ""
    mark: str = "?"


class Overlay(QWidget):
    """Covers `window` while something is asked; `beneath` takes no input then. changed: it came or went."""

    changed = pyqtSignal()

    def __init__(self, window: QWidget, look: Look, *beneath: QWidget) -> None:
        super().__init__(window)
        self._look, self._beneath = look, beneath
        self._card = Card(look, gap=14)
        self._card.setFixedWidth(look.px(520))
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(self._card, 0, Qt.AlignHCenter)
        outer.addStretch(3)
        self._answers: list[QPushButton] = []
        self._queue: list[Question] = []
        self._mark = ""
        self.entry: QLineEdit | None = None
        window.installEventFilter(self)
        self.hide()

    @property
    def mark(self) -> str:
        """Say in one character what covers the window: "?" a question, "!" a problem told, "" nothing."""
        return self._mark if self.isVisible() else ""

    def ask(self, question: Question) -> None:
        """Ask, after whatever is being asked."""
        if self.isVisible():
            self._queue.append(question)
            return
        self._mark = question.mark
        column = self._card.column
        clear(column)
        column.addWidget(label(question.title, "heading"))
        words = label(question.text, "body", selectable=True)
        column.addWidget(words)
        words.ensurePolished()
        inner = self._card.width() - column.contentsMargins().left() - column.contentsMargins().right()
        words.setFixedHeight(words.heightForWidth(inner))  # a layout that is centred does not ask for it
        self.entry = self._entry(question.secret) if question.secret else None
        self._answers = [
            button(one.text, lambda one=one: self._answered(one), one.kind)  # type: ignore[misc]
            for one in question.answers
        ]
        line = row(self._look, None, *reversed(self._answers), gap=8)
        column.addLayout(line)
        for part in self._beneath:
            part.setEnabled(False)
        self.setGeometry(self.parentWidget().rect())
        self.show()
        self.raise_()
        (self.entry or self._answers[0]).setFocus()
        self._answers[0].setDefault(True)
        self.changed.emit()

    def _entry(self, name: str) -> QLineEdit:
        entry = QLineEdit()
        entry.setEchoMode(QLineEdit.Password)
        entry.setPlaceholderText(name)
        entry.setAccessibleName(name)
        entry.returnPressed.connect(self._confirm)
        self._card.column.addWidget(entry)
        return entry

    def _confirm(self) -> None:
        self._answers[0].click()

    def _answered(self, answer: Answer) -> None:
        typed = self.entry.text() if self.entry is not None else ""
        self.hide()
        for part in self._beneath:
            part.setEnabled(True)
        self.changed.emit()
        answer.act(typed)
        if self._queue and not self.isVisible():
            self.ask(self._queue.pop(0))

    def escape(self) -> None:
        """Give the last answer."""
        self._answers[-1].click()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return is the button that has the focus."""
        if event.key() in (Qt.Key_Return, Qt.Key_Enter):
            next((one for one in self._answers if one.hasFocus()), self._answers[0]).click()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the window's size."""
        if isinstance(event, QResizeEvent) and self.isVisible():
            self.resize(event.size())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """Dim what is beneath."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._look.colour("rail", 190))
        painter.end()
