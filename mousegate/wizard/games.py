"""Small tasks for the pointer: popping, carrying home, following a light. They only invite movement.

Targets of many sizes at many distances, as in P. Fitts, "The information capacity of the human motor
system", J. Exp. Psych. 47 (1954), since a desktop asks for all of them. Sizes and places in X pixels.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QFont, QPainter, QPen, QRadialGradient

from mousegate.wizard.look import Look

SIZES: Final = (9.0, 13.0, 19.0, 28.0, 42.0)
"""Radii of targets, in design units."""
REACHES: Final = ((0.06, 0.16), (0.16, 0.4), (0.4, 1.0))
"""How far the next target may be, as shares of the field's diagonal: each as often as the others."""
_FADE_MS: Final = 420.0


@dataclass(slots=True)
class Pop:
    """Something that fades where it happened."""

    at: QPointF
    radius: float
    age_ms: float = 0.0


class Game:
    """One task in a field. `count` is what has been done, in the game's own kind."""

    title = ""
    hint = ""

    def __init__(self, look: Look, chance: random.Random) -> None:
        self.look, self.chance = look, chance
        self.field = QRectF()
        self.count = 0
        self.pops: list[Pop] = []

    def resize(self, field: QRectF) -> None:
        """Play in this field from now on."""
        self.field = field
        self.begin()

    def begin(self) -> None:
        """Set out the pieces."""

    def press(self, at: QPointF) -> None:
        """The left button went down."""

    def move(self, at: QPointF) -> None:
        """The pointer moved."""

    def release(self, at: QPointF) -> None:
        """The left button went up."""

    def tick(self, passed_ms: float) -> None:
        """Time has passed."""
        for pop in self.pops:
            pop.age_ms += passed_ms
        self.pops = [pop for pop in self.pops if pop.age_ms < _FADE_MS]

    def paint(self, painter: QPainter) -> None:
        """Draw the field."""
        for pop in self.pops:
            share = pop.age_ms / _FADE_MS
            colour = self.look.colour("accent", round(200 * (1 - share)))
            painter.setPen(QPen(colour, self.look.px(2)))
            painter.setBrush(Qt.NoBrush)
            radius = pop.radius * (1 + 0.9 * share)
            painter.drawEllipse(pop.at, radius, radius)

    def place(self, radius: float, start: QPointF | None = None) -> QPointF:
        """Return a place for a disc, at a reach from `start` that is short, middling or long."""
        inner = self.field.adjusted(radius, radius, -radius, -radius)
        if inner.width() <= 0 or inner.height() <= 0:
            return self.field.center()
        diagonal = math.hypot(inner.width(), inner.height())
        least, most = self.chance.choice(REACHES)
        at = inner.center()
        for _ in range(60):
            at = QPointF(
                self.chance.uniform(inner.left(), inner.right()),
                self.chance.uniform(inner.top(), inner.bottom()),
            )
            if start is None or least <= distance(at, start) / diagonal <= most:
                break
        return at

    def disc(
        self, painter: QPainter, at: QPointF, radius: float, name: str = "accent", alpha: int = 255
    ) -> None:
        """Draw a soft ball."""
        colour = self.look.colour(name, alpha)
        shade = QRadialGradient(at - QPointF(radius * 0.35, radius * 0.4), radius * 1.5)
        shade.setColorAt(0.0, colour.lighter(128))
        shade.setColorAt(1.0, colour)
        painter.setPen(Qt.NoPen)
        painter.setBrush(shade)
        painter.drawEllipse(at, radius, radius)


class PopGame(Game):
    """Click each ball; the ring says where the next one will be."""

    def begin(self) -> None:
        """Set out the ball and the next."""
        self._radius, self._next_radius = self._size(), self._size()
        self._at = self.place(self._radius)
        self._next = self.place(self._next_radius, self._at)

    def press(self, at: QPointF) -> None:
        """A hit pops the ball."""
        if distance(at, self._at) > self._radius + self.look.px(3):
            return
        self.pops.append(Pop(self._at, self._radius))
        self.count += 1
        self._at, self._radius = self._next, self._next_radius
        self._next_radius = self._size()
        self._next = self.place(self._next_radius, self._at)

    def paint(self, painter: QPainter) -> None:
        """Draw the ball, and a ring where the next comes."""
        painter.setBrush(Qt.NoBrush)
        painter.setPen(QPen(self.look.colour("quiet", 150), self.look.px(1.5), Qt.DashLine))
        painter.drawEllipse(self._next, self._next_radius, self._next_radius)
        self.disc(painter, self._at, self._radius)
        super().paint(painter)

    def _size(self) -> float:
        return self.chance.choice(SIZES) * self.look.unit


class CarryGame(Game):
    """Drag each pebble into its nest."""

    def begin(self) -> None:
        """Set out a pebble and its nest."""
        self._held: QPointF | None = None
        self._radius = self.chance.uniform(14, 30) * self.look.unit
        self._nest_radius = self._radius * self.chance.uniform(1.25, 2.2)
        self._at = self.place(self._radius)
        self._nest = self.place(self._nest_radius, self._at)

    def press(self, at: QPointF) -> None:
        """Take hold of the pebble."""
        if distance(at, self._at) <= self._radius + self.look.px(3):
            self._held = at - self._at

    def move(self, at: QPointF) -> None:
        """The pebble follows."""
        if self._held is not None:
            self._at = at - self._held

    def release(self, at: QPointF) -> None:
        """It stays where it is let go; in the nest it is home."""
        if self._held is None:
            return
        self._held = None
        if distance(self._at, self._nest) <= self._nest_radius:
            self.pops.append(Pop(self._nest, self._nest_radius))
            self.count += 1
            self.begin()

    def paint(self, painter: QPainter) -> None:
        """Draw nest and pebble."""
        near = distance(self._at, self._nest) <= self._nest_radius
        painter.setBrush(self.look.colour("accent_soft") if near else self.look.colour("soft"))
        painter.setPen(QPen(self.look.colour("accent"), self.look.px(2), Qt.DashLine))
        painter.drawEllipse(self._nest, self._nest_radius, self._nest_radius)
        if self._held is not None:
            lifted = self.look.colour("text", 30)
            painter.setPen(Qt.NoPen)
            painter.setBrush(lifted)
            painter.drawEllipse(self._at + QPointF(0, self._radius * 0.25), self._radius * 1.05, self._radius)
        self.disc(painter, self._at, self._radius)
        super().paint(painter)


class FollowGame(Game):
    """Keep the pointer in the light that wanders about."""

    def begin(self) -> None:
        """Choose how the light wanders: a sum of slow waves that never repeats soon."""
        self._time_s = self.chance.uniform(0, 100)
        self._pace = self.chance.uniform(0.75, 1.25)
        self._pointer: QPointF | None = None
        self._inside_s = 0.0
        self._trail: list[QPointF] = []

    @property
    def light(self) -> QPointF:
        """Where the light is."""
        t = self._time_s * self._pace
        x = 0.62 * math.sin(0.71 * t) + 0.38 * math.sin(1.93 * t + 1.0)
        y = 0.60 * math.sin(0.97 * t + 0.5) + 0.40 * math.sin(1.57 * t)
        inner = self.field.adjusted(*[self.look.px(40)] * 2, *[-self.look.px(40)] * 2)
        return inner.center() + QPointF(x * inner.width() / 2, y * inner.height() / 2)

    def move(self, at: QPointF) -> None:
        """Remember where the pointer is."""
        self._pointer = at

    def tick(self, passed_ms: float) -> None:
        """The light wanders; seconds in it count."""
        super().tick(passed_ms)
        self._time_s += passed_ms / 1000.0
        self._trail = [*self._trail[-40:], self.light]
        if self._pointer is not None and distance(self._pointer, self.light) < self._reach:
            self._inside_s += passed_ms / 1000.0
            self.count = int(self._inside_s)

    @property
    def _reach(self) -> float:
        return 34 * self.look.unit

    def paint(self, painter: QPainter) -> None:
        """Draw the light and its trail."""
        painter.setPen(Qt.NoPen)
        for number, point in enumerate(self._trail):
            radius = self._reach * 0.22 * number / max(1, len(self._trail))
            painter.setBrush(self.look.colour("accent", 10 + 2 * number))
            painter.drawEllipse(point, radius, radius)
        at = self.light
        near = self._pointer is not None and distance(self._pointer, at) < self._reach
        glow = QRadialGradient(at, self._reach * 1.7)
        glow.setColorAt(0.0, self.look.colour("accent", 190 if near else 110))
        glow.setColorAt(1.0, self.look.colour("accent", 0))
        painter.setBrush(glow)
        painter.drawEllipse(at, self._reach * 1.7, self._reach * 1.7)
        self.disc(painter, at, self._reach * 0.3)
        super().paint(painter)


class WorkGame(Game):
    """Nothing to do here: whatever is done elsewhere is recorded."""

    def paint(self, painter: QPainter) -> None:
        """Say so."""
        painter.setPen(self.look.colour("text"))
        painter.setFont(self.look.font(20, QFont.DemiBold))
        upper = QRectF(self.field.left(), self.field.top(), self.field.width(), self.field.height() * 0.46)
        title = self.title.replace("&", "")
        painter.drawText(upper, int(Qt.AlignHCenter | Qt.AlignBottom), title)
        painter.setPen(self.look.colour("quiet"))
        painter.setFont(self.look.font(15))
        lower = self.field.adjusted(
            self.field.width() * 0.18, self.field.height() * 0.5, -self.field.width() * 0.18, 0
        )
        painter.drawText(lower, int(Qt.AlignHCenter | Qt.AlignTop | Qt.TextWordWrap), self.hint)


def games(look: Look, tr: Callable[[str], str], chance: random.Random | None = None) -> dict[str, Game]:
    """Return every game by its name."""
    chance = chance or random.Random()  # places of balls, not secrets
    made: dict[str, Game] = {
        "pop": PopGame(look, chance), "carry": CarryGame(look, chance),
        "follow": FollowGame(look, chance), "work": WorkGame(look, chance),
    }  # fmt: skip
    words = {
        "pop": (tr("&Pop"), tr("Click each ball. The dashed ring shows where the next one will be.")),
        "carry": (tr("Carry &home"), tr("Drag each pebble into its nest.")),
        "follow": (tr("&Follow"), tr("Keep the pointer in the light.")),
        "work": (
            tr("Your own &work"),
            tr("Use your computer as you always do, for as long as you like; the window steps aside. Come "
                "back when you have done enough."),
        ),
    }  # fmt: skip
    for name, game in made.items():
        game.title, game.hint = words[name]
    return made


def distance(one: QPointF, other: QPointF) -> float:
    """Return how far apart two points are."""
    return math.hypot(one.x() - other.x(), one.y() - other.y())
