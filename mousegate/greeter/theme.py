"""Colours and fonts. Sizes are X pixels: design units times the layout's scale."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from PyQt5.QtCore import QRectF
from PyQt5.QtGui import (
    QColor,
    QFont,
    QPainter,
)

from mousegate.storage.config import Config

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
    """Every colour on the screen: a clear evening, dark above and the last light below, or a picture."""

    sky: tuple[QColor, ...]
    glows: tuple[Glow, ...]
    text: QColor
    quiet: QColor
    accent: QColor
    on_accent: QColor
    background: Path | None = None
    clock_format: str = "%H:%M"
    show_battery: bool = True
    veil: QColor = field(default_factory=lambda: QColor(8, 12, 24, 110))
    error: QColor = field(default_factory=lambda: QColor(255, 196, 184))
    shadow: QColor = field(default_factory=lambda: QColor(5, 8, 18, 70))
    glass: QColor = field(default_factory=lambda: QColor(255, 255, 255, 34))
    glass_focus: QColor = field(default_factory=lambda: QColor(255, 255, 255, 46))
    edge: QColor = field(default_factory=lambda: QColor(255, 255, 255, 56))
    focus: QColor = field(default_factory=lambda: QColor(255, 255, 255, 210))
    ripple: QColor = field(default_factory=lambda: QColor(255, 255, 255, 84))


def theme_of(config: Config) -> Theme:
    """Return the theme that the person configured."""
    base, accent, text = (
        QColor(config.background_colour),
        QColor(config.accent_colour),
        QColor(config.text_colour),
    )
    horizon = mix(_turned(base, 0.05, 255), base, 0.5)
    quiet = QColor(text)
    quiet.setAlpha(184)
    return Theme(
        sky=(mix(base, QColor(0, 0, 0), 0.48), base, mix(base, horizon, 0.55), horizon),
        glows=(
            Glow(0.25, 0.02, 0.70, _turned(base, -0.07, 64)),
            Glow(0.08, 0.95, 0.75, _turned(base, 0.07, 84)),
            Glow(0.78, 1.05, 1.05, _turned(accent, -0.12, 120)),
            Glow(0.86, 1.12, 0.70, _turned(accent, 0.0, 190)),
        ),
        text=text,
        quiet=quiet,
        accent=mix(accent, QColor(255, 255, 255), 0.55),
        on_accent=mix(base, QColor(0, 0, 0), 0.25),
        background=Path(config.background).expanduser() if config.background else None,
        clock_format=config.clock_format,
        show_battery=config.show_battery,
    )


def mix(colour: QColor, other: QColor, share: float) -> QColor:
    """Return `colour` with `share` (0 to 1) of it replaced by `other`."""
    return QColor.fromRgbF(
        colour.redF() + (other.redF() - colour.redF()) * share,
        colour.greenF() + (other.greenF() - colour.greenF()) * share,
        colour.blueF() + (other.blueF() - colour.blueF()) * share,
    )


def _turned(colour: QColor, turn: float, alpha: int) -> QColor:
    """Return a light of a neighbouring hue; greys stay grey."""
    hue = max(colour.hsvHueF(), 0.0)
    light = QColor.fromHsvF((hue + turn) % 1.0, min(colour.hsvSaturationF(), 0.5), 0.8 if turn else 1.0)
    light.setAlpha(alpha)
    return light


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
