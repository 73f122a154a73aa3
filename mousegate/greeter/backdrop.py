"""The background: an evening sky, or the person's picture. Painted once for a monitor."""

import random
from pathlib import Path
from typing import Final

from PyQt5.QtCore import QPointF, QRect, Qt
from PyQt5.QtGui import (
    QBrush,
    QColor,
    QImage,
    QImageReader,
    QLinearGradient,
    QPainter,
    QPixmap,
    QRadialGradient,
)

from mousegate.greeter.theme import Theme

_LARGE_PX: Final = 4_000_000
_GRAIN_SIDE: Final = 128
_GRAIN_ALPHA: Final = 5
_MAX_PICTURE_BYTES: Final = 64 * 1024 * 1024


def backdrop(theme: Theme, width: int, height: int) -> QPixmap:
    """Paint the whole background once, for a monitor of this size; the evening where the picture fails."""
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
    """Paint sky and lights; at half size for a large monitor, where it takes four times as long."""
    part = 2 if width * height > _LARGE_PX else 1
    image = QImage(max(1, width // part), max(1, height // part), QImage.Format_RGB32)
    painter = QPainter(image)
    sky = QLinearGradient(0, 0, 0, image.height())
    for number, colour in enumerate(theme.sky):
        sky.setColorAt(number / max(1, len(theme.sky) - 1), colour)
    painter.fillRect(image.rect(), QBrush(sky))
    reach = max(image.width(), image.height())
    for glow in theme.glows:
        light = QRadialGradient(QPointF(glow.x * image.width(), glow.y * image.height()), glow.radius * reach)
        for stop in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            colour = QColor(glow.colour)
            colour.setAlphaF(glow.colour.alphaF() * (1 - stop) ** 2)
            light.setColorAt(stop, colour)
        painter.fillRect(image.rect(), QBrush(light))
    painter.end()
    return image


def _grain() -> QImage:
    """Return a tile of faint noise: it breaks the bands that eight bits leave in a large gradient."""
    shades = [_shade(value) for value in range(256)]
    noise = random.Random(2008).randbytes(_GRAIN_SIDE * _GRAIN_SIDE)
    pixels = b"".join(shades[value] for value in noise)
    tile = QImage(pixels, _GRAIN_SIDE, _GRAIN_SIDE, 4 * _GRAIN_SIDE, QImage.Format_ARGB32_Premultiplied)
    return tile.copy()


def _shade(value: int) -> bytes:
    """Return white or black, faintly, as one premultiplied pixel."""
    alpha = value // 2 % _GRAIN_ALPHA
    return bytes([alpha if value & 1 else 0] * 3 + [alpha])


def _picture(path: Path, width: int, height: int) -> QImage | None:
    try:
        if path.stat().st_size > _MAX_PICTURE_BYTES:
            return None
    except OSError:
        return None
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    image = reader.read()
    if image.isNull():
        return None
    filled = image.scaled(width, height, Qt.KeepAspectRatioByExpanding, Qt.SmoothTransformation)
    left, top = (filled.width() - width) // 2, (filled.height() - height) // 2
    return filled.copy(left, top, width, height)
