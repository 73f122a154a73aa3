"""When the screen goes dark while it is locked, and that it is lit again by a touch. No Qt.

The X server itself lights the screen at the next key, button or movement; nothing here can keep it dark, and
nothing here unlocks.
"""

import logging
from typing import Final, Protocol

from mousegate.errors import DisplayError

_log = logging.getLogger("mousegate.greeter")
NEVER: Final = 0


class Blankable(Protocol):
    """What is needed of mousegate.capture.idle.ScreenState."""

    def idle_s(self) -> float:
        """Return for how long nothing was touched."""

    def darken(self) -> None:
        """Blank the screen."""

    def settle(self) -> None:
        """The screen is lit again."""


class Blanker:
    """Blanks after `blank_s` without a touch, counted from its own start at the earliest; 0 never.

    A screen that something else has lit in between (the end of sleep, say) stays lit until it was touched and
    left again.
    """

    def __init__(self, screen: Blankable | None, blank_s: int, now_s: float) -> None:
        self._screen = screen if blank_s > NEVER else None
        self._blank_s = blank_s
        self._since_s = now_s
        self._idle_s = 0.0
        self.is_dark = False

    def look(self, now_s: float) -> None:
        """Blank if it is time, notice a touch; call it about once a second. now_s: monotonic."""
        if self._screen is None:
            return
        try:
            idle_s = self._screen.idle_s()
            if idle_s < self._idle_s:
                self.touched()
            self._idle_s = idle_s
            if not self.is_dark and min(idle_s, now_s - self._since_s) >= self._blank_s:
                self._screen.darken()
                self.is_dark = True
                self._idle_s = self._screen.idle_s()
        except DisplayError as error:
            _log.warning("%s", error)
            self._screen = None

    def touched(self) -> bool:
        """Take note of a touch; return whether the screen was dark before it."""
        was_dark, self.is_dark = self.is_dark, False
        if was_dark and self._screen is not None:
            self._screen.settle()
        return was_dark
