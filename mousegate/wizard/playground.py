"""The field in which the small tasks are played."""

from collections.abc import Callable
from typing import Final

from PyQt5.QtCore import QElapsedTimer, QPointF, QRectF, Qt, QTimer
from PyQt5.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt5.QtWidgets import QWidget

from mousegate.wizard.games import Game, games
from mousegate.wizard.look import Look

_FRAME_MS: Final = 16
ROUNDS: Final = {"pop": 14, "carry": 7, "follow": 16, "work": 1 << 30}
"""How much of each is played before the next begins by itself."""


class Playground(QWidget):
    """Plays one game after another; `changed(name)` is called when another one begins."""

    def __init__(self, look: Look, tr: Callable[[str], str], changed: Callable[[str], None]) -> None:
        super().__init__()
        self._look, self._changed = look, changed
        self.games: dict[str, Game] = games(look, tr)
        self.name = "pop"
        self._until = ROUNDS["pop"]
        self.setMouseTracking(True)
        self.setMinimumSize(look.px(420), look.px(320))
        self._clock = QElapsedTimer()
        self._frames = QTimer(self)
        self._frames.setInterval(_FRAME_MS)
        self._frames.timeout.connect(self._frame)

    @property
    def game(self) -> Game:
        """The game that is played."""
        return self.games[self.name]

    def play(self, name: str) -> None:
        """Play this one from now on."""
        self.name = name
        self._until = self.game.count + ROUNDS[name]
        self.setCursor(Qt.ArrowCursor)
        self._changed(name)
        self.update()

    def run(self, running: bool) -> None:
        """Let time pass, or hold it."""
        if running:
            self._clock.start()
            self._frames.start()
        else:
            self._frames.stop()

    def _frame(self) -> None:
        self.game.tick(float(self._clock.restart()))
        self._go_on()
        if self.name != "work":
            self.update()

    def _go_on(self) -> None:
        if self.game.count >= self._until:
            order = ["pop", "carry", "follow"]
            self.play(order[(order.index(self.name) + 1) % len(order)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Set every game out anew."""
        margin = self._look.px(10)
        field = QRectF(self.rect()).adjusted(margin, margin, -margin, -margin)
        for game in self.games.values():
            game.resize(field)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Hand it on."""
        if event.button() == Qt.LeftButton:
            self.game.press(QPointF(event.localPos()))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hand it on."""
        self.game.move(QPointF(event.localPos()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Hand it on."""
        if event.button() == Qt.LeftButton:
            self.game.release(QPointF(event.localPos()))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the sheet and the game."""
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(QPen(look.colour("line"), look.px(1)))
        painter.setBrush(look.colour("card"))
        sheet = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(sheet, look.px(16), look.px(16))
        painter.setClipRect(sheet)
        self.game.paint(painter)
        painter.end()
