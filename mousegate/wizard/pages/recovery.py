"""The eighth page: recovery codes, on paper or in a file."""

from pathlib import Path

from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QPainter, QPaintEvent
from PyQt5.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QStyle, QStyleOptionButton

from mousegate.errors import MousegateError
from mousegate.wizard.look import Look
from mousegate.wizard.page import Page, Translate
from mousegate.wizard.parts import Card, button, label, row
from mousegate.wizard.presenter import Presenter
from mousegate.wizard.rail import tick
from mousegate.wizard.sheet import print_sheet, save_sheet


class Tick(QCheckBox):
    """A check box with a tick in it."""

    def __init__(self, look: Look, text: str) -> None:
        super().__init__(text)
        self._look = look

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tick on the box."""
        super().paintEvent(event)
        if self.isChecked():
            option = QStyleOptionButton()
            self.initStyleOption(option)
            box = self.style().subElementRect(QStyle.SE_CheckBoxIndicator, option, self)
            painter = QPainter(self)
            painter.setRenderHint(QPainter.Antialiasing)
            tick(painter, QRectF(box), self._look.colour("on_accent"), self._look.px(2))
            painter.end()


class RecoveryPage(Page):
    """Shows the codes once; asks to print or save them."""

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__(look, presenter, tr)
        self.name = tr("Recovery codes")
        self.head(
            tr("For the day when your hand is in plaster"),
            tr(
                "Each code opens the lock once, together with your password, in place of rhythm and "
                "movement. They cannot be shown again: print them, or save them away from this computer."
            ),
        )
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(look.px(48))
        self._grid.setVerticalSpacing(look.px(12))
        self._codes = Card(look, gap=10)
        self._codes.column.setContentsMargins(look.px(32), look.px(26), look.px(32), look.px(26))
        self._codes.column.addLayout(self._grid)
        self._codes.setMaximumWidth(look.px(620))
        self.body.addWidget(self._codes)
        self._print = button(tr("&Print…"), self._print_codes)
        self._save = button(tr("Sa&ve to a file…"), self._save_codes)
        self.body.addLayout(row(look, self._print, self._save, None))
        self._done = label("", "good")
        self.body.addWidget(self._done)
        self._kept = Tick(look, tr("I &have the codes on paper or in a safe place"))
        self._kept.toggled.connect(presenter.keep_codes)
        self.body.addWidget(self._kept)
        self.body.addStretch(1)
        self._shown: tuple[str, ...] = ()

    def refresh(self) -> None:
        """Show the codes."""
        codes = self.presenter.codes
        self._kept.setChecked(self.presenter.codes_kept)
        for part in (self._print, self._save, self._kept):
            part.setEnabled(bool(codes))
        self._done.setText(self._done.text() if codes else self._tr("Making the codes…"))
        if codes == self._shown:
            return
        self._shown = codes
        self._done.setText("")
        while self._grid.count():
            item = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        for number, code in enumerate(codes):
            shown = label(code, "code", selectable=True)
            shown.setAccessibleName(" ".join(code))
            self._grid.addWidget(shown, number % 4, number // 4, Qt.AlignLeft)

    def _print_codes(self) -> None:
        if print_sheet(self, self.presenter.codes, self._tr):
            self._done.setText(self._tr("Sent to the printer."))

    def _save_codes(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self._tr("Save the recovery codes"), str(Path.home() / "mousegate-recovery-codes.txt"),
            options=QFileDialog.DontUseNativeDialog,
        )  # fmt: skip
        if not name:
            return
        try:
            save_sheet(Path(name), self.presenter.codes, self._tr)
        except MousegateError as error:
            if self.presenter.view is not None:
                self.presenter.view.say_problem(str(error))
            return
        self._done.setText(self._tr("Saved. Move the file away from this computer."))

    def first_focus(self) -> None:
        """Printing comes first."""
        self._print.setFocus()
