"""What a login screen has besides the lock's: the other faces, and what is chosen before one logs in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from PyQt5.QtCore import QObject, QPoint, QRectF, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent
from PyQt5.QtWidgets import QAction, QActionGroup, QGraphicsOpacityEffect, QMenu, QWidget

from mousegate.greeter.buttons import FaceDisc, Link
from mousegate.greeter.faces import Person, disc_colour, load_face
from mousegate.greeter.labels import Label
from mousegate.greeter.layout import NAME_BELOW, Layout, Rect, lobby
from mousegate.greeter.screen import Phase, Screen
from mousegate.greeter.theme import FAMILIES, Theme, mix

T_co = TypeVar("T_co", covariant=True)

_FADED: Final = 0.72


@dataclass(frozen=True, slots=True)
class Choice(Generic[T_co]):
    """One line of a menu, and what it stands for."""

    value: T_co
    name: str


class Lobby(QObject):
    """The other faces left and right of the one in the middle, and three menus at the lower edge.

    chosen: a Person. session, language, power: the value of a Choice. dismissed: a menu was open, and is not
    any more. Nothing is chosen during an attempt.
    """

    chosen = pyqtSignal(object)
    session = pyqtSignal(object)
    language = pyqtSignal(object)
    power = pyqtSignal(object)
    dismissed = pyqtSignal()

    def __init__(self, parent: QWidget, theme: Theme, translate: Callable[[str], str]) -> None:
        super().__init__(parent)
        self._parent, self._theme, self._tr = parent, theme, translate
        self._people: tuple[Person, ...] = ()
        self._at = 0
        self._layout: Layout | None = None
        self._faces: list[_Neighbour] = []
        self._menus = (
            ChoiceLink(parent, theme, self.session.emit),
            ChoiceLink(parent, theme, self.language.emit),
            ChoiceLink(parent, theme, self.power.emit, is_action=True),
        )
        for menu in self._menus:
            menu.closed.connect(self.dismissed)

    # ---- what there is

    def offer_sessions(self, choices: Sequence[Choice[object]], now: object = None) -> None:
        """Offer these desktops; `now` is the one that is chosen."""
        self._menus[0].offer(self._tr("Session"), choices, now)

    def offer_languages(self, choices: Sequence[Choice[object]], now: object = None) -> None:
        """Offer these languages."""
        self._menus[1].offer(self._tr("Language"), choices, now)

    def offer_power(self, choices: Sequence[Choice[object]]) -> None:
        """Offer what the machine can be told; nothing is shown where it can be told nothing."""
        self._menus[2].offer(self._tr("Power"), choices, None)

    def show_people(self, people: tuple[Person, ...], at: int) -> None:
        """Show them around the one at index `at`, who stands in the middle."""
        self._people, self._at = people, at
        self._arrange()

    def turn(self, step: int) -> None:
        """Choose the next person, or the one before."""
        if 0 <= self._at + step < len(self._people) and all(face.isEnabled() for face in self._faces):
            self.chosen.emit(self._people[self._at + step])

    # ---- where it stands

    def lay_out(self, layout: Layout) -> None:
        """Follow the window's size."""
        self._layout = layout
        places = lobby(layout)
        for menu, rect in zip(self._menus, (places.session, places.language, places.power), strict=True):
            menu.setGeometry(*rect.as_list())
            menu.set_unit(layout.scale)
        self._arrange()

    def follow(self, screen: Screen) -> None:
        """Let nothing be chosen during an attempt, and leave with the rest when it succeeded."""
        for part in (*self._faces, *self._menus):
            part.setEnabled(screen.phase is Phase.READY)
        leaving = screen.phase is Phase.WELCOME
        for face in self._faces:
            face.set_shown(not leaving)
        for menu in self._menus:
            menu.setVisible(menu.has_choice and not leaving)

    def _arrange(self) -> None:
        for face in self._faces:
            face.remove()
        self._faces = []
        if self._layout is None:
            return
        places = lobby(self._layout)
        earlier = zip(reversed(self._people[: self._at]), places.before, strict=False)
        later = zip(self._people[self._at + 1 :], places.after, strict=False)
        for person, rect in (*earlier, *later):
            face = _Neighbour(self._parent, self._theme, person, rect, self._layout.scale)
            face.clicked.connect(lambda _=False, person=person: self.chosen.emit(person))
            self._faces.append(face)


class _Neighbour(FaceDisc):
    """Another person's face, smaller, with the name below."""

    def __init__(self, parent: QWidget, theme: Theme, person: Person, rect: Rect, unit: float) -> None:
        super().__init__(parent, theme, person.initials, disc_colour(person.user))
        self._dot = QColor(theme.accent) if person.is_logged_in else None
        self.setGeometry(*rect.as_list())
        self.set_face(load_face(person, rect.height))
        self.setAccessibleName(person.real_name)
        self.setFocusPolicy(Qt.TabFocus)
        self.setCursor(Qt.PointingHandCursor)
        faded = QGraphicsOpacityEffect(self)
        faded.setOpacity(_FADED)
        self.setGraphicsEffect(faded)
        self._name = Label(parent, theme, 12.5, QFont.Medium)
        self._name.align(int(Qt.AlignHCenter | Qt.AlignTop))
        self._name.set_unit(unit)
        self._name.setGeometry(
            round(rect.x - 14 * unit), rect.y + rect.height + round(5 * unit),
            round(rect.width + 28 * unit), round(NAME_BELOW * unit),
        )  # fmt: skip
        self._name.say(person.real_name, theme.quiet)
        self.set_shown(True)
        self.lower()
        self._name.lower()

    def set_shown(self, is_shown: bool) -> None:
        """Show or hide face and name."""
        self.setVisible(is_shown)
        self._name.setVisible(is_shown)

    def remove(self) -> None:
        """Take both away."""
        for part in (self, self._name):
            part.hide()
            part.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose on Return as well as on Space."""
        if event.key() in {Qt.Key_Return, Qt.Key_Enter} and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the disc, and a dot on it for who is logged in already."""
        super().paintEvent(event)
        if self._dot is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.Antialiasing)
        side = self.height() / 5
        painter.setPen(Qt.NoPen)
        painter.setBrush(self._dot)
        painter.drawEllipse(QRectF(self.width() - 1.15 * side, self.height() - 1.15 * side, side, side))
        painter.end()


class ChoiceLink(Link):
    """A quiet word at the edge that opens a menu, and reads as what was chosen there. closed: the menu is."""

    closed = pyqtSignal()

    def __init__(
        self, parent: QWidget, theme: Theme, told: Callable[[object], None], is_action: bool = False
    ) -> None:
        super().__init__(parent, theme)
        self._told, self._is_action, self._title = told, is_action, ""
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self.has_choice = False
        self.hide()
        self.clicked.connect(self._open)
        self._menu.aboutToHide.connect(self.closed)
        self._menu.aboutToHide.connect(self.update)

    def offer(self, title: str, choices: Sequence[Choice[object]], now: object) -> None:
        """Offer `choices`; None is the value of what holds without a choice."""
        self._title = title
        self._menu.clear()
        for choice in choices:
            action = self._menu.addAction(choice.name)
            action.setData(choice.value)
            if not self._is_action:
                action.setCheckable(True)
                action.setChecked(choice.value == now)
                self._group.addAction(action)
            action.triggered.connect(lambda _=False, action=action: self._take(action))
        self.has_choice = len(choices) > (0 if self._is_action else 1)
        self.setVisible(self.has_choice)
        self._read()

    def set_unit(self, unit: float) -> None:
        """Set X pixels per design unit, of the menu as well."""
        super().set_unit(unit)
        self._menu.setStyleSheet(_menu_style(self._theme, unit))

    def is_bright(self) -> bool:
        """Return whether it is about to be used, or its menu is open."""
        return super().is_bright() or self._menu.isVisible()

    def _take(self, action: QAction) -> None:
        self._read()
        self._told(action.data())

    def _read(self) -> None:
        checked = self._group.checkedAction()
        chosen = checked.text() if checked is not None and checked.data() is not None else ""
        self.setText(chosen or self._title)
        self.setAccessibleName(f"{self._title}: {chosen}" if chosen else self._title)
        self.update()

    def _open(self) -> None:
        size = self._menu.sizeHint()
        window = self.window()
        x = min(self.x(), window.width() - size.width() - self.x() % max(self.width(), 1))
        x = max(min(x, window.width() - size.width() - round(16 * self._unit)), 0)
        self._menu.popup(window.mapToGlobal(QPoint(x, max(self.y() - size.height(), 0))))
        self._menu.setActiveAction(self._group.checkedAction() or self._menu.actions()[0])


def _menu_style(theme: Theme, unit: float) -> str:
    """Return a style sheet for a menu over the backdrop, in X pixels."""
    ground, text = theme.sky[0].name(), theme.text.name()
    edge = mix(theme.sky[0], theme.edge, theme.edge.alphaF()).name()
    accent, on_accent = theme.accent.name(), theme.on_accent.name()

    def px(units: float) -> str:
        return f"{max(1, round(units * unit))}px"

    families = ", ".join(f'"{name}"' for name in FAMILIES)
    return f"""
        QMenu {{
            background: {ground}; color: {text}; border: {px(1)} solid {edge}; padding: {px(6)};
            font-family: {families}; font-size: {px(14)};
        }}
        QMenu::item {{ padding: {px(7)} {px(24)}; border-radius: {px(6)}; }}
        QMenu::item:selected {{ background: {accent}; color: {on_accent}; }}
        QMenu::indicator {{ width: {px(8)}; height: {px(8)}; left: {px(9)}; border-radius: {px(4)}; }}
        QMenu::indicator:checked {{ background: {accent}; }}
    """
