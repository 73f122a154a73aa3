"""The second page: what was found on this computer, and what to do about it."""

from typing import Final

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QFont, QPainter, QPaintEvent
from PyQt5.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mousegate.wizard.findings import BLOCKING, Finding
from mousegate.wizard.look import Look
from mousegate.wizard.page import Page, Translate
from mousegate.wizard.parts import Card, button, clear, label, row
from mousegate.wizard.presenter import Presenter
from mousegate.wizard.rail import tick

_NAMES: Final = {
    "display": "X11 screen", "pam": "Password check (PAM)", "model": "Recognition model",
    "config": "Configuration", "store": "What is stored", "notifications": "Notifications",
    "units": "systemd services", "fonts": "Fonts",
    "enrolment": "Enrolment", "recovery": "Recovery codes",
}  # fmt: skip
_LATER: Final = frozenset({"store", "enrolment", "recovery"})
"""What setting up itself takes care of."""
_RANK: Final = {"problem": 2, "hint": 1, "good": 0}


class ChecksPage(Page):
    """Shows one line per subject, the worst finding first."""

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__(look, presenter, tr)
        self.name = tr("This computer")
        self.head(
            tr("Is this computer ready?"),
            tr("mousegate rests on a few things. What is missing can be mended now, and looked at again."),
        )
        self._card = Card(look, gap=0)
        self._card.column.setContentsMargins(look.px(22), look.px(8), look.px(22), look.px(8))
        self.body.addWidget(self._card)
        self._again = button(tr("&Look again"), presenter.check)
        self.body.addLayout(row(look, self._again, None))
        self.body.addStretch(1)
        self._shown: object = None

    def refresh(self) -> None:
        """Show what was found."""
        findings = self.presenter.findings
        self._again.setEnabled(findings is not None)
        if findings is self._shown and findings is not None:
            return
        self._shown = findings
        clear(self._card.column)
        if findings is None:
            self._card.column.addWidget(label(self._tr("Looking…"), "quiet"))
            return
        subjects = dict.fromkeys(one.subject for one in findings.all if one.subject not in _LATER)
        for subject in subjects:
            self._card.column.addWidget(self._line([one for one in findings.all if one.subject == subject]))

    def _line(self, about: list[Finding]) -> QWidget:
        """Return one subject's line: its worst findings, or that all is well."""
        look, tr = self.look, self._tr
        worst = max(about, key=lambda one: _RANK.get(one.health, 2)).health
        line = QWidget()
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, look.px(11), 0, look.px(11))
        layout.setSpacing(look.px(14))
        layout.addWidget(Sign(look, worst), 0, Qt.AlignTop)
        name = label(tr(_NAMES.get(about[0].subject, about[0].subject)), "heading")
        name.setFixedWidth(look.px(210))
        layout.addWidget(name, 0, Qt.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(look.px(4))
        for one in [one for one in about if one.health == worst] if worst != "good" else about[:1]:
            text = one.text[:1].upper() + one.text[1:]
            texts.addWidget(label(text, "body", selectable=True))
            if one.mend:
                texts.addWidget(label(one.mend[:1].upper() + one.mend[1:], "quiet", selectable=True))
        if worst == "problem" and about[0].subject in BLOCKING:
            texts.addWidget(label(tr("This must be mended before you can go on."), "problem"))
        layout.addLayout(texts, 1)
        return line


class Sign(QWidget):
    """A tick, an i or an exclamation mark, each of its own shape so that colour is not all."""

    def __init__(self, look: Look, health: str) -> None:
        super().__init__()
        self._look, self._health = look, health
        self.setFixedSize(look.px(24), look.px(24))
        self.setAccessibleName(health)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        look = self._look
        colour = look.colour({"good": "good", "hint": "warn"}.get(self._health, "bad"))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        disc = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(Qt.NoPen)
        soft = type(colour)(colour)
        soft.setAlpha(40)
        painter.setBrush(soft)
        painter.drawEllipse(disc)
        if self._health == "good":
            tick(painter, disc, colour, look.px(2))
        else:
            painter.setPen(colour)
            painter.setFont(look.font(14, QFont.Bold))
            painter.drawText(disc, Qt.AlignCenter, "i" if self._health == "hint" else "!")
        painter.end()
