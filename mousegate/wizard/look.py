"""Colours, sizes and the style sheet: light paper or the evening of the lock screen, and one accent."""

from dataclasses import dataclass
from typing import Final

from PyQt5.QtGui import QColor, QFont, QGuiApplication

_FAMILIES: Final = ("Inter", "DejaVu Sans", "sans-serif")
_DESIGN_WIDTH, _DESIGN_HEIGHT = 1360.0, 850.0
_USUAL_DPI: Final = 96.0


@dataclass(frozen=True, slots=True)
class Palette:
    """Every colour of the wizard, as #rrggbb. `soft`: what fills quiet areas; `good`, `bad`: outcomes."""

    name: str
    paper: str
    card: str
    rail: str
    line: str
    soft: str
    text: str
    quiet: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    warn: str
    bad: str


LIGHT: Final = Palette(
    name="light", paper="#fbf9f6", card="#ffffff", rail="#f3efe9", line="#e4ded5", soft="#f1ede6",
    text="#1f2534", quiet="#626a79", accent="#bf4f1f", accent_soft="#fbe5d9", on_accent="#ffffff",
    good="#2f7d57", warn="#a86a00", bad="#b3261e",
)  # fmt: skip
DARK: Final = Palette(
    name="dark", paper="#111829", card="#1a2338", rail="#0d1322", line="#2b3650", soft="#222c45",
    text="#eef1f8", quiet="#a3aec4", accent="#ffaa78", accent_soft="#3a2c33", on_accent="#241509",
    good="#7fd6a8", warn="#f0c36d", bad="#ff9d94",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """A palette, and X pixels per design unit."""

    palette: Palette
    unit: float

    def px(self, units: float) -> int:
        """Return whole X pixels for design units; a hairline stays visible."""
        return max(1, round(units * self.unit))

    def colour(self, name: str, alpha: int = 255) -> QColor:
        """Return one of the palette's colours."""
        colour = QColor(getattr(self.palette, name))
        colour.setAlpha(alpha)
        return colour

    def font(self, size: float, weight: int = QFont.Normal) -> QFont:
        """Return a font of `size` design units."""
        font = QFont()
        font.setFamilies(list(_FAMILIES))
        font.setPixelSize(self.px(size))
        font.setWeight(weight)
        return font


def screen_unit() -> float:
    """Return X pixels per design unit: as the desktop says (Xft.dpi), else as the screen's size suggests."""
    screen = QGuiApplication.primaryScreen()
    told = float(screen.logicalDotsPerInch()) / _USUAL_DPI
    if abs(told - 1.0) > 0.05:
        return min(max(told, 0.75), 4.0)
    size = screen.size()
    return min(max(min(size.width() / _DESIGN_WIDTH, size.height() / _DESIGN_HEIGHT), 0.85), 3.0)


_SHEET: Final = """
* {{ font-family: "Inter", "DejaVu Sans", sans-serif; font-size: {body}px; color: {text}; outline: none; }}
QWidget#window, QWidget#content, QWidget#page, QScrollArea, QWidget#scrolled {{ background: {paper};
    border: none; }}
QWidget#rail {{ background: {rail}; }}
QLabel {{ background: transparent; }}
QLabel#title {{ font-size: {title}px; font-weight: 600; }}
QLabel#lead {{ font-size: {lead}px; color: {quiet}; }}
QLabel#heading {{ font-size: {heading}px; font-weight: 600; }}
QLabel#big {{ font-size: {big}px; font-weight: 600; }}
QLabel#quiet {{ color: {quiet}; }}
QLabel#small {{ color: {quiet}; font-size: {small}px; }}
QLabel#code {{ font-family: "DejaVu Sans Mono", monospace; font-size: {heading}px; letter-spacing: 1px; }}
QLabel#problem {{ color: {bad}; }}
QLabel#good {{ color: {good}; font-weight: 600; }}
QFrame#card {{ background: {card}; border: {hair}px solid {line}; border-radius: {radius}px; }}
QFrame#notice {{ background: {accent_soft}; border: none; border-radius: {radius}px; }}
QPushButton {{ background: {card}; border: {hair}px solid {line}; border-radius: {round}px;
    padding: {vpad}px {hpad}px;
    font-weight: 500; min-height: {buttonh}px; }}
QPushButton:hover {{ background: {soft}; }}
QPushButton:focus {{ border: {ring}px solid {accent}; }}
QPushButton:disabled {{ color: {quiet}; background: {soft}; border-color: {soft}; }}
QPushButton[kind="primary"] {{ background: {accent}; color: {on_accent}; border-color: {accent};
    font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {accent_hover}; }}
QPushButton[kind="primary"]:focus {{ border: {ring}px solid {text}; }}
QPushButton[kind="primary"]:disabled {{ background: {soft}; color: {quiet}; border-color: {soft}; }}
QPushButton[kind="plain"] {{ background: transparent; border-color: transparent; color: {quiet};
    font-weight: 500; }}
QPushButton[kind="plain"]:hover {{ color: {text}; background: {soft}; }}
QPushButton[kind="plain"]:focus {{ border: {ring}px solid {accent}; }}
QPushButton[kind="plain"]:checked {{ color: {text}; background: {accent_soft}; }}
QPushButton[kind="danger"] {{ background: transparent; border-color: {bad}; color: {bad}; }}
QPushButton[kind="danger"]:hover {{ background: {soft}; }}
QLineEdit, QSpinBox {{ background: {card}; border: {hair}px solid {line}; border-radius: {round}px;
    padding: {vpad}px {fieldpad}px; min-height: {buttonh}px; selection-background-color: {accent};
    selection-color: {on_accent}; }}
QLineEdit:focus, QSpinBox:focus {{ border: {ring}px solid {accent}; }}
QSpinBox::up-button, QSpinBox::down-button {{ width: 0; border: none; }}
QCheckBox {{ spacing: {gap}px; font-weight: 500; }}
QCheckBox::indicator {{ width: {tick}px; height: {tick}px; border: {hair}px solid {quiet};
    border-radius: {tickr}px;
    background: {card}; }}
QCheckBox::indicator:checked {{ background: {accent}; border-color: {accent}; }}
QCheckBox:focus {{ color: {accent}; }}
QScrollBar:vertical {{ background: transparent; width: {gap}px; }}
QScrollBar::handle:vertical {{ background: {line}; border-radius: {tickr}px; min-height: {buttonh}px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: none; height: 0; }}
QToolTip {{ background: {card}; color: {text}; border: {hair}px solid {line}; }}
"""


def style_sheet(look: Look) -> str:
    """Return the style sheet of the whole window."""
    palette, px = look.palette, look.px
    hover = QColor(palette.accent).lighter(108).name()
    return _SHEET.format(
        paper=palette.paper, card=palette.card, rail=palette.rail, line=palette.line, soft=palette.soft,
        text=palette.text, quiet=palette.quiet, accent=palette.accent, accent_soft=palette.accent_soft,
        on_accent=palette.on_accent, good=palette.good, bad=palette.bad, accent_hover=hover,
        body=px(15), small=px(13), lead=px(16.5), heading=px(17), title=px(31), big=px(24),
        hair=px(1), ring=px(2), radius=px(14), round=px(10), vpad=px(6), hpad=px(20), fieldpad=px(12),
        buttonh=px(24), gap=px(10), tick=px(20), tickr=px(5),
    )  # fmt: skip
