"""The first page: what mousegate will protect, and what it will not."""

from typing import Final

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QHBoxLayout, QLabel

from mousegate.storage.translation import marked
from mousegate.wizard.look import Look
from mousegate.wizard.page import Page, Translate
from mousegate.wizard.parts import Card, label
from mousegate.wizard.presenter import Presenter

_DOES: Final = (
    marked(
        "Your lock screen asks for three things: your password, a rhythm of clicks that only you know, and "
        "the way you move the mouse."
    ),
    marked("Somebody who has watched you type the password, and sits at your own mouse, is still kept out."),
    marked(
        "While you work, mousegate can tell you, or lock, when another hand seems to have taken the mouse."
    ),
)
_DOES_NOT: Final = (
    marked("Movement alone is weak evidence. The rhythm is the strong part: do not show it around."),
    marked("Programs in your own X11 session can watch and move the mouse. Nothing on X11 can prevent that."),
    marked("Whoever is root, or takes out a disk that is not encrypted, needs no lock screen."),
)


class WelcomePage(Page):
    """Explains in plain words."""

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__(look, presenter, tr)
        self.name = tr("Welcome")
        self.head(
            tr("Your password can be seen.\nThe way you hold and move your mouse cannot be typed in."),
            tr("In about ten minutes mousegate learns both, and your lock screen asks for them."),
        )
        does = self._card(tr("What it will protect"), _DOES, "✓", "good")
        does_not = self._card(tr("What it will not protect"), _DOES_NOT, "·", "quiet")
        cards = QHBoxLayout()
        cards.setSpacing(look.px(18))
        cards.addWidget(does)
        cards.addWidget(does_not)
        self.body.addLayout(cards)
        self.body.addWidget(
            Card(
                look,
                label(tr("What is recorded"), "heading"),
                label(
                    tr(
                        "Only where the pointer is and when its buttons are down; never keys, window titles "
                        "or what is on the screen. It stays in your home directory, and one click deletes "
                        "all of it. Recovery codes on paper let you in when your hand is in plaster."
                    )
                ),
                kind="notice",
            )
        )
        self.body.addStretch(1)

    def _card(self, title: str, lines: tuple[str, ...], mark: str, kind: str) -> Card:
        card = Card(self.look, label(title, "heading"), gap=12)
        for text in lines:
            line = QHBoxLayout()
            line.setSpacing(self.look.px(12))
            sign = QLabel(mark)
            sign.setObjectName(kind)
            sign.setFixedWidth(self.look.px(16))
            line.addWidget(sign, 0, Qt.AlignTop)
            line.addWidget(label(self._tr(text)), 1)
            card.column.addLayout(line)
        card.column.addStretch(1)
        return card
