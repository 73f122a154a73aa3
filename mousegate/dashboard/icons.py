"""Icons of our own drawing, from SVG in mousegate/data/drawings, in any colour."""

from enum import StrEnum
from functools import lru_cache
from importlib.resources import files

from PyQt5.QtCore import QByteArray, QRectF, Qt
from PyQt5.QtGui import QColor, QIcon, QPainter, QPixmap
from PyQt5.QtSvg import QSvgRenderer

from mousegate.core.standing import Standing

_SIZES = (16, 22, 24, 32, 48, 64, 128)


class Shape(StrEnum):
    """What there is a drawing of; the value is the file's name."""

    MARK = "mark"
    WATCHING = "watching"
    SUSPECT = "suspect"
    PAUSED = "paused"
    LOCKED = "locked"
    OFF = "off"
    OVERVIEW = "overview"
    ANOMALIES = "anomalies"
    SIMILARITY = "similarity"
    APPLICATIONS = "applications"

    @classmethod
    def of(cls, standing: Standing) -> "Shape":
        """Return the drawing of a standing."""
        known = {
            Standing.WATCHING: cls.WATCHING,
            Standing.SUSPECT: cls.SUSPECT,
            Standing.PAUSED: cls.PAUSED,
            Standing.LOCKED: cls.LOCKED,
        }
        return known.get(standing, cls.OFF)


@lru_cache(maxsize=64)
def icon(shape: Shape, colour: str) -> QIcon:
    """Return a drawing in one colour (`#rrggbb`), sharp at every usual size."""
    return _rendered(_drawing(shape, colour))


@lru_cache(maxsize=16)
def badge(shape: Shape, colour: str, ground: str) -> QIcon:
    """Return a drawing on a ground of its own, which is seen on light and dark panels alike."""
    return _rendered(_drawing(shape, colour), ground)


def _drawing(shape: Shape, colour: str) -> QSvgRenderer:
    svg = (files("mousegate") / f"data/drawings/{shape}.svg").read_text(encoding="utf-8")
    return QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))


def _rendered(drawing: QSvgRenderer, ground: str = "") -> QIcon:
    one = QIcon()
    for size in _SIZES:
        picture = QPixmap(size, size)
        picture.fill(Qt.transparent)
        painter = QPainter(picture)
        margin = 0.0
        if ground:
            painter.setRenderHint(QPainter.Antialiasing)
            painter.setPen(Qt.NoPen)
            painter.setBrush(QColor(ground))
            painter.drawRoundedRect(QRectF(0, 0, size, size), 0.22 * size, 0.22 * size)
            margin = 0.11 * size
        drawing.render(painter, QRectF(margin, margin, size - 2 * margin, size - 2 * margin))
        painter.end()
        one.addPixmap(picture)
    return one
