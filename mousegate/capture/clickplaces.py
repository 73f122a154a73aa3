"""In which window a click falls: its class and the place in it, asked for at the moment of the press.

RECORD tells where on the screen a button was pressed, but not in which window, and a click often closes the
window it fell into. So raw presses (XInput2) wake this watch, which asks the server at once. Titles, contents
and keys are never asked for. Sources: "The X Input Extension 2.x" (RawEvent), ICCCM 4.1.2.5 (WM_CLASS).
"""

import struct
from dataclasses import replace
from typing import Any, Final

from Xlib.error import XError
from Xlib.ext import ge, xinput

from mousegate.capture.devices import select_raw_events
from mousegate.capture.display import CONNECTION_LOST, Connected
from mousegate.core.clicks import WHEEL_BUTTONS
from mousegate.core.places import PlacedClick
from mousegate.errors import DisplayError

_RAW: Final = struct.Struct("=HII")
"""Of what python-xlib leaves unread of a raw event: deviceid, time, detail."""
_MASK: Final = xinput.RawButtonPressMask | xinput.RawButtonReleaseMask
_LONGEST_NAME: Final = 64
_DEEPEST: Final = 20


class ClickPlaces(Connected):
    """Watches clicks within its `with` block. The owner calls `take` when `fileno` is readable."""

    def __init__(self, display_name: str | None = None) -> None:
        super().__init__(display_name)
        self._held: dict[int, tuple[int, PlacedClick]] = {}

    def _prepare(self) -> None:
        """Ask for raw presses. Raises DisplayError: no XInput 2.1."""
        select_raw_events(self._display, _MASK)
        self._root = self._display.screen().root

    def fileno(self) -> int:
        """Return the descriptor that becomes readable with a click."""
        return int(self._display.fileno())

    def take(self) -> list[PlacedClick]:
        """Return the clicks that have ended since the last call. Raises DisplayError: the server is gone.

        Clicks on the bare desktop, on a window's frame and in menus have no place and are left out.
        """
        ended: list[PlacedClick] = []
        try:
            while self._display.pending_events():
                event = self._display.next_event()
                if event.type == ge.GenericEventCode:
                    ended += self._handle(event)
        except CONNECTION_LOST as error:
            raise DisplayError("The X server went away; clicks are not counted.") from error
        return ended

    def _handle(self, event: Any) -> list[PlacedClick]:
        _, time_ms, button = _RAW.unpack_from(event.data)
        if button in WHEEL_BUTTONS:
            return []
        if event.evtype == xinput.RawButtonPress:
            self._held.pop(button, None)
            place = self._place()
            if place is not None:
                self._held[button] = (time_ms, place)
        elif event.evtype == xinput.RawButtonRelease and button in self._held:
            pressed_ms, place = self._held.pop(button)
            return [replace(place, hold_ms=(time_ms - pressed_ms) & 0xFFFFFFFF)]
        return []

    def _place(self) -> PlacedClick | None:
        """Return the place of the pointer in the outermost window with a class; no hold time yet."""
        window = self._root
        try:
            for _ in range(_DEEPEST):
                child = window.query_pointer().child
                if not child:
                    return None
                window = child
                name = _name(window.get_wm_class())
                if name:
                    return self._place_in(window, name)
        except XError:
            return None  # the window has gone in the meantime
        return None

    def _place_in(self, window: Any, name: str) -> PlacedClick | None:
        at, size = window.query_pointer(), window.get_geometry()
        if window.get_attributes().override_redirect or not size.width or not size.height:
            return None
        return PlacedClick(name, at.win_x / size.width, at.win_y / size.height, 0, size.width, size.height)


def _name(untrusted_class: tuple[str, str] | None) -> str:
    """Return the class part of WM_CLASS, if it is fit to be shown."""
    name = str(untrusted_class[1])[:_LONGEST_NAME].strip() if untrusted_class else ""
    return name if name.isprintable() else ""
