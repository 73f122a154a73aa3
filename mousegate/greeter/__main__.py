"""mousegate-greeter: builds the greeter and runs it; the one place that knows all its parts."""

import argparse
import logging
import os
import resource
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Final, NoReturn

from mousegate.errors import ConfigurationError, DisplayError, MousegateError, UsageError
from mousegate.greeter.layout import as_json, compute, parse_size
from mousegate.storage.config import Config, load
from mousegate.storage.translation import translate

if TYPE_CHECKING:
    from mousegate.greeter.backends.auth import AuthBackend
    from mousegate.greeter.blanking import Blanker
    from mousegate.greeter.capture import Capture
    from mousegate.greeter.desk import Desk
    from mousegate.greeter.keeper import KeeperLink

_log = logging.getLogger("mousegate.greeter")
EXIT_SOFTWARE: Final = 70
_QT_GRAVE: Final = (2, 3)
"""QtCriticalMsg and QtFatalMsg of enum QtMsgType."""

QT_ENVIRONMENT: Final = {
    "QT_QPA_PLATFORM": "xcb",
    "QT_AUTO_SCREEN_SCALE_FACTOR": "0",
    "QT_ENABLE_HIGHDPI_SCALING": "0",
    "QT_FONT_DPI": "96",
    "QT_XCB_NO_XI2": "1",
    "QT_IM_MODULE": "compose",
}
"""Qt works in X pixels and scales nothing itself; core events, because the keeper forwards those."""

QT_UNSET: Final = (
    "QT_SCALE_FACTOR",
    "QT_SCREEN_SCALE_FACTORS",
    "QT_STYLE_OVERRIDE",
    "QT_PLUGIN_PATH",
    "QT_QPA_PLATFORMTHEME",
    "XDG_CURRENT_DESKTOP",
    "DESKTOP_SESSION",
    "KDE_FULL_SESSION",
    "GNOME_DESKTOP_SESSION_ID",
)
"""What would load other people's plugins or scale; without the desktop's name no desktop theme is loaded."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See mousegate-greeter --help.")


def main() -> None:
    """Entry point of `mousegate-greeter`."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    try:
        status = _run(sys.argv[1:])
    except MousegateError as error:
        sys.stderr.write(f"mousegate-greeter: {error}\n")
        status = error.exit_status
    sys.exit(status)


def _run(arguments: list[str]) -> int:
    options = _parse(arguments)
    if options.layout is not None:
        sys.stdout.write(as_json(compute(*parse_size(options.layout))) + "\n")
        return 0
    return _show(rehearsal=options.rehearsal)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="mousegate-greeter", description="The screen of mousegate. The keeper starts it.")
    parser.add_argument(
        "--layout", metavar="WIDTHxHEIGHT", help="print where face, password and submit are, and end"
    )
    parser.add_argument(
        "--rehearsal", action="store_true", help="a window of its own, led by whoever is at MOUSEGATE_PEER_FD"
    )
    return parser.parse_args(arguments)


def _show(rehearsal: bool) -> int:
    peer_fd = _number("MOUSEGATE_PEER_FD")
    if peer_fd is None:
        raise UsageError("mousegate-greeter is started by the keeper; to lock the screen run: mousegate lock")
    cover, keeper_fd, keys_fd = (
        (None, None, None)
        if rehearsal
        else (_number("MOUSEGATE_COVER"), _number("MOUSEGATE_KEEPER_FD"), _number("MOUSEGATE_KEYS_FD"))
    )
    if not rehearsal and (cover is None or keeper_fd is None):
        raise UsageError("MOUSEGATE_COVER and MOUSEGATE_KEEPER_FD are not set; to lock, run: mousegate lock")
    for name in QT_UNSET:
        os.environ.pop(name, None)
    os.environ.update(QT_ENVIRONMENT)
    return _with_display(peer_fd, cover, keeper_fd, keys_fd)


def _number(name: str) -> int | None:
    untrusted_value = os.environ.get(name)
    if untrusted_value is None:
        return None
    if not (untrusted_value.isascii() and untrusted_value.isdecimal()):
        raise UsageError(f"{name} is not a number: {untrusted_value!r}.")
    return int(untrusted_value)


def _with_display(peer_fd: int, cover: int | None, keeper_fd: int | None, keys_fd: int | None) -> int:
    from mousegate.greeter.backends.auth import AuthBackend
    from mousegate.greeter.capture import start_capture
    from mousegate.greeter.desk import Desk
    from mousegate.greeter.keeper import KeeperLink, die_with_parent

    die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    desk = Desk()
    backend = AuthBackend.from_fd(peer_fd)
    keeper = KeeperLink(keeper_fd) if keeper_fd is not None else None
    config = _configuration()
    with ExitStack() as stack:
        # xsecurelock blanks by itself; and a rehearsal is no lock.
        blank_s = config.blank_s if keeper is not None and keys_fd is None else 0
        return _with_qt(
            desk=desk,
            backend=backend,
            keeper=keeper,
            capture=start_capture(stack),
            cover=cover,
            keys_fd=keys_fd,
            config=config,
            blanker=_blanker(stack, blank_s),
        )


def _blanker(stack: ExitStack, blank_s: int) -> "Blanker":
    """Return what blanks the screen; nothing does where the X server cannot tell how long it was idle."""
    from mousegate.capture.idle import ScreenState
    from mousegate.greeter.blanking import NEVER, Blanker

    screen = None
    if blank_s != NEVER:
        try:
            screen = stack.enter_context(ScreenState())
        except DisplayError as error:
            _log.warning("%s The screen is not blanked.", error)
    return Blanker(screen, blank_s, time.monotonic())


def _with_qt(
    *,
    desk: "Desk",
    backend: "AuthBackend",
    keeper: "KeeperLink | None",
    capture: "Capture",
    cover: int | None,
    keys_fd: int | None,
    config: Config,
    blanker: "Blanker",
) -> int:
    from PyQt5.QtCore import QLocale, qInstallMessageHandler
    from PyQt5.QtWidgets import QApplication

    from mousegate.core.attack import machine_straight
    from mousegate.greeter.app import Greeter
    from mousegate.greeter.desk import monitor_of
    from mousegate.greeter.faces import current_person
    from mousegate.greeter.model import load_model
    from mousegate.greeter.presenter import Manner
    from mousegate.greeter.probe import ProbeMaker
    from mousegate.greeter.programs import Programs, switch_user_command
    from mousegate.greeter.theme import theme_of
    from mousegate.greeter.typed import TypedText
    from mousegate.greeter.window import CLASS_HINT, GreeterWindow

    qInstallMessageHandler(_qt_said)
    application = QApplication([CLASS_HINT])
    application.setApplicationName(CLASS_HINT)
    application.setLayoutDirection(QLocale.system().textDirection())
    failures: list[BaseException] = []
    sys.excepthook = _excepthook(failures, application.exit)
    person = current_person()
    window = GreeterWindow(person, theme_of(config), translate)
    programs = Programs()
    if config.media_keys:
        window.media_pressed.connect(programs.press)
    if cover is not None and config.switch_user and (command := switch_user_command()) is not None:
        window.offer_switch()
        window.switched.connect(lambda: programs.start(command))
    maker = ProbeMaker(
        capture=capture,
        load_model=load_model,
        is_straight=machine_straight,
        translate=translate,
    )
    manner = Manner(eager=cover is None)
    greeter = Greeter(
        window=window,
        desk=desk,
        backend=backend,
        maker=maker,
        keeper=keeper,
        user=person.user,
        manner=manner,
        leave=application.quit,
        blanker=blanker,
        translate=translate,
    )
    if cover is not None:
        window.embed(cover)
    if keys_fd is not None:
        window.draw_pointer()
    window.place(monitor_of(desk.pointer(), desk.monitors()))
    window.present(alone=cover is None)
    greeter.start()
    typed = TypedText(keys_fd, window, desk.server_time_ms) if keys_fd is not None else None
    status = int(application.exec())
    del typed
    if failures:
        raise failures[0]
    return status


def _configuration() -> Config:
    """Return the person's configuration; a mistake in it must not keep anybody out, so defaults stand in."""
    try:
        return load()
    except ConfigurationError as error:
        _log.error("%s The greeter uses the defaults.", error)
        return Config()


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


if __name__ == "__main__":
    main()
