"""The sixth page: three tries by the owner, then an invitation to somebody else."""

from PyQt5.QtWidgets import QVBoxLayout

from mousegate.wizard.coached import CoachedPage
from mousegate.wizard.look import Look
from mousegate.wizard.page import Translate
from mousegate.wizard.pages.checks import Sign
from mousegate.wizard.parts import Card, button, clear, label, row
from mousegate.wizard.presenter import Presenter
from mousegate.wizard.trials import Attempt, describe


class TryPage(CoachedPage):
    """Opens the copy of the lock, and keeps the score."""

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__(look, presenter, tr)
        self.name = tr("Try it")
        self.head(
            tr("Does it let you in, and others not?"),
            tr("Everything here is judged as the real lock judges it. Nothing locks yet."),
        )
        self._own = button(tr("&Try three times"), lambda: self._try(True), "primary")
        self._own_list = QVBoxLayout()
        own = Card(
            look,
            label(tr("You"), "heading"),
            label(
                tr(
                    "Before anything is armed, one of your tries must match. Move to the screen as you would "
                    "in the morning, click your rhythm, done."
                )
            ),
        )
        own.column.addLayout(self._own_list)
        own.column.addLayout(row(look, self._own, None))
        self.body.addWidget(own)
        self._other = button(tr("Let someone &else try"), lambda: self._try(False))
        self._other_list = QVBoxLayout()
        other = Card(
            look,
            label(tr("Somebody else, if there is one"), "heading"),
            label(
                tr(
                    "Show them your rhythm and let them sit at your mouse. With the rhythm known, only your "
                    "movement keeps them out, and that does not always hold: better to know. You may leave "
                    "this out."
                )
            ),
        )
        other.column.addLayout(self._other_list)
        other.column.addLayout(row(look, self._other, None))
        self.body.addWidget(other)
        self.body.addStretch(1)

    def _try(self, by_owner: bool) -> None:
        self._open_coach()
        self.presenter.attempt(self._told, self._ended, by_owner)
        self.refresh()

    def _told(self, one: Attempt) -> None:
        if self._coach is not None:
            self._coach.tell_attempt(one)

    def refresh(self) -> None:
        """Show the score."""
        tr, presenter = self._tr, self.presenter
        choices = presenter.choices
        for one in (self._own, self._other):
            one.setEnabled(not presenter.busy)
        self._other.setEnabled(not presenter.busy and choices.matched > 0)
        self._fill(self._own_list, [one for one in presenter.attempts if one.by_owner])
        self._fill(self._other_list, [one for one in presenter.attempts if not one.by_owner])
        if not presenter.attempts and choices.matched:
            text = tr("Matched {0} of {1} times so far.").format(
                choices.matched, choices.matched + choices.missed
            )
            self._own_list.addWidget(label(text, "good"))

    def _fill(self, into: QVBoxLayout, attempts: list[Attempt]) -> None:
        clear(into)
        for one in attempts[-5:]:
            wished = one.passed is one.by_owner
            line = row(self.look, Sign(self.look, "good" if wished else "problem"), label(self._words(one)))
            line.setStretch(1, 1)
            into.addLayout(line)

    def _words(self, one: Attempt) -> str:
        tr = self._tr
        if one.passed:
            told = tr("Let in.") if one.by_owner else tr("Let in: rhythm and movement were close enough.")
        else:
            told = tr("Kept out.") + " " + describe(one)
        if one.motion_llr is not None and one.threshold is not None:
            told += " " + tr("(movement {0}, needed {1})").format(
                f"{one.motion_llr:+.1f}", f"{one.threshold:+.1f}"
            )
        return told

    def first_focus(self) -> None:
        """The owner's tries."""
        self._own.setFocus()
