"""Real input through XTEST, and screenshots."""

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from PIL import Image
from Xlib import XK, X
from Xlib.display import Display
from Xlib.error import BadWindow
from Xlib.ext import xtest

from mousegate.greeter.desk import Desk
from mousegate.greeter.layout import Rect
from tests.windows import find_window, title_of

_NAMES = {" ": "space", "-": "minus", "\r": "Return", "\t": "Tab", "\x1b": "Escape", "\b": "BackSpace"}


class Hands:
    """Moves, clicks and types on one display."""

    def __init__(self, display_name: str) -> None:
        self.display_name = display_name
        self._display = Display(display_name)

    def move(self, x: int, y: int) -> None:
        """Move the pointer."""
        xtest.fake_input(self._display, X.MotionNotify, x=x, y=y)
        self._display.sync()

    def wander_until(self, is_over: Callable[[], bool], limit_s: float = 20.0) -> None:
        """Move the pointer round and round, eighty times a second, until that holds."""
        pace, began_s = threading.Event(), time.monotonic()
        while not is_over():
            passed_s = time.monotonic() - began_s
            assert passed_s < limit_s, "the movement led to nothing"
            self.move(640 + round(300 * math.cos(3 * passed_s)), 400 + round(200 * math.sin(4 * passed_s)))
            pace.wait(1 / 80)

    def click(self, rect: Rect, button: int = 1) -> None:
        """Press and release in the middle of `rect`."""
        self.move(rect.x + rect.width // 2, rect.y + rect.height // 2)
        xtest.fake_input(self._display, X.ButtonPress, button)
        xtest.fake_input(self._display, X.ButtonRelease, button)
        self._display.sync()

    def pass_a_millisecond(self) -> None:
        """Return once the X server's clock has moved on: what follows has a later time than what was."""
        desk = Desk(self.display_name)
        now_ms = desk.server_time_ms()
        while desk.server_time_ms() == now_ms:
            continue
        desk.close()

    def hold(self, rect: Rect, hold_s: float, button: int = 1) -> tuple[float, float]:
        """Click and hold; return between how many seconds the button was certainly down."""
        self.move(rect.x + rect.width // 2, rect.y + rect.height // 2)
        before = time.monotonic()
        xtest.fake_input(self._display, X.ButtonPress, button)
        self._display.sync()
        pressed = time.monotonic()
        threading.Event().wait(hold_s)
        releasing = time.monotonic()
        xtest.fake_input(self._display, X.ButtonRelease, button)
        self._display.sync()
        return releasing - pressed, time.monotonic() - before

    def hold_key(self, name: str, hold_s: float) -> None:
        """Hold a key so long that the server repeats it."""
        code = self._display.keysym_to_keycode(XK.string_to_keysym(name))
        xtest.fake_input(self._display, X.KeyPress, code)
        self._display.sync()
        threading.Event().wait(hold_s)
        xtest.fake_input(self._display, X.KeyRelease, code)
        self._display.sync()

    def find(self, wm_class: str) -> int:
        """Return the id of a viewable window of this class, or 0."""
        window = find_window(self._display, wm_class)
        return 0 if window is None else int(window.id)

    def shown_windows(self) -> int:
        """Return how many top-level windows are viewable."""
        children = self._display.screen().root.query_tree().children
        with suppress(BadWindow):
            return sum(child.get_attributes().map_state == X.IsViewable for child in children)
        return self.shown_windows()

    def type(self, text: str) -> None:
        """Type `text`; \\r, \\t, \\x1b and \\b are keys as well."""
        for letter in text:
            self.key(_NAMES.get(letter, letter), shift=letter.isupper())

    def key(self, name: str, shift: bool = False) -> None:
        """Press and release one key, by its keysym name."""
        codes = [self._display.keysym_to_keycode(XK.string_to_keysym(name))]
        if shift:
            codes.insert(0, self._display.keysym_to_keycode(XK.XK_Shift_L))
        self.codes(*codes)

    def codes(self, *codes: int) -> None:
        """Press these key codes in order and release them in the other."""
        for code in codes:
            xtest.fake_input(self._display, X.KeyPress, code)
        for code in reversed(codes):
            xtest.fake_input(self._display, X.KeyRelease, code)
        self._display.sync()

    def state(self, window_id: int) -> str:
        """Return what the title of the greeter's window says."""
        return title_of(self._display.create_resource_object("window", window_id)).removeprefix("mousegate: ")

    def screenshot(self) -> Image.Image:
        """Return what the screen shows."""
        root = self._display.screen().root
        size = root.get_geometry()
        raw = root.get_image(0, 0, size.width, size.height, X.ZPixmap, 0xFFFFFFFF)
        return Image.frombytes("RGB", (size.width, size.height), raw.data, "raw", "BGRX")

    def save(self, path: Path) -> None:
        """Write a PNG of the screen."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.screenshot().save(path)

    def close(self) -> None:
        """Close the connection."""
        self._display.close()
