"""The fourth page: movement is recorded while small tasks are played, or anything else is done."""

from typing import Final

from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout

from mousegate.core.events import PointerDevice, empty_events
from mousegate.errors import MousegateError
from mousegate.wizard.enrolment import GOOD_S, LEAST_S, Learned, Listening, active_s
from mousegate.wizard.look import Look
from mousegate.wizard.meters import Crowd, Ring
from mousegate.wizard.overlay import Answer
from mousegate.wizard.page import Page, Translate
from mousegate.wizard.pages.person import device_names
from mousegate.wizard.parts import button, label, row
from mousegate.wizard.playground import Playground
from mousegate.wizard.presenter import Presenter

_LOOK_MS: Final = 1000
_EVERY_S: Final = 10.0
"""Seconds of new movement after which it is enrolled anew, so that the figures grow with it."""
_SOON_S: Final = 1.0
_RARELY: Final = 0.15
"""Later, only after so much of what there is has come on top."""


class MovementPage(Page):
    """Plays, listens, and shows how good the enrolment is by now."""

    fills = True

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__(look, presenter, tr)
        self.name = tr("Your movement")
        self._listening: Listening | None = None
        self._kept_s, self._learned_s, self._number = 0.0, 0.0, 1
        self.body.setContentsMargins(look.px(40), look.px(28), look.px(40), look.px(8))
        self._tabs: dict[str, QPushButton] = {}
        self._field = Playground(look, tr, self._changed)
        self._hint = label("", "quiet")
        self.body.addLayout(self._bar())
        middle = QHBoxLayout()
        middle.setSpacing(look.px(24))
        middle.addWidget(self._field, 1)
        middle.addLayout(self._panel())
        self.body.addLayout(middle, 1)
        self._look_timer = QTimer(self)
        self._look_timer.setInterval(_LOOK_MS)
        self._look_timer.timeout.connect(self._look_now)
        self._changed("pop")

    def _bar(self) -> QHBoxLayout:
        tr = self._tr
        title = label(tr("How you move"), "big")
        title.setWordWrap(False)
        line = row(self.look, title, gap=4)
        line.addSpacing(self.look.px(20))
        for name, game in self._field.games.items():
            tab = button(game.title, lambda name=name: self._play(name), "plain")  # type: ignore[misc]
            tab.setCheckable(True)
            tab.setAutoDefault(False)
            self._tabs[name] = tab
            line.addWidget(tab)
        line.addSpacing(self.look.px(16))
        line.addWidget(self._hint, 1)
        return line

    def _panel(self) -> QVBoxLayout:
        look, tr = self.look, self._tr
        panel = QVBoxLayout()
        panel.setSpacing(look.px(10))
        self._ring = Ring(look, 150)
        self._state = label("", "quiet")
        self._state.setAlignment(Qt.AlignHCenter)
        self._crowd = Crowd(look)
        self._crowd.setFixedWidth(look.px(262))
        self._strangers, self._own = label("", "body"), label("", "body")
        self._measured = label("", "small")
        panel.addWidget(self._ring, 0, Qt.AlignHCenter)
        panel.addWidget(self._state)
        panel.addSpacing(look.px(6))
        panel.addWidget(self._crowd)
        for part in (self._strangers, self._own, self._measured):
            part.setFixedWidth(look.px(262))
            panel.addWidget(part)
        panel.addStretch(1)
        panel.addWidget(button(tr("Begin &anew…"), self._ask_to_forget, "plain"), 0, Qt.AlignLeft)
        return panel

    # ---- the tasks

    def _play(self, name: str) -> None:
        self._field.play(name)
        if name == "work":
            self.window().showMinimized()

    def _changed(self, name: str) -> None:
        for one, tab in self._tabs.items():
            tab.setChecked(one == name)
        self._hint.setText(self._field.games[name].hint if name != "work" else "")

    # ---- recording

    def enter(self) -> None:
        """Begin to listen."""
        listening = Listening(self.presenter.config.allow_synthetic)
        try:
            self._number = self.presenter.draft.next_recording()
            listening.start()
        except MousegateError as error:
            self._tell(error)
            return
        self._listening = listening
        self._kept_s = self.presenter.learned.active_s if self.presenter.learned else 0.0
        self._learned_s = self._kept_s
        if self._number > 1 and self.presenter.learned is None:
            self.presenter.learn(self._number, empty_events(), PointerDevice.UNKNOWN)
        self._look_timer.start()
        self._field.run(True)

    def leave(self) -> None:
        """Stop listening, and keep what was recorded."""
        self._look_timer.stop()
        self._field.run(False)
        listening, self._listening = self._listening, None
        if listening is None:
            return
        try:
            events, device = listening.events(), listening.device()
            if active_s(events) > 1.0 and self.presenter.touched:
                self.presenter.draft.keep_recording(self._number, events)
                if self._kept_s + active_s(events) - self._learned_s > 3.0:
                    self.presenter.learn(self._number, events, device)
        except MousegateError as error:
            self._tell(error)
        finally:
            listening.stop()

    def _look_now(self) -> None:
        listening, presenter = self._listening, self.presenter
        if listening is None:
            return
        try:
            events = listening.events()
        except MousegateError as error:
            self._listening = None
            listening.stop()
            self._tell(error)
            return
        total_s = self._total(active_s(events))
        self._show_seconds(total_s)
        if not presenter.learning and total_s >= self._due_s():
            self._learned_s = total_s
            presenter.learn(self._number, events, listening.device())

    def _due_s(self) -> float:
        """Return after how many seconds in all to learn again: soon, where it opens the way on."""
        if not self.presenter.obstacle() or self._learned_s < LEAST_S - _EVERY_S:
            return self._learned_s + max(_EVERY_S, _RARELY * self._learned_s)
        return max(LEAST_S, self._learned_s + _SOON_S)

    def _total(self, live_s: float) -> float:
        """Return the seconds of all recordings: those of earlier sittings are known once they are learned."""
        learned = self.presenter.learned
        if learned is not None and self._kept_s == 0.0 and self._number > 1 and self._learned_s == 0.0:
            self._kept_s = self._learned_s = learned.active_s
        return self._kept_s + live_s

    # ---- what is shown

    def _show_seconds(self, total_s: float) -> None:
        tr = self._tr
        self._ring.say(total_s / GOOD_S, f"{total_s:.0f}", tr("seconds"))
        if total_s < LEAST_S:
            text = tr("{0} s make a beginning").format(round(LEAST_S))
        elif total_s < GOOD_S:
            text = tr("Enough to go on. Three minutes are better.")
        else:
            text = tr("Very good. More still helps a little.")
        self._state.setText(text)

    def refresh(self) -> None:
        """Show what was learned."""
        tr, learned = self._tr, self.presenter.learned
        if learned is None or learned.outlook is None:
            self._crowd.say(0, 0)
            self._strangers.setText(
                tr("How well somebody else could pass is told here as soon as there is enough.")
            )
            self._own.setText("")
            self._measured.setText("")
            return
        if self._listening is None or self._learned_s == 0.0:
            self._show_seconds(learned.active_s)
        outlook = learned.outlook
        self._crowd.say(outlook.strangers, outlook.passing)
        self._strangers.setText(
            tr("<b>{0} of {1}</b> recorded strangers would pass with your password and rhythm.").format(
                outlook.passing, outlook.strangers
            )
        )
        self._own.setText(
            tr("You would pass <b>{0} of {1}</b> times.").format(outlook.own_passing, outlook.own_tries)
            if outlook.own_tries
            else ""
        )
        self._measured.setText(self._small_print(learned))

    def _small_print(self, learned: Learned) -> str:
        tr, presenter = self._tr, self.presenter
        told = tr(
            "Each tries once with eight seconds of movement. They are people whom mousegate knows from its "
            "training;"
        )
        rates = presenter.rates(presenter.choices.operating_point)
        if rates is not None:
            told += " " + tr(
                "of people whom it had never met, {0} in 100 passed when it was measured."
            ).format(f"{100 * rates.fmr:.0f}")
        told += " " + tr("Clarity {0} %.").format(round(100 * learned.quality))
        device = device_names(tr).get(presenter.choices.device)
        if presenter.choices.device is not PointerDevice.UNKNOWN and device is not None:
            told += " " + tr("Recorded with {0}.").format(device)
        return told

    def first_focus(self) -> None:
        """The first task's tab."""
        self._tabs[self._field.name].setFocus()

    def _ask_to_forget(self) -> None:
        if self.asker is None:
            return
        self.asker.ask(
            self._tr("Begin the movement anew?"),
            self._tr("What was recorded so far is thrown away."),
            [
                Answer(self._tr("&Throw away"), lambda typed: self._forget(), "danger"),
                Answer(self._tr("&Keep it"), lambda typed: None, "plain"),
            ],
        )

    def _forget(self) -> None:
        self._look_timer.stop()
        if self._listening is not None:
            self._listening.stop()
            self._listening = None
        self._kept_s = self._learned_s = 0.0
        self.presenter.forget_movement()
        self.enter()

    def _tell(self, error: MousegateError) -> None:
        if self.presenter.view is not None:
            self.presenter.view.say_problem(str(error))
