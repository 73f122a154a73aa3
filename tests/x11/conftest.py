"""Driving a real X server by hand."""

from collections.abc import Iterator

import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest

from mousegate.capture.display import open_display


class Hand:
    """Moves and clicks through XTEST; each call returns once the server has handled it."""

    def __init__(self, display: Display) -> None:
        self.display = display

    def move(self, *places: tuple[int, int]) -> None:
        """Go to each place in turn."""
        for x, y in places:
            xtest.fake_input(self.display, X.MotionNotify, x=x, y=y)
        self.display.sync()

    def press(self, button: int = 1) -> None:
        """Press and hold."""
        xtest.fake_input(self.display, X.ButtonPress, button)
        self.display.sync()

    def release(self, button: int = 1) -> None:
        """Let go."""
        xtest.fake_input(self.display, X.ButtonRelease, button)
        self.display.sync()

    def click(self, button: int = 1) -> None:
        """Press and release."""
        self.press(button)
        self.release(button)

    def key(self, keycode: int = 38) -> None:
        """Press and release a key."""
        xtest.fake_input(self.display, X.KeyPress, keycode)
        xtest.fake_input(self.display, X.KeyRelease, keycode)
        self.display.sync()


@pytest.fixture
def hand(x_server: str) -> Iterator[Hand]:
    """A hand at the shared X server."""
    display = open_display(x_server)
    yield Hand(display)
    display.close()


@pytest.fixture
def grabs(x_server: str) -> Iterator[None]:
    """Another client holds keyboard and pointer, as a lock screen does."""
    display = open_display(x_server)
    root = display.screen().root
    mask = X.PointerMotionMask | X.ButtonPressMask
    pointer = root.grab_pointer(False, mask, X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE, X.CurrentTime)
    keyboard = root.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
    assert (pointer, keyboard) == (X.GrabSuccess, X.GrabSuccess)
    yield
    display.close()
