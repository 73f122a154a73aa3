"""What every page is."""

from collections.abc import Callable, Sequence
from typing import Protocol

from PyQt5.QtWidgets import QVBoxLayout, QWidget

from mousegate.wizard.look import Look
from mousegate.wizard.overlay import Answer
from mousegate.wizard.parts import label
from mousegate.wizard.presenter import Presenter

Translate = Callable[[str], str]


class Asker(Protocol):
    """Who can ask the person something within the window."""

    def ask(self, title: str, text: str, answers: Sequence[Answer], secret: str = "") -> None:
        """Ask (see Overlay.ask)."""


class Page(QWidget):
    """One step. `name` stands in the list of steps. `fills`: it takes the whole window."""

    name = ""
    fills = False
    asker: Asker | None = None

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__()
        self.look, self.presenter, self._tr = look, presenter, tr
        self.setObjectName("page")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(look.px(56), look.px(44), look.px(56), look.px(20))
        self.body.setSpacing(look.px(14))

    def head(self, title: str, lead: str) -> None:
        """Put the title and what it is about at the top."""
        self.body.addWidget(label(title, "title"))
        text = label(lead, "lead")
        text.setMaximumWidth(self.look.px(820))
        self.body.addWidget(text)
        self.body.addSpacing(self.look.px(8))

    def enter(self) -> None:
        """The page is shown from now on."""

    def leave(self) -> None:
        """The page is shown no more."""

    def refresh(self) -> None:
        """Show anew what the presenter knows."""

    def first_focus(self) -> None:
        """Give the keyboard to what is used first."""
