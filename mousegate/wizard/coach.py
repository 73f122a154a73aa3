"""A panel above the rehearsal screen: what the last repetition was like. It takes no input and no focus."""

from collections.abc import Callable

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QGuiApplication, QPainterPath, QRegion
from PyQt5.QtWidgets import QVBoxLayout, QWidget

from mousegate.core.rhythm import REPETITIONS
from mousegate.wizard.look import DARK, Look, style_sheet
from mousegate.wizard.meters import HoldBars
from mousegate.wizard.parts import Card, label
from mousegate.wizard.trials import Attempt, RepetitionTold, describe

_FLAGS = (
    Qt.Tool | Qt.FramelessWindowHint | Qt.WindowStaysOnTopHint | Qt.X11BypassWindowManagerHint
    | Qt.WindowTransparentForInput | Qt.WindowDoesNotAcceptFocus
)  # fmt: skip


class Coach(QWidget):
    """Shown after each repetition, never during one: bars that grow would teach the eye, not the hand."""

    def __init__(self, look: Look, tr: Callable[[str], str]) -> None:
        super().__init__(None, Qt.WindowFlags(_FLAGS))
        self._tr = tr
        self._look = dark = Look(DARK, look.unit)
        self.setAttribute(Qt.WA_ShowWithoutActivating)
        self.setObjectName("coach")
        self.setWindowTitle("mousegate")
        self.setStyleSheet(style_sheet(dark) + f"QWidget#coach {{ background: {DARK.card}; }}")
        self._title, self._text = label("", "heading"), label("", "quiet")
        self._bars = HoldBars(dark)
        card = Card(dark, self._title, self._bars, self._text, gap=10)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(card)

    def tell_repetition(self, one: RepetitionTold) -> None:
        """Show the holds of the repetition that was just made beside those before it."""
        if one.problem:
            self._title.setText(self._tr("That one did not fit"))
            self._bars.say(one.taken, one.rhythm, one.spread)
            self._text.setText(one.problem)
        else:
            count = len(one.taken) + 1
            self._title.setText(self._tr("{0} of {1}").format(count, REPETITIONS))
            self._bars.say([*one.taken, one.rhythm], (), one.spread)
            self._text.setText(self._closest(one))
        self._bars.show()
        self._appear()

    def tell_attempt(self, one: Attempt) -> None:
        """Show what came of an attempt."""
        self._bars.hide()
        self._title.setText(self._tr("Let in") if one.passed else self._tr("Kept out"))
        self._text.setText(describe(one))
        self._appear()

    def _closest(self, one: RepetitionTold) -> str:
        if not one.taken or not one.spread:
            return self._tr("Do the same again.")
        most = max(range(len(one.spread)), key=lambda click: one.spread[click])
        if one.spread[most] < 0.5:
            return self._tr("Very even.")
        return self._tr("Click {0} varies most: it uses {1} % of what may vary.").format(
            most + 1, round(100 * one.spread[most])
        )

    def _appear(self) -> None:
        """Stand at the left, where the rehearsal screen has room; at the bottom of a tall one."""
        whole, px = QGuiApplication.primaryScreen().geometry(), self._look.px
        column = whole.height() / 720 * 400 if whole.width() > whole.height() else whole.width()
        free = (whole.width() - column) / 2
        width = min(max(int(free) - px(40), px(230)), px(380))
        self.setFixedWidth(width)
        self.adjustSize()
        if free >= width:
            self.move(whole.left() + px(24), whole.top() + (whole.height() - self.height()) // 2)
        else:
            self.move(whole.left() + (whole.width() - width) // 2, whole.bottom() - self.height() - px(24))
        corners = QPainterPath()
        corners.addRoundedRect(QRectF(self.rect()), px(14), px(14))
        self.setMask(QRegion(corners.toFillPolygon().toPolygon()))
        self.show()
        self.raise_()
