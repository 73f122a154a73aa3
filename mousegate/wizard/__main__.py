"""mousegate setup: builds the wizard and runs it; the one place that knows all its parts."""

import argparse
import logging
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final

from mousegate.errors import ConfigurationError, MousegateError
from mousegate.storage.config import Config, load

if TYPE_CHECKING:
    from PyQt5.QtWidgets import QApplication

    from mousegate.wizard.look import Look

_log = logging.getLogger("mousegate.setup")
_QT_GRAVE: Final = (2, 3)
"""QtCriticalMsg and QtFatalMsg of enum QtMsgType."""
_SCALE: Final = {
    "QT_AUTO_SCREEN_SCALE_FACTOR": "0",
    "QT_ENABLE_HIGHDPI_SCALING": "0",
    "QT_QPA_PLATFORM": "xcb",
}
"""Qt works in X pixels, as the recorder does; look.screen_unit scales."""


def main() -> None:
    """Entry point of the process that `mousegate setup` starts."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser(prog="mousegate setup", description="Set mousegate up, step by step.")
    parser.add_argument("--look", choices=("auto", "light", "dark"), default="auto", help="light or dark")
    options = parser.parse_args()
    try:
        status = _run(options.look)
    except MousegateError as error:
        sys.stderr.write(f"mousegate: {error}\n")
        status = error.exit_status
    sys.exit(status)


def _run(look_name: str) -> int:
    from mousegate.capture.display import open_display

    open_display().close()
    os.environ.update(_SCALE)
    os.umask(0o077)
    from PyQt5.QtCore import QLocale, qInstallMessageHandler
    from PyQt5.QtWidgets import QApplication

    from mousegate.wizard.look import DARK, LIGHT, Look, screen_unit
    from mousegate.wizard.scheme import prefers_dark
    from mousegate.wizard.window import CLASS_HINT

    qInstallMessageHandler(_qt_said)
    application = QApplication([CLASS_HINT])
    application.setApplicationName(CLASS_HINT)
    application.setDesktopFileName("mousegate-setup")
    application.setStyle("Fusion")
    application.setQuitOnLastWindowClosed(False)
    application.setLayoutDirection(QLocale.system().textDirection())
    dark = prefers_dark() if look_name == "auto" else look_name == "dark"
    return _open(application, Look(DARK if dark else LIGHT, screen_unit()))


def _open(application: "QApplication", look: "Look") -> int:
    from mousegate.storage.translation import translate as tr
    from mousegate.wizard.draft import Draft
    from mousegate.wizard.enrolment import Teacher
    from mousegate.wizard.findings import find
    from mousegate.wizard.pages import make_pages
    from mousegate.wizard.presenter import Presenter
    from mousegate.wizard.protection import Protection
    from mousegate.wizard.services import services
    from mousegate.wizard.window import Window
    from mousegate.wizard.worker import Worker

    worker = Worker()
    presenter = Presenter(
        draft=Draft(), config=_configuration(), protection=Protection(services), teacher=Teacher(),
        run=worker, find=find, translate=tr,
    )  # fmt: skip
    window = Window(presenter, look, make_pages(presenter, tr), tr)
    sys.excepthook = _excepthook(window.say_problem)
    window.present()
    presenter.start(window)
    status = int(application.exec())
    worker.close()
    return status


def _configuration() -> Config:
    """Return the configuration; with a mistake in it the defaults stand in, and the checks page names it."""
    try:
        return load()
    except ConfigurationError as error:
        _log.warning("%s", error)
        return Config()


def _qt_said(kind: int, context: object, text: str) -> None:
    _log.log(logging.ERROR if kind in _QT_GRAVE else logging.DEBUG, "Qt: %s", text)


def _excepthook(tell: Callable[[str], None]) -> Callable[..., None]:
    """Return a hook for exceptions in Qt's slots: a sentence for the person, the trace for the log."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, MousegateError):
            tell(str(error))
            return
        _log.error("Something unexpected happened.", exc_info=(kind, error, trace))
        tell(
            f"Something unexpected happened ({kind.__name__}). Nothing outside this setup was changed. Close "
            "it, and run `mousegate setup` again; it goes on where you were."
        )

    return hook


if __name__ == "__main__":
    main()
