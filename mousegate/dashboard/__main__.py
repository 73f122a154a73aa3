"""`python -m mousegate.dashboard`: builds the window, or with --tray the icon, and runs it.

Exit statuses: 0 closed (or a window that was open already came forward); 4 no display; 64 wrong words.
"""

import argparse
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NoReturn

from mousegate.errors import ConfigurationError, DisplayError, MousegateError, UsageError
from mousegate.storage.config import Config, load
from mousegate.storage.translation import translate

if TYPE_CHECKING:
    from PyQt5.QtWidgets import QApplication

    from mousegate.dashboard.presenter import Presenter
    from mousegate.dashboard.theme import Theme
    from mousegate.dashboard.words import Translate

_LOG = logging.getLogger("mousegate.dashboard")
_PORTAL: Final = ("org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop")
_PORTAL_PATIENCE_S: Final = 1.0


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See mousegate dashboard --help.")


def main() -> None:
    """Run; errors are one line."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    try:
        sys.exit(run(sys.argv[1:]))
    except MousegateError as error:
        sys.stderr.write(f"mousegate: {error}\n")
        sys.exit(error.exit_status)


def run(words: list[str]) -> int:
    """Build everything and run until the window is closed, or the icon hidden."""
    options = _parse(words)
    displays = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if not any(os.environ.get(display) for display in displays):
        raise DisplayError("There is no display: run this inside your desktop session.")
    os.environ.pop("QT_NO_GLIB", None)  # dbus-python is served by the main loop that Qt shares with GLib
    bus = _session_bus()
    from mousegate.dashboard import single

    name = single.TRAY if options.tray else single.DASHBOARD
    if bus is not None and single.brought_forward(bus, name):
        return 0
    from gi.repository import GLib

    application = _application()
    build = _tray if options.tray else _window
    presenter, come_forward, kept = build(options, application, translate, bus)
    if bus is not None:
        from mousegate.bus.watch import DaemonWatch

        try:
            kept.append(single.Single(bus, name, come_forward))
        except single.NameExistsError:
            return 0  # another start was faster
        watch = DaemonWatch(bus, presenter.state_changed)
        presenter.follow(watch)
    else:
        presenter.follow(None)
    for number in (signal.SIGTERM, signal.SIGINT):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, application.quit)
    return int(application.exec())


def _parse(words: list[str]) -> argparse.Namespace:
    parser = _Parser(prog="mousegate dashboard", description="Show what the daemon saw and did.")
    parser.add_argument("--theme", choices=("dark", "light"), help="by default as the desktop prefers")
    pages = ("overview", "anomalies", "similarity", "applications")
    parser.add_argument("--page", choices=pages, default="overview", help="where to begin")
    spans = ("day", "week", "month", "all")
    parser.add_argument("--span", choices=spans, default="day", help="how far to look back at first")
    parser.add_argument("--tray", action="store_true", help="the icon in the tray instead of the window")
    return parser.parse_args(words)


def _application() -> "QApplication":
    from PyQt5.QtCore import QCoreApplication, QLocale, Qt
    from PyQt5.QtWidgets import QApplication

    QCoreApplication.setAttribute(Qt.AA_EnableHighDpiScaling)
    QCoreApplication.setAttribute(Qt.AA_UseHighDpiPixmaps)
    application = QApplication(["mousegate-dashboard"])
    application.setApplicationName("mousegate-dashboard")
    application.setLayoutDirection(QLocale.system().textDirection())
    return application


Built = tuple["Presenter", Callable[[], None], list[Any]]
"""The presenter, what brings the program forward, and what must stay alive."""


def _window(options: argparse.Namespace, application: "QApplication", say: "Translate", bus: Any) -> Built:
    from mousegate.dashboard.icons import Shape, icon
    from mousegate.dashboard.model import Span
    from mousegate.dashboard.presenter import Presenter
    from mousegate.dashboard.theme import apply
    from mousegate.dashboard.window import Window

    theme = _theme(options.theme, application, bus)
    apply(application, theme)
    application.setWindowIcon(icon(Shape.MARK, theme.accent))
    window = Window(theme, say)
    presenter = Presenter(window, say, time.time, _configuration().click_maps)
    window.serve(presenter)
    window.open_page(options.page)
    window.choose(Span[options.span.upper()])
    window.show()
    return presenter, window.come_forward, [window]


def _tray(options: argparse.Namespace, application: "QApplication", say: "Translate", bus: Any) -> Built:
    from PyQt5.QtCore import QProcess

    from mousegate.dashboard.presenter import Presenter
    from mousegate.dashboard.tray import Tray

    application.setQuitOnLastWindowClosed(False)

    def open_dashboard() -> None:
        QProcess.startDetached(sys.executable, ["-P", "-m", "mousegate.dashboard"])

    def nothing() -> None:
        return

    presenters: list[Presenter] = []

    def actions_of(tray: Tray) -> Presenter:
        presenters.append(Presenter(tray, say, time.time, click_maps=False))
        return presenters[0]

    tray = Tray(say, actions_of, open_dashboard)
    return presenters[0], nothing, [tray]


def _theme(wanted: str | None, application: "QApplication", bus: Any) -> "Theme":
    """Return the theme that is asked for, else what the desktop prefers, else what its windows look like."""
    from PyQt5.QtGui import QPalette

    from mousegate.dashboard.theme import DARK, LIGHT, THEMES

    if wanted:
        return THEMES[wanted]
    preferred = _preferred(bus)
    if preferred is not None:
        return DARK if preferred else LIGHT
    return LIGHT if application.palette().color(QPalette.Window).lightness() > 127 else DARK


def _preferred(bus: Any) -> bool | None:
    """Return whether the desktop prefers dark (by its portal); None where it does not say."""
    import dbus

    name, path = _PORTAL
    try:
        if bus is None or not bus.name_has_owner(name):
            return None
        portal = bus.get_object(name, path, introspect=False)
        read = portal.get_dbus_method("Read", "org.freedesktop.portal.Settings")
        scheme = int(read("org.freedesktop.appearance", "color-scheme", timeout=_PORTAL_PATIENCE_S))
    except (dbus.DBusException, TypeError, ValueError) as error:
        _LOG.info("The desktop does not say whether it prefers dark: %s", error)
        return None
    return None if scheme == 0 else scheme == 1


def _session_bus() -> Any:
    import dbus
    import dbus.mainloop.glib

    try:
        bus = dbus.SessionBus(mainloop=dbus.mainloop.glib.DBusGMainLoop(), private=True)
    except dbus.DBusException as error:
        _LOG.warning("There is no session bus (%s): the daemon cannot be followed.", error)
        return None
    bus.set_exit_on_disconnect(False)
    return bus


def _configuration() -> Config:
    """Return the person's configuration; a mistake in it must not hide what happened."""
    try:
        return load()
    except ConfigurationError as error:
        _LOG.error("%s The dashboard uses the defaults.", error)
        return Config()


if __name__ == "__main__":
    main()
