"""The icon in the tray: how it stands, and the few things one wants at once. It never holds a window.

Qt speaks StatusNotifierItem where the desktop does, and XEmbed elsewhere. A tray that is not there yet, or
not any more, is waited for.
"""

import logging
from collections.abc import Callable
from typing import Final, Protocol

from PyQt5.QtCore import QObject, QTimer
from PyQt5.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from mousegate.core.standing import Standing
from mousegate.dashboard.icons import Shape, badge
from mousegate.dashboard.presenter import Content, Header
from mousegate.dashboard.words import Translate

_LOG = logging.getLogger(__name__)
_WAIT_MS: Final = 3000
_TICK_MS: Final = 15_000
_GROUND: Final = "#67718a"
_GROUNDS: Final = {
    Standing.WATCHING: "#2b4c8c",
    Standing.LOCKED: "#2b4c8c",
    Standing.SUSPECT: "#d2352b",
    Standing.PAUSED: "#a87a00",
}
"""Colours behind the drawing; grey where nobody watches."""


class Actions(Protocol):
    """What the tray asks of mousegate.dashboard.presenter.Presenter."""

    def tick(self) -> None:
        """Some seconds have passed."""

    def pause(self) -> None:
        """Pause for an hour."""

    def resume(self) -> None:
        """Watch again."""

    def lock(self) -> None:
        """Lock the screen."""


class Tray(QObject):
    """The icon and its menu. open_dashboard: opens the window; leave: ends the program."""

    def __init__(
        self, say: Translate, actions_of: "Callable[[Tray], Actions]", open_dashboard: Callable[[], None]
    ) -> None:
        super().__init__()
        self._say = say
        self._open = open_dashboard
        self._icon: QSystemTrayIcon | None = None
        self._header: Header | None = None
        self._complained = False
        self._actions = actions_of(self)
        self._menu = self._filled_menu()
        self._tick = QTimer(self)
        self._tick.timeout.connect(self._actions.tick)
        self._tick.start(_TICK_MS)
        self._wait = QTimer(self)
        self._wait.timeout.connect(self._appear)
        self._wait.start(_WAIT_MS)
        self._appear()

    def show_header(self, header: Header) -> None:
        """Show how it stands."""
        before, self._header = self._header, header
        self._state.setText(header.title if header.trust is None else self._trust_words(header.trust))
        self._pause.setVisible(not header.can_resume)
        self._pause.setEnabled(header.can_pause)
        self._resume.setVisible(header.can_resume)
        self._lock.setEnabled(header.can_lock)
        if self._icon is not None and (before is None or before != header or self._icon.icon().isNull()):
            self._draw(self._icon, header)

    def show_content(self, content: Content) -> None:
        """A tray shows no history."""

    def show_problem(self, text: str) -> None:
        """Say what went wrong where the person looks."""
        if text and self._icon is not None:
            self._icon.showMessage("mousegate", text, QSystemTrayIcon.Warning)

    def _trust_words(self, trust: float) -> str:
        title = self._header.title if self._header is not None else ""
        return self._say("{title} · trust {trust}").format(title=title, trust=f"{trust:.2f}")

    def _appear(self) -> None:
        """Show the icon once there is a tray; explain once that one is waited for."""
        if self._icon is not None:
            return
        if not QSystemTrayIcon.isSystemTrayAvailable():
            if not self._complained:
                _LOG.warning(
                    "This desktop has no tray yet; waiting for one. mousegate dashboard opens the window."
                )
            self._complained = True
            return
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._pressed)
        if self._header is not None:
            self._draw(self._icon, self._header)
        self._icon.show()
        self._wait.stop()

    def _draw(self, tray_icon: QSystemTrayIcon, header: Header) -> None:
        ground = _GROUNDS.get(header.standing, _GROUND)
        tray_icon.setIcon(badge(Shape.of(header.standing), "#ffffff", ground))
        tray_icon.setToolTip(f"mousegate: {header.title}\n{header.sentence}")

    def _filled_menu(self) -> QMenu:
        say, menu = self._say, QMenu()
        self._state = menu.addAction("mousegate")
        self._state.setEnabled(False)
        menu.addSeparator()
        menu.addAction(say("&Open dashboard"), self._open)
        self._pause = menu.addAction(say("&Pause for an hour"), self._actions.pause)
        self._resume = menu.addAction(say("&Resume"), self._actions.resume)
        self._lock = menu.addAction(say("&Lock now"), self._actions.lock)
        menu.addSeparator()
        menu.addAction(say("&Hide this icon"), QApplication.quit)
        return menu

    def _pressed(self, reason: int) -> None:
        if reason in (QSystemTrayIcon.Trigger, QSystemTrayIcon.DoubleClick):
            self._open()
