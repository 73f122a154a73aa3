"""The list of steps at the left: where one is, what is done, and that nothing is armed yet."""

from collections.abc import Callable

from PyQt5.QtCore import QPointF, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QFont, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt5.QtWidgets import QAbstractButton, QFrame, QVBoxLayout, QWidget

from mousegate.wizard.look import DARK, Look
from mousegate.wizard.parts import button, label, row
from mousegate.wizard.presenter import Presenter
from mousegate.wizard.steps import Step


class Rail(QFrame):
    """The steps. toggled: the person wants it light or dark."""

    toggled = pyqtSignal()

    def __init__(
        self, look: Look, names: dict[Step, str], presenter: Presenter, tr: Callable[[str], str]
    ) -> None:
        super().__init__()
        self._presenter, self._tr = presenter, tr
        self.setObjectName("rail")
        self.setFixedWidth(look.px(248))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(look.px(20), look.px(30), look.px(16), look.px(20))
        layout.setSpacing(look.px(2))
        layout.addLayout(row(look, Mark(look, 34), label("mousegate", "heading"), gap=8))
        layout.addSpacing(look.px(26))
        self._items = {step: Item(look, step, name, presenter) for step, name in names.items()}
        for item in self._items.values():
            layout.addWidget(item)
        layout.addStretch(1)
        self._state = label("", "small")
        layout.addWidget(self._state)
        layout.addSpacing(look.px(8))
        other = tr("Light") if look.palette is DARK else tr("Dark")
        shade = button(other, self.toggled.emit, "plain")
        shade.setAccessibleName(tr("Change between light and dark"))
        layout.addWidget(shade, 0, Qt.AlignLeft)

    def refresh(self) -> None:
        """Mark the steps anew."""
        armed = self._presenter.armed
        self._state.setText(
            self._tr("This desktop is protected.")
            if armed
            else self._tr("Nothing is armed yet. You can stop at any time.")
        )
        for item in self._items.values():
            item.refresh()


class Item(QAbstractButton):
    """One step: done, present, or to come."""

    def __init__(self, look: Look, step: Step, name: str, presenter: Presenter) -> None:
        super().__init__()
        self._look, self._step, self._presenter = look, step, presenter
        self.setText(name)
        self.setFixedHeight(look.px(38))
        self.setFocusPolicy(Qt.TabFocus)
        self.clicked.connect(lambda checked: presenter.go(step))

    def refresh(self) -> None:
        """Enable what has been reached."""
        presenter = self._presenter
        self.setEnabled(self._step.number <= presenter.furthest.number and not presenter.armed)
        self.setCursor(Qt.PointingHandCursor if self.isEnabled() else Qt.ArrowCursor)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the disc and the name."""
        look, px, presenter = self._look, self._look.px, self._presenter
        now = presenter.choices.step is self._step and not presenter.armed
        done = self._step.number < presenter.furthest.number or presenter.armed
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        if now or self.hasFocus() or (self.underMouse() and self.isEnabled()):
            painter.setPen(QPen(look.colour("accent"), px(2)) if self.hasFocus() else Qt.NoPen)
            painter.setBrush(look.colour("card" if now else "soft"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), px(10), px(10))
        disc = QRectF(px(9), (self.height() - px(22)) / 2, px(22), px(22))
        painter.setPen(Qt.NoPen if now or done else QPen(look.colour("line"), px(1.5)))
        painter.setBrush(look.colour("accent") if now else look.colour("accent_soft") if done else Qt.NoBrush)
        painter.drawEllipse(disc)
        if done and not now:
            tick(painter, disc, look.colour("accent"), px(2))
        else:
            painter.setPen(look.colour("on_accent" if now else "quiet"))
            painter.setFont(look.font(12, QFont.DemiBold))
            painter.drawText(disc, Qt.AlignCenter, str(self._step.number + 1))
        painter.setPen(look.colour("text" if now or done else "quiet"))
        painter.setFont(look.font(14.5, QFont.DemiBold if now else QFont.Normal))
        painter.drawText(
            QRectF(px(42), 0, self.width() - px(44), self.height()), Qt.AlignVCenter, self.text()
        )
        painter.end()


def tick(painter: QPainter, disc: QRectF, colour: object, width: int) -> None:
    """Draw a tick within `disc`."""
    path = QPainterPath(QPointF(disc.left() + disc.width() * 0.29, disc.center().y() + disc.height() * 0.02))
    path.lineTo(disc.left() + disc.width() * 0.44, disc.center().y() + disc.height() * 0.17)
    path.lineTo(disc.left() + disc.width() * 0.72, disc.center().y() - disc.height() * 0.16)
    painter.setPen(QPen(colour, width, Qt.SolidLine, Qt.RoundCap, Qt.RoundJoin))  # type: ignore[call-overload]
    painter.setBrush(Qt.NoBrush)
    painter.drawPath(path)


class Mark(QWidget):
    """The sign of mousegate: a gate, and a pointer that walks through it."""

    def __init__(self, look: Look, side: float) -> None:
        super().__init__()
        self._look = look
        self.setFixedSize(look.px(side), look.px(side))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        side = float(self.width())
        arch = QPainterPath(QPointF(side * 0.14, side * 0.92))
        arch.lineTo(side * 0.14, side * 0.46)
        arch.arcTo(QRectF(side * 0.14, side * 0.1, side * 0.72, side * 0.72), 180, -180)
        arch.lineTo(side * 0.86, side * 0.92)
        painter.setPen(QPen(self._look.colour("accent"), side * 0.1, Qt.SolidLine, Qt.RoundCap))
        painter.drawPath(arch)
        pointer = QPainterPath(QPointF(side * 0.4, side * 0.4))
        for x, y in ((0.4, 0.84), (0.5, 0.74), (0.58, 0.9), (0.66, 0.86), (0.58, 0.71), (0.71, 0.7)):
            pointer.lineTo(side * x, side * y)
        pointer.closeSubpath()
        painter.fillPath(pointer, self._look.colour("text"))
        painter.end()
