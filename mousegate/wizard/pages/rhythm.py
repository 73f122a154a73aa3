"""The fifth page: a rhythm is chosen, repeated five times on a copy of the lock screen, and weighed."""

from mousegate.core.rhythm import REPETITIONS
from mousegate.storage.attempts import BACK_OFF
from mousegate.wizard.coached import CoachedPage
from mousegate.wizard.look import Look
from mousegate.wizard.meters import HoldBars, Strength
from mousegate.wizard.page import Translate
from mousegate.wizard.parts import Card, button, label, row
from mousegate.wizard.presenter import Presenter
from mousegate.wizard.trials import RepetitionTold

_GUESSES_A_DAY = 86400.0 / BACK_OFF.longest_s


class RhythmPage(CoachedPage):
    """Explains, opens the rehearsal, and shows what came of it."""

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__(look, presenter, tr)
        self.name = tr("Your rhythm")
        self.head(
            tr("Choose a rhythm that only you know"),
            tr(
                "Two to twelve clicks on your picture, the password box, anywhere, ending on Submit. What "
                "counts is where you click and how long you hold each: a tap, a beat, a second or two."
            ),
        )
        self._go = button("", self._rehearse, "primary")
        explain = Card(
            look,
            label(tr("How it goes"), "heading"),
            label(
                tr(
                    "A copy of your lock screen opens. Click your rhythm five times, each ending on Submit. "
                    "After each, bars show how long you held every click and which one varied. What you type "
                    "there is neither checked nor kept. Escape leaves it."
                )
            ),
            gap=10,
        )
        explain.column.addLayout(row(look, self._go, None))
        self.body.addWidget(explain)
        self._title, self._words, self._scale = label("", "heading"), label(""), Strength(look)
        self._bars = HoldBars(look)
        self._result = Card(look, self._title, self._bars, self._scale, self._words, gap=12)
        self.body.addWidget(self._result)
        self.body.addStretch(1)

    def _rehearse(self) -> None:
        self._open_coach()
        self.presenter.rehearse(self._told, self._ended)
        self.refresh()

    def _told(self, one: RepetitionTold) -> None:
        if self._coach is not None:
            self._coach.tell_repetition(one)

    def refresh(self) -> None:
        """Show the rhythm enrolled, or why the last rehearsal ended without one."""
        tr, presenter = self._tr, self.presenter
        rhythm = presenter.reference.rhythm if presenter.reference else None
        self._go.setText(tr("&Rehearse again") if rhythm else tr("&Rehearse now"))
        self._go.setEnabled(not presenter.busy)
        told = presenter.repetitions
        self._result.setVisible(bool(rhythm) or bool(told))
        self._bars.setVisible(bool(told))
        self._scale.setVisible(rhythm is not None)
        if told:
            last = told[-1]
            fine = not last.problem
            taken = [*last.taken, last.rhythm] if fine else list(last.taken)
            self._bars.say(taken, () if fine else last.rhythm, last.spread)
            if not rhythm:
                self._title.setText(tr("{0} of {1} repetitions were taken").format(len(taken), REPETITIONS))
                self._words.setText(last.problem)
        if rhythm is not None:
            bits = rhythm.strength_bits
            self._title.setText(tr("{0} clicks, {1} bits").format(len(rhythm.offsets), f"{bits:.1f}"))
            self._scale.say(bits)
            self._words.setText(self._strength(bits))

    def _strength(self, bits: float) -> str:
        guesses = 2.0**bits
        days = guesses / 2 / _GUESSES_A_DAY
        told = self._tr(
            "Somebody who knows your password and saw where you click, but not how long, needs about {0} "
            "guesses. The lock allows some {1} a day: about {2} on average."
        ).format(f"{guesses:,.0f}", round(_GUESSES_A_DAY), self._time(days))
        if bits < 7.0:
            told += " " + self._tr("That is weak: add clicks, and hold some of them deliberately long.")
        return told

    def _time(self, days: float) -> str:
        if days < 1.0:
            return self._tr("{0} hours").format(max(1, round(24 * days)))
        return (
            self._tr("{0} days").format(round(days))
            if days < 700
            else self._tr("{0} years").format(round(days / 365))
        )

    def first_focus(self) -> None:
        """The rehearsal."""
        self._go.setFocus()
