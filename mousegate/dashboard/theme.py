"""Colours, fonts and the style sheet, in dark and in light. The lock screen's evening, indoors."""

from dataclasses import dataclass
from typing import Final

from PyQt5.QtGui import QColor, QPalette
from PyQt5.QtWidgets import QApplication

from mousegate.core.standing import Standing

FAMILIES: Final = ("Inter", "DejaVu Sans")


@dataclass(frozen=True, slots=True)
class Theme:
    """Every colour, as `#rrggbb`. heat: from no clicks to the most."""

    name: str
    ground: str
    side: str
    card: str
    line: str
    text: str
    quiet: str
    faint: str
    accent: str
    on_accent: str
    good: str
    bad: str
    pause: str
    heat: tuple[str, ...]

    def of_standing(self, standing: Standing) -> str:
        """Return the colour of a standing."""
        return {Standing.WATCHING: self.good, Standing.SUSPECT: self.bad, Standing.PAUSED: self.pause}.get(
            standing, self.quiet
        )


DARK: Final = Theme(
    name="dark",
    ground="#111829",
    side="#0c1220",
    card="#1a2338",
    line="#2b3653",
    text="#eef1f8",
    quiet="#98a4bf",
    faint="#5d6987",
    accent="#ffaa78",
    on_accent="#24140a",
    good="#6fd3a8",
    bad="#ff7d72",
    pause="#e6c468",
    heat=("#1a2338", "#33355e", "#6d4370", "#b85c66", "#f08a5d", "#ffd08a", "#fff6d6"),
)
LIGHT: Final = Theme(
    name="light",
    ground="#f4f5f9",
    side="#e9ecf3",
    card="#ffffff",
    line="#dde2ec",
    text="#1b2438",
    quiet="#5a6680",
    faint="#9ba5b9",
    accent="#b9541b",
    on_accent="#ffffff",
    good="#14795a",
    bad="#c2352b",
    pause="#8f6a00",
    heat=("#ffffff", "#ffe9d2", "#ffc795", "#f79860", "#dd6144", "#a8383e", "#5e1f3d"),
)
THEMES: Final = {theme.name: theme for theme in (DARK, LIGHT)}

_SHEET: Final = """
QWidget {{ color: {text}; font-size: 13px; }}
QMainWindow, #ground, QScrollArea, #pages {{ background: {ground}; border: none; }}
#side {{ background: {side}; border: none; }}
#nav {{ background: transparent; border: none; outline: none; }}
#nav::item {{ padding: 9px 12px; border-radius: 8px; margin: 2px 10px; color: {quiet}; }}
#nav::item:hover {{ color: {text}; }}
#nav::item:selected {{ background: {card}; color: {text}; }}
#nav::item:focus {{ border: 2px solid {accent}; padding: 7px 10px; }}
#card {{ background: {card}; border: 1px solid {line}; border-radius: 12px; }}
#title {{ font-size: 21px; font-weight: 600; }}
#brand {{ font-size: 17px; font-weight: 600; }}
#heading {{ font-size: 14px; font-weight: 600; }}
#figure {{ font-size: 27px; font-weight: 600; }}
#quiet, #empty {{ color: {quiet}; }}
#empty {{ font-size: 14px; }}
#problem {{ color: {bad}; background: {card}; border: 1px solid {bad}; border-radius: 8px; }}
#problem {{ padding: 8px 12px; }}
QPushButton {{ background: {card}; border: 1px solid {line}; border-radius: 8px; padding: 7px 14px; }}
QPushButton:hover {{ border-color: {quiet}; }}
QPushButton:focus {{ border: 2px solid {accent}; padding: 6px 13px; }}
QPushButton:disabled {{ color: {faint}; }}
QPushButton:checked {{ background: {accent}; color: {on_accent}; border-color: {accent}; }}
#primary {{ background: {accent}; color: {on_accent}; border-color: {accent}; font-weight: 600; }}
#primary:focus {{ border: 2px solid {text}; }}
#primary:disabled {{ background: {card}; color: {faint}; border-color: {line}; }}
#list {{ background: transparent; border: none; outline: none; }}
#list::item {{ padding: 8px 10px; border-radius: 8px; margin: 1px 0; }}
#list::item:selected {{ background: {ground}; color: {text}; }}
#list::item:focus {{ border: 2px solid {accent}; padding: 6px 8px; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 2px; }}
QScrollBar::handle:vertical {{ background: {line}; border-radius: 3px; min-height: 30px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ height: 0; }}
QToolTip {{ background: {side}; color: {text}; border: 1px solid {line}; padding: 4px; }}
"""


def apply(application: QApplication, theme: Theme) -> None:
    """Dress the whole application."""
    font = application.font()
    font.setFamilies(list(FAMILIES))
    font.setPixelSize(13)
    application.setFont(font)
    application.setStyle("Fusion")
    palette = QPalette()
    for role, colour in (
        (QPalette.Window, theme.ground),
        (QPalette.WindowText, theme.text),
        (QPalette.Base, theme.card),
        (QPalette.Text, theme.text),
        (QPalette.Button, theme.card),
        (QPalette.ButtonText, theme.text),
        (QPalette.Highlight, theme.accent),
        (QPalette.HighlightedText, theme.on_accent),
    ):
        palette.setColor(role, QColor(colour))
    application.setPalette(palette)
    colours = {name: getattr(theme, name) for name in theme.__slots__ if name not in ("name", "heat")}
    application.setStyleSheet(_SHEET.format(**colours))
