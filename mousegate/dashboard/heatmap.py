"""Where in its windows an application is clicked, drawn as a window with warm places."""

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QRectF, Qt
from PyQt5.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PyQt5.QtWidgets import QSizePolicy, QWidget

from mousegate.core.places import GRID
from mousegate.dashboard.theme import Theme
from mousegate.dashboard.words import Translate
from mousegate.storage.history_places import Application

_KERNEL = np.array([0.03, 0.11, 0.22, 0.28, 0.22, 0.11, 0.03])
"""A cell warms its neighbours: clicks on one button fall on both sides of a cell's edge."""


class HeatMap(QWidget):
    """One application's clicks."""

    def __init__(self, theme: Theme, say: Translate) -> None:
        super().__init__()
        self._theme, self._say = theme, say
        self._image: QImage | None = None
        self._shape = (16, 10)
        self.setMinimumSize(240, 180)
        self.setSizePolicy(QSizePolicy.Expanding, QSizePolicy.Expanding)

    def show_application(self, one: Application) -> None:
        """Draw this one."""
        self._shape = (one.width, one.height)
        self._image = picture(warmth(one.cells), self._theme.heat)
        self.setAccessibleName(self._say("Where {name} is clicked").format(name=one.name))
        self.setAccessibleDescription(describe(one, self._say))
        self.setToolTip(describe(one, self._say))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a window of the application's shape, as large as there is room for."""
        if self._image is None:
            return
        width, height = self._shape
        scale = min(self.width() / width, self.height() / height)
        area = QRectF(0, 0, width * scale - 2, height * scale - 2)
        area.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.setRenderHints(QPainter.Antialiasing | QPainter.SmoothPixmapTransform)
        frame = QPainterPath()
        frame.addRoundedRect(area, 8, 8)
        painter.setClipPath(frame)
        painter.drawImage(area, self._image)
        painter.setClipping(False)
        painter.setPen(QPen(QColor(self._theme.line), 1.5))
        painter.setBrush(Qt.NoBrush)
        painter.drawPath(frame)
        painter.end()


def warmth(cells: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return 0 to 1 for every cell: smoothed, and by the root, so that rare places show, too."""
    smooth = cells.astype(np.float64)
    for axis in (0, 1):
        smooth = np.apply_along_axis(lambda line: np.convolve(line, _KERNEL, mode="same"), axis, smooth)
    most = float(smooth.max())
    warm: NDArray[np.float64] = np.sqrt(smooth / most) if most > 0 else smooth
    return warm


def picture(warm: NDArray[np.float64], heat: tuple[str, ...]) -> QImage:
    """Return a GRID x GRID picture of warmth in these colours."""
    stops = np.linspace(0, 1, len(heat))
    channels = np.array([QColor(colour).getRgb()[:3] for colour in heat], dtype=np.float64)
    pixels = np.stack([np.interp(warm, stops, channels[:, index]) for index in range(3)], axis=-1)
    raw = np.ascontiguousarray(pixels.astype(np.uint8))
    return QImage(raw.tobytes(), GRID, GRID, 3 * GRID, QImage.Format_RGB888).copy()


def describe(one: Application, say: Translate) -> str:
    """Return where most clicks fall, in words: the part of the window, of nine."""
    thirds = np.array_split(np.arange(GRID), 3)
    counts = np.array([[one.cells[np.ix_(rows, columns)].sum() for columns in thirds] for rows in thirds])
    parts = (
        (say("top left"), say("top"), say("top right")),
        (say("left"), say("middle"), say("right")),
        (say("bottom left"), say("bottom"), say("bottom right")),
    )
    row, column = np.unravel_index(int(counts.argmax()), counts.shape)
    share = 100 * counts.max() / max(counts.sum(), 1)
    text = say("{count} clicks, {share} % of them in this part of the window: {part}")
    return text.format(count=one.clicks, share=f"{share:.0f}", part=parts[int(row)][int(column)])
