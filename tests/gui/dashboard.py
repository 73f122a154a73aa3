"""The dashboard and the tray icon as processes, on a private desktop."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from Xlib import X
from Xlib.display import Display
from Xlib.error import XError

from mousegate.dashboard.window import CLASS_HINT
from mousegate.greeter.layout import Rect
from tests.e2e.desktop import Desktop
from tests.e2e.screen import WaitTimeoutError, wait_until
from tests.gui.hands import Hands

PATIENCE_S = 60.0


class Program:
    """One started program and its log."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.process, self.log = process, log

    def said(self) -> str:
        """Return what it has written so far."""
        return self.log.read_text()


@contextmanager
def started(desktop: Desktop, log: Path, *words: str, **environment: str) -> Iterator[Program]:
    """Run `python -m mousegate.dashboard WORDS`; it must not have complained when the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-W",
                "error",
                "-W",
                "ignore:DynamicImporter:ImportWarning",
                "-P",
                "-m",
                "mousegate.dashboard",
                *words,
            ],
            env=dict(desktop.env) | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        yield Program(process, log)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def window_of(hands: Hands, program: Program, wm_class: str = CLASS_HINT) -> int:
    """Wait for the program's window and return its id."""
    found: list[int] = []

    def there() -> bool:
        assert program.process.poll() is None, program.said()
        found[:] = [hands.find(wm_class)]
        return bool(found[0])

    wait_until(there, PATIENCE_S, f"a window of class {wm_class}")
    return found[0]


def title_becomes(hands: Hands, window: int, title: str) -> None:
    """Wait for the window's title."""
    wait_until(lambda: hands.state(window) == title, PATIENCE_S, f"the title {title!r}")


@contextmanager
def window_manager(desktop: Desktop) -> Iterator[None]:
    """Run openbox, which trays and menus expect to be there."""
    process = subprocess.Popen(
        ["openbox"], env=dict(desktop.env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


@contextmanager
def tray_host(desktop: Desktop) -> Iterator["subprocess.Popen[bytes]"]:
    """Run trayer, a small XEmbed tray."""
    process = subprocess.Popen(
        [
            "trayer",
            "--edge",
            "top",
            "--align",
            "right",
            "--widthtype",
            "pixel",
            "--width",
            "120",
            "--height",
            "32",
        ],
        env=dict(desktop.env) | {"GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


class Icon:
    """The tray icon of a program, and its menu."""

    def __init__(self, hands: Hands, window: int) -> None:
        self._hands = hands
        self._window = window
        self._display = Display(hands.display_name)

    def place(self) -> Rect:
        """Return where it is."""
        window = self._display.create_resource_object("window", self._window)
        size, corner = window.get_geometry(), self._display.screen().root.translate_coords(window, 0, 0)
        return Rect(corner.x, corner.y, size.width, size.height)

    def choose(self, *keys: str) -> None:
        """Open the menu and press these keys; the menu is closed afterwards."""
        wait_until(self._opened, PATIENCE_S, "the menu")
        for key in keys:
            self._hands.key(key)
        wait_until(lambda: not self._menu_is_open(), PATIENCE_S, "the menu to close")

    def close(self) -> None:
        """Disconnect."""
        self._display.close()

    def _opened(self) -> bool:
        """Click once more: a tray moves its icons about while it starts."""
        self._hands.click(self.place(), button=3)
        try:
            wait_until(self._menu_is_open, 3, "the menu")
        except WaitTimeoutError:
            return False
        return True

    def _menu_is_open(self) -> bool:
        """A menu is the one window of the program that no window manager handles."""
        for window in self._display.screen().root.query_tree().children:
            try:
                facts = window.get_attributes()
                shown = facts.override_redirect and facts.map_state == X.IsViewable
                if shown and CLASS_HINT in (window.get_wm_class() or ()):
                    return True
            except XError:
                continue
        return False
