"""Over which windows the pointer moved: those of some classes are watched, the rest is left out.

For whoever wants one application watched and nothing else. Where each visible window lies is asked for again
when the server says that something has moved, so movement within the second of such a change is judged by how
the windows lie after it. Source: ICCCM 4.1.2.5 (WM_CLASS).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from Xlib import X
from Xlib.error import XError

from mousegate.capture.display import CONNECTION_LOST, Connected
from mousegate.core.events import Events
from mousegate.errors import DisplayError

_DEEPEST = 3
"""A client lies in its window manager's frame, at most so deep."""


@dataclass(frozen=True, slots=True)
class _Place:
    """A visible window: its left and top edge and what follows the others, in root coordinates."""

    left: int
    top: int
    right: int
    bottom: int
    wanted: bool


class WindowClasses(Connected):
    """Windows whose WM_CLASS, either part, is one of `names`, in any case; connected in its `with` block."""

    def __init__(self, names: tuple[str, ...], display_name: str | None = None) -> None:
        super().__init__(display_name)
        self._names = frozenset(name.lower() for name in names)
        self._places: list[_Place] | None = None

    def _prepare(self) -> None:
        """Ask to be told when windows move."""
        self._root = self._display.screen().root
        self._root.change_attributes(event_mask=X.SubstructureNotifyMask)
        self._display.sync()

    def under(self, events: Events) -> NDArray[np.bool_]:
        """Return, bool (n,), which events happened over such a window. Raises DisplayError."""
        try:
            self._refresh()
        except (XError, *CONNECTION_LOST) as error:
            raise DisplayError("The X server went away; over which windows is not known.") from error
        wanted = np.zeros(len(events), bool)
        for place in self._places or ():
            across = (events["x"] >= place.left) & (events["x"] < place.right)
            wanted[across & (events["y"] >= place.top) & (events["y"] < place.bottom)] = place.wanted
        return wanted

    def _refresh(self) -> None:
        changed = self._places is None
        while self._display.pending_events():
            self._display.next_event()
            changed = True
        if changed:
            places = [self._place(window) for window in self._root.query_tree().children]
            self._places = [place for place in places if place is not None]

    def _place(self, window: Any) -> _Place | None:
        """Return where a top-level window lies; None while it cannot be seen."""
        try:
            attributes = window.get_attributes()
            if attributes.map_state != X.IsViewable or attributes.win_class == X.InputOnly:
                return None
            size = window.get_geometry()
            edge = 2 * size.border_width
            return _Place(
                size.x,
                size.y,
                size.x + size.width + edge,
                size.y + size.height + edge,
                self._is_wanted(window),
            )
        except XError:
            return None  # it has gone in the meantime

    def _is_wanted(self, window: Any, depth: int = 0) -> bool:
        untrusted_class = window.get_wm_class()
        if untrusted_class:
            return any(str(name).lower() in self._names for name in untrusted_class)
        if depth == _DEEPEST:
            return False
        return any(self._is_wanted(child, depth + 1) for child in window.query_tree().children)


def names_in(words: str) -> tuple[str, ...]:
    """Return the classes in a setting: `Firefox, Gimp` is two."""
    return tuple(name for part in words.split(",") if (name := part.strip()))
