"""The keyboard and pointer grabs: both or neither, taken before anything is mapped, and taken again when
lost. There is one of each for all screens of an X server.

While another client holds one (an open menu, a drag), the keeper waits a bounded time and nudges: it moves
the input focus to the root, as xscreensaver and xsecurelock do, which closes most menus; then it types Escape
and lets go of held buttons through XTEST, which ends menus and drags that ignore the focus.
"""

import logging
import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from Xlib import XK, X
from Xlib.display import Display
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

from mousegate.errors import GrabError
from mousegate.lock.emergency import EMERGENCY

_log = logging.getLogger("mousegate.lock")

POINTER_EVENTS: Final = X.ButtonPressMask | X.ButtonReleaseMask | X.PointerMotionMask
_BUTTONS: Final = range(1, 6)
"""Those of which QueryPointer tells whether they are held."""


@dataclass(frozen=True)
class GrabPatience:
    """How long to wait for another client's grab, and when to nudge it. Seconds from the first attempt.

    The core protocol tells nobody that a grab has ended, so the attempts are made at an interval, as in every
    locker. xsecurelock tries ten times in one second; a menu left open deserves more.
    """

    limit_s: float = 5.0
    interval_s: float = 0.02
    focus_nudge_s: float = 0.1
    key_nudges_s: tuple[float, ...] = (0.4, 1.5)


class Grabs:
    """Holds keyboard and pointer on a root window; where there are several, the pointer stays in it."""

    def __init__(self, display: Display, root: Window) -> None:
        self._display = display
        self._root = root
        self._confined_to = root.id if display.screen_count() > 1 else X.NONE
        self._held = True

    def take(self, patience: GrabPatience, *, forever: bool = False, waiting: Callable[[], None]) -> None:
        """Take both grabs, calling `waiting` between attempts. Raises GrabError when the time is over.

        With `forever` the time is never over: the screen is covered already, and giving up would leave it so.
        """
        started_s = time.monotonic()
        nudges = [(patience.focus_nudge_s, self._nudge_focus)]
        nudges += [(after_s, self._nudge_keys) for after_s in patience.key_nudges_s]
        while not self.attempt():
            waited_s = time.monotonic() - started_s
            if waited_s >= patience.limit_s and not forever:
                raise GrabError(
                    f"another program has held the keyboard or the pointer for {patience.limit_s:g} seconds: "
                    "the screen is NOT locked. Close open menus and full-screen programs and lock again."
                )
            if nudges and waited_s >= nudges[0][0]:
                nudges.pop(0)[1]()
            waiting()
            select.select([self._display.fileno()], [], [], patience.interval_s)
            self._display.pending_events()

    def attempt(self) -> bool:
        """Take both grabs, or take neither and return False. Taking again what is held is harmless."""
        if not self._grab_pointer():
            return False
        if not self._grab_keyboard():
            self._display.ungrab_pointer(X.CurrentTime)
            return False
        return True

    def retake(self) -> None:
        """Renew each grab by itself, so that losing one keeps the other; log once that somebody holds one."""
        held = all([self._grab_keyboard(), self._grab_pointer()])
        if self._held and not held:
            _log.log(EMERGENCY, "another client holds the keyboard or the pointer of the locked screen")
        self._held = held

    def release(self) -> None:
        """Let both go."""
        self._display.ungrab_keyboard(X.CurrentTime)
        self._display.ungrab_pointer(X.CurrentTime)
        self._display.flush()

    def _grab_pointer(self) -> bool:
        modes = (X.GrabModeAsync, X.GrabModeAsync)
        status = self._root.grab_pointer(
            False, POINTER_EVENTS, *modes, self._confined_to, X.NONE, X.CurrentTime
        )
        return bool(status == X.GrabSuccess)

    def _grab_keyboard(self) -> bool:
        status = self._root.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
        return bool(status == X.GrabSuccess)

    def _nudge_focus(self) -> None:
        _log.warning("another client holds a grab: taking the input focus from it")
        self._display.set_input_focus(X.PointerRoot, X.RevertToPointerRoot, X.CurrentTime)

    def _nudge_keys(self) -> None:
        if not self._display.has_extension("XTEST"):
            return
        _log.warning("another client holds a grab: sending it Escape and letting go of held buttons")
        held = int(self._root.query_pointer().mask)
        for button in _BUTTONS:
            if held & X.Button1Mask << (button - 1):
                xtest.fake_input(self._display, X.ButtonRelease, button)
        escape = self._display.keysym_to_keycode(XK.XK_Escape)
        xtest.fake_input(self._display, X.KeyPress, escape)
        xtest.fake_input(self._display, X.KeyRelease, escape)
        self._display.flush()
