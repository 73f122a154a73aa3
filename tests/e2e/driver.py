"""A person's hands on the keyboard and mouse of a private desktop, by XTEST."""

import threading
from collections.abc import Sequence

from Xlib import XK, X, display
from Xlib.ext import xtest

from mousegate.capture.replay import Player
from mousegate.core.events import Events

_CHARACTER_NAMES = {" ": "space", "-": "minus", ".": "period", "\n": "Return"}


class Driver:
    """Moves, clicks and types."""

    def __init__(self, name: str) -> None:
        self._display = display.Display(name)
        self._pacer = threading.Event()
        self._player = Player(name)
        self._player.__enter__()

    @property
    def position(self) -> tuple[int, int]:
        """Where the pointer is, in root coordinates."""
        pointer = self._display.screen().root.query_pointer()
        return pointer.root_x, pointer.root_y

    def play(self, events: Events) -> None:
        """Send `events` at their own pace, counted from now."""
        self._player.play(events)

    def type(self, text: str, gap_s: float = 0.03) -> None:
        """Type `text` with `gap_s` between the keys."""
        for character in text:
            name = _CHARACTER_NAMES.get(character, character)
            keycode = self._display.keysym_to_keycode(XK.string_to_keysym(name))
            shift = [self._display.keysym_to_keycode(XK.XK_Shift_L)] if character.isupper() else []
            for code in [*shift, keycode]:
                self._key(X.KeyPress, code)
            for code in [keycode, *shift]:
                self._key(X.KeyRelease, code)
            self._pacer.wait(gap_s)

    def move(self, x: int, y: int) -> None:
        """Move the pointer at once."""
        xtest.fake_input(self._display, X.MotionNotify, x=x, y=y)
        self._display.sync()

    def press_key(self, name: str) -> None:
        """Press and release one key by its keysym name."""
        code = self._display.keysym_to_keycode(XK.string_to_keysym(name))
        self._key(X.KeyPress, code)
        self._key(X.KeyRelease, code)

    def chord(self, *names: str) -> None:
        """Press keys by their keysym names, all down at once, and release them."""
        codes = [self._display.keysym_to_keycode(XK.string_to_keysym(name)) for name in names]
        for code in codes:
            self._key(X.KeyPress, code)
        for code in reversed(codes):
            self._key(X.KeyRelease, code)

    def close(self) -> None:
        """Close the connections."""
        self._player.__exit__(None, None, None)
        self._display.close()

    def _key(self, kind: int, keycode: int) -> None:
        xtest.fake_input(self._display, kind, keycode)
        self._display.sync()


def targets_from(layout: dict[str, Sequence[int]]) -> dict[str, tuple[int, int]]:
    """Return the centre of each rectangle that `mousegate-greeter --layout` printed."""
    return {name: (x + w // 2, y + h // 2) for name, (x, y, w, h) in layout.items()}
