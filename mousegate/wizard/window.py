"""The window: the steps at its left, one page at a time, and the way on below. It decides nothing."""

from collections.abc import Callable, Sequence
from typing import Final

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtGui import QCloseEvent, QKeySequence
from PyQt5.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QShortcut,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from mousegate.wizard.look import DARK, LIGHT, Look, style_sheet
from mousegate.wizard.overlay import Answer, Overlay, Question
from mousegate.wizard.page import Page
from mousegate.wizard.parts import button, label, row
from mousegate.wizard.presenter import Presenter
from mousegate.wizard.rail import Rail
from mousegate.wizard.steps import Step

CLASS_HINT: Final = "mousegate-setup"
MakePages = Callable[[Look], dict[Step, Page]]


class Window(QWidget):
    """The wizard's window. Its title is "mousegate setup: STEP", at the end "mousegate setup: armed".

    " ?" follows while something is asked, " !" while a problem is told, " ..." while something is being done.
    """

    def __init__(
        self, presenter: Presenter, look: Look, make_pages: MakePages, tr: Callable[[str], str]
    ) -> None:
        super().__init__()
        self._presenter, self._look, self._make_pages, self._tr = presenter, look, make_pages, tr
        self._leaving = False
        self._step = Step.WELCOME
        self.setObjectName("window")
        self.setWindowTitle("mousegate setup")
        self.setMinimumSize(look.px(900), look.px(620))
        self._outer = QHBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(0)
        self._build()
        for keys, act in (
            ("Alt+Left", self._backward),
            ("Alt+Right", self._forward),
            ("Escape", self._escaped),
        ):
            QShortcut(QKeySequence(keys), self, act)

    # ---- building

    def _build(self) -> None:
        """Make everything anew, in the present look."""
        look, tr = self._look, self._tr
        self.setStyleSheet(style_sheet(look))
        self._pages = self._make_pages(look)
        self._rail = Rail(look, {step: page.name for step, page in self._pages.items()}, self._presenter, tr)
        self._rail.toggled.connect(self._toggle_look)
        self._outer.addWidget(self._rail)
        self._content = QWidget()
        self._content.setObjectName("content")
        self._outer.addWidget(self._content, 1)
        self._overlay = Overlay(self, look, self._content, self._rail)
        self._overlay.changed.connect(self._name)
        whole = QVBoxLayout(self._content)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        holder = QWidget()
        self._stack = QStackedLayout(holder)
        for page in self._pages.values():
            page.asker = self
            self._stack.addWidget(page if page.fills else _scrolled(page))
        whole.addWidget(holder, 1)
        whole.addWidget(self._footer())

    def _footer(self) -> QWidget:
        look, tr = self._look, self._tr
        footer = QFrame()
        footer.setObjectName("content")
        self._back = button(tr("&Back"), self._presenter.back, "plain")
        self._stop = button(tr("&Stop here"), self.ask_to_stop, "plain")
        self._next = button(tr("&Continue"), self._presenter.next, "primary")
        self._hint = label("", "quiet")
        self._hint.setAlignment(Qt.AlignRight | Qt.AlignVCenter)
        line = row(look, self._back, self._stop, gap=8)
        line.addWidget(self._hint, 1)
        line.addSpacing(look.px(12))
        line.addWidget(self._next)
        line.setContentsMargins(look.px(40), look.px(12), look.px(48), look.px(24))
        footer.setLayout(line)
        return footer

    def _toggle_look(self) -> None:
        palette = LIGHT if self._look.palette is DARK else DARK
        self._look = Look(palette, self._look.unit)
        self._pages[self._step].leave()
        for part in (self._rail, self._content):
            self._outer.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._overlay.close()
        self._build()
        self.show_step(self._step)

    def present(self) -> None:
        """Show the window as large as the screen allows; a window manager keeps its panels free."""
        self.setGeometry(QApplication.primaryScreen().availableGeometry())
        self.showMaximized()
        self.raise_()
        self.activateWindow()

    # ---- presenter.View

    def show_step(self, step: Step) -> None:
        """Show the page of this step."""
        if step is not self._step:
            self._pages[self._step].leave()
        self._step = step
        page = self._pages[step]
        self._rail.setVisible(not page.fills)
        self._stack.setCurrentIndex(list(self._pages).index(step))
        page.enter()
        self.refresh()
        self._next.setFocus()
        page.first_focus()

    def refresh(self) -> None:
        """Show anew what pages and footer tell."""
        presenter = self._presenter
        self._pages[self._step].refresh()
        self._rail.refresh()
        self._name()
        obstacle = presenter.obstacle()
        self._hint.setText(obstacle)
        last = self._step is Step.ARM
        self._next.setVisible(not last)
        was_possible, possible = self._next.isEnabled(), not obstacle and not presenter.busy
        if not possible and self._next.hasFocus():
            self.setFocus()  # or it would go to the next part that takes keys, whatever that is
        self._next.setEnabled(possible)
        if possible and not was_possible:
            self._next.setFocus()  # and not on Stop, where the focus of a button that was held back goes
        self._next.setText(self._tr("&Begin") if self._step is Step.WELCOME else self._tr("&Continue"))
        self._back.setVisible(self._step is not Step.WELCOME and not presenter.armed)
        self._back.setEnabled(not presenter.busy)
        self._stop.setText(self._tr("&Close") if presenter.armed else self._tr("&Stop here"))

    def _name(self) -> None:
        state = "armed" if self._presenter.armed else self._step.value
        mark = self._overlay.mark or ("..." if self._presenter.busy else "")
        self.setWindowTitle(f"mousegate setup: {state} {mark}".rstrip())

    def say_problem(self, text: str) -> None:
        """Tell what went wrong and what to do."""
        read = Answer(self._tr("&All right"), _nothing, "primary")
        self._overlay.ask(Question(self._tr("That did not work"), text, [read], mark="!"))

    def leave(self) -> None:
        """Close without asking."""
        self._leaving = True
        self._pages[self._step].leave()
        self.close()

    # ---- asking

    def ask(self, title: str, text: str, answers: Sequence[Answer], secret: str = "") -> None:
        """Ask within the window (see Question)."""
        self._overlay.ask(Question(title, text, answers, secret))

    def ask_to_stop(self) -> None:
        """Ask whether to keep what there is for another time, or leave everything as it was."""
        presenter, tr = self._presenter, self._tr
        if presenter.armed or not presenter.touched:
            presenter.discard() if not presenter.armed else presenter.stop_for_now()
            return
        self.ask(
            tr("Stop here?"),
            tr(
                "Nothing is armed yet, and your lock screen is as it was. You can go on from this page "
                "another time, or throw away what was recorded and leave everything as it was before."
            ),
            [
                Answer(tr("&Keep for later"), lambda typed: presenter.stop_for_now(), "primary"),
                Answer(tr("&Throw away"), lambda typed: presenter.discard(), "danger"),
                Answer(tr("&Go on"), _nothing, "plain"),
            ],
        )

    def _forward(self) -> None:
        if not self._overlay.isVisible():
            self._presenter.next()

    def _backward(self) -> None:
        if not self._overlay.isVisible():
            self._presenter.back()

    def _escaped(self) -> None:
        if self._overlay.isVisible():
            self._overlay.escape()
        else:
            self.ask_to_stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask first where something would be lost."""
        if self._leaving:
            event.accept()
            QTimer.singleShot(0, QApplication.quit)
            return
        event.ignore()
        self.ask_to_stop()


def _nothing(typed: str) -> None:
    """Do nothing."""


def _scrolled(page: Page) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.NoFocus)
    page.setObjectName("scrolled")
    area.setWidget(page)
    return area
