"""What shows how far one has come: a ring, people who would pass, bars of holds."""

import random
from collections.abc import Sequence
from typing import Final

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QFont, QPainter, QPaintEvent, QPen
from PyQt5.QtWidgets import QWidget

from mousegate.core.probe import Rhythm, Target
from mousegate.wizard.look import Look

_LEAST_SCALE_MS: Final = 600.0
"""A bar of the whole height stands for the longest hold shown, and for no less than this."""


class Ring(QWidget):
    """A ring that fills, with a number in it."""

    def __init__(self, look: Look, side: float) -> None:
        super().__init__()
        self._look, self._share, self._text, self._unit = look, 0.0, "0", ""
        self.setFixedSize(look.px(side), look.px(side))

    def say(self, share: float, text: str, unit: str) -> None:
        """Show `share` (0 to 1), and `text` with its unit below."""
        self._share, self._text, self._unit = min(max(share, 0.0), 1.0), text, unit
        self.setAccessibleName(f"{text} {unit}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        width = look.px(9)
        area = QRectF(self.rect()).adjusted(width, width, -width, -width)
        painter.setPen(QPen(look.colour("soft"), width))
        painter.drawArc(area, 0, 360 * 16)
        colour = look.colour("good" if self._share >= 1.0 else "accent")
        painter.setPen(QPen(colour, width, Qt.SolidLine, Qt.RoundCap))
        if self._share > 0:
            painter.drawArc(area, 90 * 16, -round(360 * 16 * self._share))
        painter.setPen(look.colour("text"))
        painter.setFont(look.font(30, QFont.DemiBold))
        painter.drawText(area.adjusted(0, 0, 0, -area.height() * 0.14), Qt.AlignCenter, self._text)
        painter.setPen(look.colour("quiet"))
        painter.setFont(look.font(12.5))
        painter.drawText(area.adjusted(0, area.height() * 0.36, 0, 0), Qt.AlignCenter, self._unit)
        painter.end()


class Crowd(QWidget):
    """Recorded strangers, each a small figure; those who would pass stand out."""

    _COLUMNS: Final = 18

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._people, self._passing = look, 0, 0
        self._order: list[int] = []
        self.setMinimumHeight(look.px(120))

    def say(self, people: int, passing: int) -> None:
        """Show so many people of whom so many would pass."""
        if people != self._people:
            self._order = list(range(people))
            random.Random(7).shuffle(self._order)  # who stands where says nothing
        self._people, self._passing = people, passing
        self.setAccessibleName(f"{passing} / {people}")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the crowd."""
        if not self._people:
            return
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        rows = -(-self._people // self._COLUMNS)
        step = min(self.width() / self._COLUMNS, self.height() / rows)
        passing = set(self._order[: self._passing])
        for person in range(self._people):
            line, place = divmod(person, self._COLUMNS)
            stands = person in passing
            painter.setBrush(look.colour("bad") if stands else look.colour("quiet", 70))
            at = QPointF((place + 0.5) * step, (line + 0.5) * step)
            painter.drawEllipse(at - QPointF(0, step * 0.16), step * 0.17, step * 0.17)
            body = QRectF(at.x() - step * 0.27, at.y() + step * 0.06, step * 0.54, step * 0.62)
            painter.drawPie(body, 0, 180 * 16)
        painter.end()


def target_name(target: Target) -> str:
    """Return a short name of what was clicked."""
    return {Target.FACE: "Picture", Target.PASSWORD: "Password", Target.SUBMIT: "Submit"}.get(
        target, "Elsewhere"
    )


class HoldBars(QWidget):
    """Per click a group of bars, one per repetition, as long as the button was held."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._taken: tuple[Rhythm, ...] = ()
        self._refused: Rhythm = ()
        self._spread: tuple[float, ...] = ()
        self.setMinimumHeight(look.px(170))

    def say(self, taken: Sequence[Rhythm], refused: Rhythm = (), spread: Sequence[float] = ()) -> None:
        """Show repetitions; `spread`: share of the allowed variation used per click (above 1: too much)."""
        self._taken, self._refused, self._spread = tuple(taken), refused, tuple(spread)
        self.setAccessibleName(self._words())
        self.update()

    def _words(self) -> str:
        shown = [*self._taken, self._refused] if self._refused else list(self._taken)
        return "; ".join(", ".join(f"{click.hold_ms} ms" for click in one) for one in shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the groups."""
        shown = [*self._taken, self._refused] if self._refused else list(self._taken)
        clicks = max((len(one) for one in shown), default=0)
        if not clicks:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        group = self.width() / clicks
        for click in range(clicks):
            self._paint_click(painter, click, shown, QRectF(click * group, 0, group, self.height()))
        painter.end()

    def _paint_click(self, painter: QPainter, click: int, shown: list[Rhythm], area: QRectF) -> None:
        look = self._look
        spread = self._spread[click] if click < len(self._spread) else 0.0
        varied = spread > 1.0
        names = {one[click].target for one in shown if click < len(one)}
        painter.setPen(look.colour("bad" if varied else "quiet"))
        painter.setFont(look.font(12, QFont.DemiBold if varied else QFont.Normal))
        foot = QRectF(area.left(), area.bottom() - look.px(40), area.width(), look.px(20))
        name = target_name(next(iter(names))) if len(names) == 1 else "?"
        painter.drawText(
            foot, Qt.AlignCenter, painter.fontMetrics().elidedText(name, Qt.ElideRight, int(foot.width()))
        )
        times = [one[click].hold_ms for one in shown if click < len(one)]
        painter.setFont(look.font(11))
        words = "varied" if varied else f"{sum(times) / len(times) / 1000:.2f} s"
        painter.drawText(foot.translated(0, look.px(18)), Qt.AlignCenter, words)
        room = area.height() - look.px(48)
        longest_ms = max(_LEAST_SCALE_MS, *(one_click.hold_ms for one in shown for one_click in one))
        step = min(area.width() * 0.78 / max(5, len(shown)), look.px(18))
        left = area.center().x() - step * len(shown) / 2
        for number, one in enumerate(shown):
            if click >= len(one):
                continue
            tall = max(look.px(5), room * min(1.0, one[click].hold_ms / longest_ms))
            bad = self._refused and number == len(shown) - 1 and (varied or not self._spread)
            painter.setPen(Qt.NoPen)
            painter.setBrush(
                look.colour("bad" if bad else "accent", 255 if bad or not self._refused else 170)
            )
            bar = QRectF(left + number * step, room - tall, step * 0.68, tall)
            painter.drawRoundedRect(bar, step * 0.3, step * 0.3)


class Strength(QWidget):
    """How hard a rhythm is to guess, as a scale of five parts."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look, self._bits = look, 0.0
        self.setFixedHeight(look.px(12))

    def say(self, bits: float) -> None:
        """Show guessing strength in bits; 16 fill the scale."""
        self._bits = bits
        self.setAccessibleName(f"{bits:.1f} bits")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the parts."""
        look = self._look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        painter.setPen(Qt.NoPen)
        filled = min(5, max(1, round(self._bits / 3.2))) if self._bits else 0
        name = "bad" if filled <= 1 else "warn" if filled == 2 else "good"
        part = (self.width() - 4 * look.px(6)) / 5
        for number in range(5):
            painter.setBrush(look.colour(name if number < filled else "soft"))
            box = QRectF(number * (part + look.px(6)), 0, part, self.height())
            painter.drawRoundedRect(box, self.height() / 2, self.height() / 2)
        painter.end()
