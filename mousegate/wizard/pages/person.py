"""The third page: who is enrolled, with which pointing device, and what is stored already."""

from PyQt5.QtWidgets import QLineEdit

from mousegate.core.events import PointerDevice
from mousegate.errors import MousegateError
from mousegate.storage.store import Store
from mousegate.wizard.look import Look
from mousegate.wizard.overlay import Answer
from mousegate.wizard.page import Page, Translate
from mousegate.wizard.parts import Card, Chooser, Option, button, clear, label, row
from mousegate.wizard.presenter import Presenter


def device_names(tr: Translate) -> dict[PointerDevice, str]:
    """Return what to call each device."""
    return {
        PointerDevice.UNKNOWN: tr("the device that I use most"),
        PointerDevice.MOUSE: tr("a mouse"),
        PointerDevice.TOUCHPAD: tr("a touchpad"),
        PointerDevice.TRACKPOINT: tr("a trackpoint"),
    }


class PersonPage(Page):
    """Asks for the label; tells what is enrolled; offers to delete everything."""

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__(look, presenter, tr)
        self.name = tr("You and your mouse")
        self.head(
            tr("Who is to be recognised, with what?"),
            tr(
                "The same hand moves a mouse and a touchpad quite differently, so each gets a reference of "
                "its own. Run this again for your second device."
            ),
        )
        self._label = QLineEdit(presenter.choices.label)
        self._label.setMaxLength(64)
        self._label.setFixedWidth(look.px(320))
        self._label.setAccessibleName(tr("Name of this reference"))
        self._label.textChanged.connect(lambda text: presenter.choose(label=text.strip()))
        self.body.addWidget(Card(look, label(tr("Name"), "heading"), self._label))
        options = [
            Option(
                "0", tr("Find out by itself"), tr("The device that moves the pointer most while you enrol.")
            ),
            Option("1", tr("A mouse or trackball"), tr("Whatever is moved by hand and arm.")),
            Option("2", tr("A touchpad"), tr("Moved with a finger.")),
            Option("3", tr("A trackpoint"), tr("The little stick between the keys.")),
        ]
        self._device = Chooser(
            look, options, lambda value: presenter.choose(device=PointerDevice(int(value)))
        )
        self.body.addWidget(self._device)
        self._stored = Card(look, gap=10)
        self.body.addWidget(self._stored)
        self.body.addStretch(1)

    def enter(self) -> None:
        """Look into the store."""
        clear(self._stored.column)
        column, tr = self._stored.column, self._tr
        column.addWidget(label(tr("Stored so far"), "heading"))
        try:
            lines = self._stored_lines()
        except MousegateError as error:
            lines = [str(error)]
        for text in lines or [tr("Nothing yet.")]:
            column.addWidget(label(text))
        if lines:
            column.addWidget(
                label(tr("A reference of the same name and device is replaced when you finish."), "quiet")
            )
            column.addLayout(
                row(self.look, button(tr("&Delete everything…"), self._ask_to_delete, "danger"), None)
            )

    def _stored_lines(self) -> list[str]:
        store = Store.open()
        if store is None:
            return []
        names = device_names(self._tr)
        with store:
            return [
                self._tr("“{0}” with {1}").format(one.label, names.get(one.device, one.device.name.lower()))
                for one in store.references.all()
            ] or [self._tr("A store without references.")]

    def refresh(self) -> None:
        """Mark the device."""
        self._device.show_value(str(int(self.presenter.choices.device)))

    def first_focus(self) -> None:
        """The name comes first."""
        self._label.setFocus()

    def _ask_to_delete(self) -> None:
        tr = self._tr
        if self.asker is None:
            return
        self.asker.ask(
            tr("Delete everything?"),
            tr(
                "All references, recovery codes, history and settings of mousegate are erased, and lock and "
                "daemon are started no more. It cannot be undone. Type your password to do so."
            ),
            [
                Answer(tr("&Delete everything"), self.presenter.delete_everything, "danger"),
                Answer(tr("&Keep it"), lambda typed: None, "plain"),
            ],
            secret=tr("Password"),
        )
