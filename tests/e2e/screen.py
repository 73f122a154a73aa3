"""What a witness sees: the desktop beneath the lock, what reaches it, and screenshots."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from Xlib import X, display
from Xlib.xobject.drawable import Pixmap, Window

from tests.windows import find_window, title_of

MARKER = (0x9F, 0xD8, 0xB4)
"""A colour that mousegate never draws: one pixel of it in a screenshot means that the desktop shows."""


class WaitTimeoutError(AssertionError):
    """What was waited for did not come in time."""


def wait_until(condition: Callable[[], bool], timeout_s: float, what: str) -> float:
    """Return the seconds until `condition` held. Raises WaitTimeoutError naming `what` otherwise."""
    pause = threading.Event()
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > timeout_s:
            raise WaitTimeoutError(f"not within {timeout_s:g} s: {what}")
        pause.wait(0.02)
    return time.monotonic() - began


class Beneath:
    """A person's work: a marked full-screen window with the keyboard focus, which counts what reaches it."""

    def __init__(self, name: str) -> None:
        self._display = display.Display(name)
        screen = self._display.screen()
        size = (screen.width_in_pixels, screen.height_in_pixels)
        self.window: Window = screen.root.create_window(
            0, 0, *size, 0, screen.root_depth, background_pixmap=self._paint(*size),
            override_redirect=True, event_mask=X.KeyPressMask | X.ButtonPressMask | X.ExposureMask,
        )  # fmt: skip
        self.window.map()
        self._display.sync()
        wait_until(self._exposed, 5, "the window beneath to be drawn")
        self.window.set_input_focus(X.RevertToParent, X.CurrentTime)
        self._display.sync()
        self.received = 0

    def _exposed(self) -> bool:
        return any(self._display.next_event().type == X.Expose for _ in range(self._display.pending_events()))

    def _paint(self, width: int, height: int) -> Pixmap:
        """Return two windows on a desktop; the server repaints it from here whenever it shows again."""
        screen = self._display.screen()
        pixmap: Pixmap = screen.root.create_pixmap(width, height, screen.root_depth)
        red, green, blue = MARKER
        wall = pixmap.create_gc(foreground=red << 16 | green << 8 | blue).id
        paper, ink = pixmap.create_gc(foreground=0xFBFAF7).id, pixmap.create_gc(foreground=0x4C5B57).id
        pixmap.fill_rectangle(wall, 0, 0, width, height)
        for left, top in ((0.08, 0.12), (0.46, 0.24)):
            x, y, w, h = int(left * width), int(top * height), int(0.44 * width), int(0.58 * height)
            pixmap.fill_rectangle(paper, x, y, w, h)
            pixmap.fill_rectangle(ink, x, y, w, 28)
            for line in range(12):
                length = int(w * (0.85 - 0.13 * ((line * 7) % 5)))
                pixmap.fill_rectangle(ink, x + 24, y + 56 + 26 * line, length - 48, 6)
        return pixmap

    def count_received(self) -> int:
        """Return how many key and button presses have reached this window so far."""
        for _ in range(self._display.pending_events()):
            if self._display.next_event().type in (X.KeyPress, X.ButtonPress):
                self.received += 1
        return self.received

    def close(self) -> None:
        """Take the window away."""
        self._display.close()


class Witness:
    """Takes screenshots and looks for windows on its own connection."""

    def __init__(self, name: str) -> None:
        self._display = display.Display(name)

    def screenshot(self) -> Image.Image:
        """Return what the screen shows now."""
        root = self._display.screen().root
        geometry = root.get_geometry()
        raw = root.get_image(0, 0, geometry.width, geometry.height, X.ZPixmap, 0xFFFFFFFF)
        return Image.frombytes("RGB", (geometry.width, geometry.height), raw.data, "raw", "BGRX")

    def save(self, path: Path) -> None:
        """Write a PNG of the screen."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.screenshot().save(path)

    def exposed_pixels(self) -> int:
        """Return how many pixels of the marked window show."""
        colours = self.screenshot().getcolors(1 << 24) or []
        return sum(count for count, colour in colours if colour == MARKER)

    def find(self, wm_class: str) -> Window | None:
        """Return a viewable window of this class hint, however deep, or None."""
        return find_window(self._display, wm_class)

    def has_focus(self, wm_class: str) -> bool:
        """Tell whether the keys go to a window of this class hint."""
        window = self.find(wm_class)
        return window is not None and self._display.get_input_focus().focus == window

    def state(self) -> str:
        """Return what the greeter's window title says (`ready`, `checking`, `failed`, …), or ""."""
        window = self.find("mousegate-greeter")
        return title_of(window).removeprefix("mousegate: ") if window is not None else ""

    def close(self) -> None:
        """Close the connection."""
        self._display.close()
