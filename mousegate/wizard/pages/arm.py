"""The last page: what will be done, and the one button that does it."""

import subprocess
import sys

from mousegate.core.events import PointerDevice
from mousegate.wizard.look import Look
from mousegate.wizard.page import Page, Translate
from mousegate.wizard.pages.checks import Sign
from mousegate.wizard.pages.person import device_names
from mousegate.wizard.parts import Card, button, clear, label, row
from mousegate.wizard.presenter import Presenter


class ArmPage(Page):
    """Sums up; arms; offers to lock at once."""

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__(look, presenter, tr)
        self.name = tr("Protect")
        self._title, self._lead = label("", "title"), label("", "lead")
        self.body.addWidget(self._title)
        self.body.addWidget(self._lead)
        self._list = Card(look, gap=14)
        self.body.addWidget(self._list)
        self._arm = button(tr("&Protect this desktop"), presenter.arm, "primary")
        self._lock = button(tr("&Lock now, to see it"), self._lock_now)
        self._line = row(look, self._arm, self._lock, None)
        self.body.addLayout(self._line)
        self._after = Card(
            look,
            label(tr("If you are ever locked out"), "heading"),
            label(
                tr(
                    "At the lock screen choose “Use a recovery code”. Or change to a text console "
                    "(Ctrl-Alt-F3), log in, and run: mousegate disable"
                ),
                selectable=True,
            ),
            kind="notice",
        )
        self.body.addWidget(self._after)
        self.body.addStretch(1)

    def refresh(self) -> None:
        """Show what will be done, or that it was."""
        tr, presenter = self._tr, self.presenter
        armed, busy = presenter.armed, presenter.busy
        self._title.setText(tr("This desktop is protected") if armed else tr("Ready to protect this desktop"))
        self._lead.setText(
            tr("From now on your lock screen asks for your signature besides your password.")
            if armed
            else tr("Nothing has been changed so far. This is what happens when you press the button:")
        )
        clear(self._list.column)
        for text in self._lines():
            line = (
                row(self.look, Sign(self.look, "good"), label(text))
                if armed
                else row(self.look, label("•"), label(text))
            )
            line.setStretch(1, 1)
            self._list.column.addLayout(line)
        self._arm.setVisible(not armed)
        self._arm.setEnabled(not busy)
        self._arm.setText(tr("Protecting…") if busy else tr("&Protect this desktop"))
        if armed and self._lock.isHidden():
            self._lock.show()
            self._lock.setFocus()
        self._lock.setVisible(armed)

    def _lines(self) -> list[str]:
        tr, choices = self._tr, self.presenter.choices
        asks = {
            "all": tr("password, rhythm and movement"),
            "fused": tr("password, and rhythm and movement together"),
            "rhythm": tr("password and rhythm"), "motion": tr("password and movement"),
        }[choices.policy]  # fmt: skip
        idle = (
            tr("It locks after {0} minutes without a touch.").format(choices.idle_minutes)
            if choices.idle_minutes
            else tr("It never locks by itself.")
        )
        return [
            self._reference(choices.label, device_names(tr).get(choices.device, "")),
            tr("The lock asks for {0}.").format(asks) + " " + idle,
            tr("{0} recovery codes become valid.").format(len(self.presenter.codes)),
            self.presenter.protection.describe(),
        ]

    def _reference(self, name: str, device: str) -> str:
        if self.presenter.choices.device is PointerDevice.UNKNOWN:
            return self._tr("The reference “{0}” is stored under a key of its own.").format(name)
        told = self._tr("The reference “{0}” with {1} is stored under a key of its own.")
        return told.format(name, device)

    def _lock_now(self) -> None:
        subprocess.Popen([sys.executable, "-P", "-m", "mousegate.cli", "lock"]).returncode = 0

    def first_focus(self) -> None:
        """The button."""
        (self._lock if self.presenter.armed else self._arm).setFocus()
