"""What else the X server knows about the person: how long nobody touched anything, and whether it is locked.

Idle time comes from the MIT-SCREEN-SAVER extension (XScreenSaverQueryInfo), which counts keys and pointer.
"""

from typing import Final

from Xlib import X
from Xlib.error import XError
from Xlib.ext import dpms, screensaver

from mousegate.capture.display import CONNECTION_LOST, Connected, require_extension
from mousegate.errors import DisplayError

LOCK_SELECTION: Final = "_MOUSEGATE_LOCK_S{screen}"
"""The manager selection that a keeper owns while the screen is locked (ARCHITECTURE.md)."""


class ScreenState(Connected):
    """Asks the X server; connected within its `with` block. Every question is one short round trip."""

    def __init__(self, display_name: str | None = None) -> None:
        super().__init__(display_name)
        self._had_dpms_off = False

    def _prepare(self) -> None:
        """Find what to ask. Raises DisplayError: no MIT-SCREEN-SAVER extension."""
        require_extension(self._display, screensaver.extname, "start the X server with it")
        number = self._display.get_default_screen()
        self._lock = self._display.get_atom(LOCK_SELECTION.format(screen=number))
        self._root = self._display.screen().root

    def idle_s(self) -> float:
        """Return for how many seconds neither key nor pointer was touched. Raises DisplayError."""
        try:
            return float(screensaver.query_info(self._root).idle) / 1000
        except (XError, *CONNECTION_LOST) as error:
            raise DisplayError("The X server went away; its idle time is not known.") from error

    def wake(self) -> None:
        """Light the screen, as a touch would; nothing is unlocked. Raises DisplayError."""
        try:
            self._display.force_screen_saver(X.ScreenSaverReset)
            if self._display.has_extension("DPMS") and self._display.dpms_info().state:
                self._display.dpms_force_level(dpms.DPMSModeOn)
            self._display.sync()
        except (XError, *CONNECTION_LOST) as error:
            raise DisplayError("The X server went away; the screen cannot be lit.") from error

    def darken(self) -> None:
        """Blank the screen, and put monitors to sleep where the server can; the next touch lights it.

        Where the person has DPMS off it is on until `settle`. Raises DisplayError.
        """
        try:
            self._display.force_screen_saver(X.ScreenSaverActive)
            if self._display.has_extension("DPMS") and self._display.dpms_capable().capable:
                self._had_dpms_off = self._had_dpms_off or not self._display.dpms_info().state
                self._display.dpms_enable()
                self._display.dpms_force_level(dpms.DPMSModeOff)
            self._display.sync()
        except (XError, *CONNECTION_LOST) as error:
            raise DisplayError("The X server went away; the screen cannot be blanked.") from error

    def settle(self) -> None:
        """Leave DPMS as the person had it, once the screen is lit again. Raises DisplayError."""
        try:
            if self._had_dpms_off:
                self._had_dpms_off = False
                self._display.dpms_disable()
                self._display.sync()
        except (XError, *CONNECTION_LOST) as error:
            raise DisplayError("The X server went away.") from error

    def is_locked(self) -> bool:
        """Return whether a keeper holds this screen. Raises DisplayError."""
        try:
            return bool(self._display.get_selection_owner(self._lock))
        except (XError, *CONNECTION_LOST) as error:
            raise DisplayError("The X server went away; whether it is locked is not known.") from error
