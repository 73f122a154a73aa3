"""Forwarding input: what the grabs deliver to the keeper is re-sent to the greeter's window with XSendEvent.

Only the client that made the window receives it (event mask 0), so nobody can listen by selecting events on
it. Input that itself came from XSendEvent is dropped: another client must not type into the greeter through
the keeper.
"""

from typing import Final

from Xlib import X, error
from Xlib.display import Display
from Xlib.protocol import event as x_event
from Xlib.protocol.rq import Event
from Xlib.xobject.drawable import Window

KEYS: Final = frozenset({X.KeyPress, X.KeyRelease})
INPUT_KINDS: Final = KEYS | {X.ButtonPress, X.ButtonRelease, X.MotionNotify}


class Forwarder:
    """Sends input to the greeter's window, or nowhere while there is none."""

    def __init__(self, display: Display, root: Window) -> None:
        self._display = display
        self._root = root
        self._wanted: Window | None = None
        self._target: Window | None = None
        self._origin = (0, 0)

    @property
    def is_aimed(self) -> bool:
        """Whether there is a greeter that receives input."""
        return self._target is not None

    def aim(self, window_id: int) -> None:
        """Send input to `window_id` as soon as `look` finds it inside the cover."""
        self._wanted = self._display.create_resource_object("window", window_id)
        self._target = None

    def rest(self) -> None:
        """Swallow all input until the next `aim`."""
        self._wanted = self._target = None

    def look(self, cover: Window) -> None:
        """Look where the greeter's window is; once inside the cover, it is told that it has the focus."""
        try:
            if self._wanted is None or not self._is_inside(cover):
                self._target = None
                return
            place = self._root.translate_coords(self._wanted.id, 0, 0)
        except error.XError:
            self._target = None
            return
        self._origin = (int(place.x), int(place.y))
        if self._target is None:
            self._target = self._wanted
            focus = x_event.FocusIn(window=self._target, mode=X.NotifyNormal, detail=X.NotifyNonlinear)
            self._target.send_event(focus, event_mask=0, propagate=False)

    def send(self, event: Event) -> None:
        """Re-send one input event of the grab, with coordinates relative to the greeter's window."""
        elsewhere = event.root.id != self._root.id and event.type not in KEYS
        if self._target is None or event.send_event or elsewhere:
            return
        copy = type(event)(
            detail=event.detail,
            time=event.time,
            root=self._root,
            window=self._target,
            child=X.NONE,
            root_x=event.root_x,
            root_y=event.root_y,
            event_x=event.root_x - self._origin[0],
            event_y=event.root_y - self._origin[1],
            state=event.state,
            same_screen=1,
        )
        self._target.send_event(copy, event_mask=0, propagate=False)

    def _is_inside(self, cover: Window) -> bool:
        window = self._wanted
        while isinstance(window, Window) and window.id != self._root.id:
            if window.id == cover.id:
                return True
            window = window.query_tree().parent
        return False
