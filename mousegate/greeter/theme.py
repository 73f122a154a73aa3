"""Colours, fonts and the backdrop. Sizes are X pixels: design units times the layout's scale."""

import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PyQt5.QtCore import QPointF, QRect, QRectF, Qt
from PyQt5.QtGui import (
    QBrush,
    QColor,
    QFont,
    QImage,
    QImageReader,
    QLinearGradient,
    QPainter,
    QPixmap,
    QRadialGradient,
)

_COARSE: Final = 8
_GRAIN_SIDE: Final = 128
_GRAIN_ALPHA: Final = 5
FAMILIES: Final = ("Inter", "DejaVu Sans")
CLOCK_FAMILIES: Final = ("Inter Display", "Inter", "DejaVu Sans")


@dataclass(frozen=True, slots=True)
class Glow:
    """A soft light in the backdrop: centre and radius as fractions of the monitor, and its colour."""

    x: float
    y: float
    radius: float
    colour: QColor


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour on the screen. The default is a clear evening: dark above, the last light below."""

    sky: tuple[QColor, ...] = (
        QColor(13, 20, 40),
        QColor(25, 40, 74),
        QColor(52, 70, 112),
        QColor(96, 100, 140),
    )
    glows: tuple[Glow, ...] = (
        Glow(0.82, 1.08, 0.85, QColor(255, 170, 120, 150)),
        Glow(0.10, 0.95, 0.75, QColor(120, 110, 200, 110)),
        Glow(0.25, 0.05, 0.70, QColor(50, 120, 160, 80)),
    )
    background: Path | None = None
    veil: QColor = field(default_factory=lambda: QColor(8, 12, 24, 110))
    text: QColor = field(default_factory=lambda: QColor(255, 255, 255))
    quiet: QColor = field(default_factory=lambda: QColor(255, 255, 255, 178))
    error: QColor = field(default_factory=lambda: QColor(255, 190, 178))
    shadow: QColor = field(default_factory=lambda: QColor(5, 8, 18, 70))
    glass: QColor = field(default_factory=lambda: QColor(255, 255, 255, 34))
    glass_hover: QColor = field(default_factory=lambda: QColor(255, 255, 255, 48))
    edge: QColor = field(default_factory=lambda: QColor(255, 255, 255, 56))
    accent: QColor = field(default_factory=lambda: QColor(255, 255, 255))
    on_accent: QColor = field(default_factory=lambda: QColor(24, 34, 62))
    focus: QColor = field(default_factory=lambda: QColor(255, 255, 255, 210))
    ripple: QColor = field(default_factory=lambda: QColor(255, 255, 255, 60))


def font(size_px: float, weight: int = QFont.Normal, families: tuple[str, ...] = FAMILIES) -> QFont:
    """Return a font of `size_px` X pixels; the first family that is installed is taken."""
    chosen = QFont()
    chosen.setFamilies(list(families))
    chosen.setPixelSize(max(1, round(size_px)))
    chosen.setWeight(weight)
    chosen.setHintingPreference(QFont.PreferNoHinting)
    return chosen


@dataclass(frozen=True, slots=True)
class Ink:
    """How text is drawn: its colour, its shadow's, and X pixels per design unit."""

    colour: QColor
    shadow: QColor
    unit: float


def draw_text(painter: QPainter, area: QRectF, flags: int, text: str, ink: Ink) -> None:
    """Draw `text` with a faint shadow, so that it can be read on any picture."""
    painter.setPen(ink.shadow)
    painter.drawText(area.translated(0, ink.unit), flags, text)
    painter.setPen(ink.colour)
    painter.drawText(area, flags, text)


def backdrop(theme: Theme, width: int, height: int) -> QPixmap:
    """Paint the whole background once, for a monitor of this size."""
    picture = _picture(theme.background, width, height) if theme.background else None
    canvas = QPixmap(width, height)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.SmoothPixmapTransform)
    if picture is not None:
        painter.drawImage(0, 0, picture)
        painter.fillRect(0, 0, width, height, theme.veil)
    else:
        painter.drawImage(QRect(0, 0, width, height), _evening(theme, width, height))
        painter.fillRect(0, 0, width, height, QBrush(_grain()))
    painter.end()
    return canvas


def _evening(theme: Theme, width: int, height: int) -> QImage:
    small = QImage(max(2, width // _COARSE), max(2, height // _COARSE), QImage.Format_RGB32)
    painter = QPainter(small)
    sky = QLinearGradient(0, 0, 0, small.height())
    for number, colour in enumerate(theme.sky):
        sky.setColorAt(number / max(1, len(theme.sky) - 1), colour)
    painter.fillRect(small.rect(), QBrush(sky))
    reach = max(small.width(), small.height())
    for glow in theme.glows:
        centre = QPointF(glow.x * small.width(), glow.y * small.height())
        light = QRadialGradient(centre, glow.radius * reach)
        for stop in (0.0, 0.25, 0.5, 0.75, 1.0):
            colour = QColor(glow.colour)
            colour.setAlphaF(glow.colour.alphaF() * (1 - stop) ** 2)
            light.setColorAt(stop, colour)
        painter.fillRect(small.rect(), QBrush(light))
    painter.end()
    return small


def _grain() -> QImage:
    """Return a tile of faint noise: it breaks the bands that eight bits leave in a large gradient."""
    tile = QImage(_GRAIN_SIDE, _GRAIN_SIDE, QImage.Format_ARGB32)
    noise = random.Random(2008)
    for y in range(_GRAIN_SIDE):
        for x in range(_GRAIN_SIDE):
            light = 255 if noise.random() < 0.5 else 0
            tile.setPixelColor(x, y, QColor(light, light, light, noise.randrange(_GRAIN_ALPHA)))
    return tile


def _picture(path: Path, width: int, height: int) -> QImage | None:
    reader = QImageReader(str(path))
    reader.setAutoTransform(True)
    image = reader.read()
    if image.isNull():
        return None
    filled = image.scaled(width, height, Qt.KeepAspectRatioByExpanding, Qt.SmoothTransformation)
    left, top = (filled.width() - width) // 2, (filled.height() - height) // 2
    return filled.copy(left, top, width, height)
