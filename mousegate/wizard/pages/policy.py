"""The seventh page: which factors must agree, how strict movement is, and what happens while one works."""

from PyQt5.QtWidgets import QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from mousegate.wizard.look import Look
from mousegate.wizard.page import Page, Translate
from mousegate.wizard.parts import Chooser, Option, label
from mousegate.wizard.presenter import Presenter


class PolicyPage(Page):
    """Plain words for five keys of config.toml."""

    def __init__(self, look: Look, presenter: Presenter, tr: Translate) -> None:
        super().__init__(look, presenter, tr)
        self.name = tr("Rules and alerts")
        self.head(
            tr("How strict should it be?"), tr("The usual choice is marked. All of it can be changed later.")
        )
        self._policy = Chooser(
            look,
            [
                Option(
                    "all",
                    tr("Rhythm and movement"),
                    tr("Both must agree, besides the password. The usual choice."),
                ),
                Option(
                    "fused",
                    tr("Both, weighed together"),
                    tr("A clear rhythm makes up for a doubtful movement."),
                ),
                Option(
                    "rhythm",
                    tr("Rhythm alone"),
                    tr("Quickest and surest for you; movement is not looked at."),
                ),
                Option(
                    "motion",
                    tr("Movement alone"),
                    tr("Nothing to remember, and weak: somebody else often passes."),
                ),
            ],
            lambda value: presenter.choose(policy=value),
        )
        self._point = Chooser(
            look,
            [
                Option("fnmr3", tr("Easy on you"), self._rates("fnmr3")),
                Option("fnmr10", tr("Balanced"), self._rates("fnmr10")),
                Option("fmr1", tr("Strict"), self._rates("fmr1")),
            ],
            lambda value: presenter.choose(operating_point=value),
        )
        self._alert = Chooser(
            look,
            [
                Option(
                    "notify", tr("Tell me"), tr("A notification asks whether it was you. The usual choice.")
                ),
                Option("lock", tr("Tell me and lock"), tr("Safest, and now and then a nuisance.")),
                Option("log", tr("Only write it down"), tr("See `mousegate history`.")),
            ],
            lambda value: presenter.choose(on_anomaly=value),
        )
        left = self._part(tr("The lock asks for"), self._policy)
        right = self._part(tr("Movement must be"), self._point)
        right.addLayout(self._part(tr("When another hand seems to be at the mouse"), self._alert))
        left.addWidget(label(tr("Lock after minutes without a touch (0 never)"), "heading"))
        self._idle = QSpinBox()
        self._idle.setRange(0, 1440)
        self._idle.setFixedWidth(look.px(120))
        self._idle.setAccessibleName(tr("Lock after minutes without a touch"))
        self._idle.valueChanged.connect(lambda value: presenter.choose(idle_minutes=value))
        left.addWidget(self._idle)
        left.addStretch(1)
        right.addStretch(1)
        columns = QHBoxLayout()
        columns.setSpacing(look.px(28))
        columns.addLayout(left, 1)
        columns.addLayout(right, 1)
        self.body.addLayout(columns)
        self.body.addStretch(1)

    def _rates(self, point: str) -> str:
        rates = self.presenter.rates(point)
        if rates is None:
            return ""
        return self._tr(
            "With movement alone, {0} of 100 strangers pass, and you are refused {1} times in 100 (8 s, "
            "measured)."
        ).format(f"{100 * rates.fmr:.0f}", f"{100 * rates.fnmr:.0f}")

    def _part(self, title: str, chooser: QWidget) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(self.look.px(10))
        column.addWidget(label(title, "heading"))
        column.addWidget(chooser)
        column.addSpacing(self.look.px(10))
        return column

    def refresh(self) -> None:
        """Mark what holds."""
        choices = self.presenter.choices
        self._policy.show_value(choices.policy)
        self._point.show_value(choices.operating_point)
        self._alert.show_value(choices.on_anomaly)
        if self._idle.value() != choices.idle_minutes:
            self._idle.setValue(choices.idle_minutes)
