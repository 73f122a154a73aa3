"""Builds the screen and what looks after it: the same for lock, login and rehearsal."""

import logging
import os
import resource
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final

from PyQt5.QtCore import QLocale, qInstallMessageHandler
from PyQt5.QtWidgets import QApplication

from mousegate.core.attack import machine_straight
from mousegate.errors import ConfigurationError, DisplayError, MousegateError
from mousegate.greeter.app import Backend, Greeter
from mousegate.greeter.blanking import NEVER, Blanker
from mousegate.greeter.capture import start_capture
from mousegate.greeter.desk import Desk, monitor_of
from mousegate.greeter.faces import Person
from mousegate.greeter.keeper import KeeperLink
from mousegate.greeter.model import load_model
from mousegate.greeter.presenter import Manner
from mousegate.greeter.probe import ProbeMaker
from mousegate.greeter.programs import Programs
from mousegate.greeter.theme import Theme, theme_of
from mousegate.greeter.window import CLASS_HINT, GreeterWindow
from mousegate.storage.config import Config, load
from mousegate.storage.translation import translate

_log = logging.getLogger("mousegate.greeter")
EXIT_SOFTWARE: Final = 70
_QT_GRAVE: Final = (2, 3)
"""QtCriticalMsg and QtFatalMsg of enum QtMsgType."""

_ENVIRONMENT: Final[Mapping[str, str]] = {
    "QT_QPA_PLATFORM": "xcb",
    "QT_AUTO_SCREEN_SCALE_FACTOR": "0",
    "QT_ENABLE_HIGHDPI_SCALING": "0",
    "QT_FONT_DPI": "96",
    "QT_XCB_NO_XI2": "1",
    "QT_IM_MODULE": "compose",
}
"""Qt works in X pixels and scales nothing itself; core events, because the keeper forwards those."""

_UNSET: Final = (
    "QT_SCALE_FACTOR",
    "QT_SCREEN_SCALE_FACTORS",
    "QT_STYLE_OVERRIDE",
    "QT_PLUGIN_PATH",
    "QT_QPA_PLATFORMTHEME",
    "QT_NO_GLIB",
    "XDG_CURRENT_DESKTOP",
    "DESKTOP_SESSION",
    "KDE_FULL_SESSION",
    "GNOME_DESKTOP_SESSION_ID",
)
"""What would load other people's plugins, scale, or keep GLib's events from coming; without the desktop's
name no desktop theme is loaded.
"""


@dataclass
class Building:
    """A window that is not shown yet, and all that a Greeter needs but a peer."""

    application: QApplication
    window: GreeterWindow
    desk: Desk
    theme: Theme
    _stack: ExitStack
    programs: Programs = field(default_factory=Programs)
    _failures: list[BaseException] = field(default_factory=list)

    def greeter(
        self, backend: Backend, keeper: KeeperLink | None, user: str, manner: Manner, blank_s: int
    ) -> Greeter:
        """Join it with a peer."""
        maker = ProbeMaker(
            capture=start_capture(self._stack),
            load_model=load_model,
            is_straight=machine_straight,
            translate=translate,
        )
        return Greeter(
            window=self.window,
            desk=self.desk,
            backend=backend,
            maker=maker,
            keeper=keeper,
            user=user,
            manner=manner,
            leave=self.application.quit,
            blanker=_blanker(self._stack, blank_s),
            translate=translate,
        )

    def place(self) -> None:
        """Put the window on the monitor where the pointer is."""
        self.window.place(monitor_of(self.desk.pointer(), self.desk.monitors()))

    def run(self) -> int:
        """Run the event loop and return the exit status. Raises the MousegateError that ended it."""
        status = int(self.application.exec())
        if self._failures:
            raise self._failures[0]
        return status


def build(stack: ExitStack, config: Config, person: Person) -> Building:
    """Build it; `stack` ends what has to be ended. Raises DisplayError where there is no X display.

    The process gets the environment that the screen needs, and leaves no core dump.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for name in _UNSET:
        os.environ.pop(name, None)
    os.environ.update(_ENVIRONMENT)
    desk = Desk()
    qInstallMessageHandler(_qt_said)
    application = QApplication([CLASS_HINT])
    application.setApplicationName(CLASS_HINT)
    application.setLayoutDirection(QLocale.system().textDirection())
    theme = theme_of(config)
    window = GreeterWindow(person, theme, translate)
    building = Building(application, window, desk, theme, stack)
    sys.excepthook = _excepthook(building._failures, application.exit)
    if config.media_keys:
        window.media_pressed.connect(building.programs.press)
    return building


def configuration() -> Config:
    """Return the person's configuration; a mistake in it must not keep anybody out, so defaults stand in."""
    try:
        return load()
    except ConfigurationError as error:
        _log.error("%s The greeter uses the defaults.", error)
        return Config()


def _blanker(stack: ExitStack, blank_s: int) -> Blanker:
    """Return what blanks the screen; nothing does where the X server cannot tell how long it was idle."""
    from mousegate.capture.idle import ScreenState

    screen = None
    if blank_s != NEVER:
        try:
            screen = stack.enter_context(ScreenState())
        except DisplayError as error:
            _log.warning("%s The screen is not blanked.", error)
    return Blanker(screen, blank_s, time.monotonic())


def _qt_said(kind: int, context: object, text: str) -> None:
    """Log what Qt says; its warnings are about the desktop, not for the person."""
    _log.log(logging.ERROR if kind in _QT_GRAVE else logging.DEBUG, "Qt: %s", text)


def _excepthook(failures: list[BaseException], leave: Callable[[int], None]) -> Callable[..., None]:
    """Return a hook for exceptions in Qt's slots: they end the event loop and are raised after it."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, MousegateError):
            _log.error("Something unexpected happened.", exc_info=(kind, error, trace))
            error = MousegateError(f"The greeter met an error of its own ({kind.__name__}) and ends.")
        failures.append(error)
        leave(EXIT_SOFTWARE)

    return hook
