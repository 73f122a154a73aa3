"""The cover: an override-redirect window over the whole root that outlives the process that made it.

Its id stands in the root property `_MOUSEGATE_COVER` from before it is mapped until after it is gone, so that
a successor finds it, puts its own cover over it, and only then destroys it. Until then the input focus stays
on it: after a SIGKILL the grabs are gone, but keys still reach nothing else.
"""

import logging
from typing import Final

from Xlib import X, Xatom, error
from Xlib.display import Display
from Xlib.protocol.rq import Event
from Xlib.xobject.drawable import Window

_log = logging.getLogger("mousegate.lock")

COVERS_PROPERTY: Final = "_MOUSEGATE_COVER"
WM_CLASS: Final = "mousegate-cover"
BYPASS_COMPOSITOR: Final = 1
"""EWMH _NET_WM_BYPASS_COMPOSITOR: no compositing, hence no fading and no transparency. As xsecurelock."""
COVER_EVENTS: Final = (
    X.StructureNotifyMask
    | X.SubstructureNotifyMask
    | X.VisibilityChangeMask
    | X.FocusChangeMask
    | X.ExposureMask
    | X.PropertyChangeMask
)
_STACKING: Final = frozenset({X.ConfigureNotify, X.MapNotify, X.CirculateNotify, X.ReparentNotify})
_INPUT: Final = (
    X.KeyPressMask | X.KeyReleaseMask | X.ButtonPressMask | X.ButtonReleaseMask | X.PointerMotionMask
)


class Cover:
    """One cover window of one screen. Created unmapped; `show` maps it, `remove` ends it."""

    def __init__(self, display: Display, root: Window) -> None:
        self._display = display
        self._root = root
        self._property = display.intern_atom(COVERS_PROPERTY)
        geometry = root.get_geometry()
        self._size = (int(geometry.width), int(geometry.height))
        self.window = self._create()

    def _create(self) -> Window:
        window = self._root.create_window(
            0,
            0,
            *self._size,
            0,
            X.CopyFromParent,
            X.InputOutput,
            X.CopyFromParent,
            override_redirect=True,
            background_pixel=self._display.screen().black_pixel,
            save_under=False,
            do_not_propagate_mask=_INPUT,
            event_mask=COVER_EVENTS,
        )
        window.set_wm_class(WM_CLASS, WM_CLASS)
        window.set_wm_name("mousegate")
        bypass = self._display.intern_atom("_NET_WM_BYPASS_COMPOSITOR")
        window.change_property(bypass, Xatom.CARDINAL, 32, [BYPASS_COMPOSITOR])
        return window

    def predecessors(self) -> list[Window]:
        """Return the covers that a keeper before this one left behind, as the root property lists them.

        Only windows that exist and carry the cover's class are believed: the property is open to any client.
        """
        found = self._root.get_full_property(self._property, Xatom.WINDOW)
        untrusted_ids = [int(value) for value in found.value] if found is not None else []
        windows = [self._display.create_resource_object("window", value) for value in untrusted_ids]
        return [window for window in windows if window.id != self.window.id and _is_cover(window)]

    def show(self, predecessors: list[Window]) -> None:
        """Map the cover on top, move the focus to it, and then destroy those of its predecessors.

        Returns once the server has done it: what lay beneath is not visible any more. From the first request
        on the window outlives this connection.
        """
        self._root.change_attributes(
            event_mask=X.StructureNotifyMask | X.SubstructureNotifyMask | X.FocusChangeMask
        )
        self._record([*predecessors, self.window])
        self._display.set_close_down_mode(X.RetainPermanent)
        self.window.map()
        self.rise()
        self.take_focus()
        self._display.sync()
        for window in predecessors:
            window.kill_client()
        self._record([self.window])
        self._display.sync()

    def rise(self) -> None:
        """Put the cover above every other child of the root."""
        self.window.configure(stack_mode=X.Above)

    def take_focus(self) -> None:
        """Give the cover the input focus, so that nobody else has it if the grabs go."""
        self.window.set_input_focus(X.RevertToParent, X.CurrentTime)

    def holds_focus(self) -> bool:
        """Return whether the cover itself has the input focus."""
        focus = self._display.get_input_focus().focus
        return _id(focus) == self.window.id

    def tend(self, event: Event) -> None:
        """Undo what `event` says somebody did to the cover or put above it."""
        subject = _id(getattr(event, "window", None))
        if subject == self.window.id:
            self._tend_own(event)
        elif event.type == X.ConfigureNotify and subject == self._root.id:
            self._size = (int(event.width), int(event.height))
            self._fit()
        elif event.type in _STACKING and _id(event.event) == self._root.id:
            self.rise()

    def _tend_own(self, event: Event) -> None:
        """Undo what happened to the cover itself. Each is reported twice, to the cover and to the root."""
        kind = event.type
        if kind == X.DestroyNotify:
            _log.critical("EMERGENCY: somebody destroyed the cover; making another")
            self.window = self._create()
            self.show([])
        elif kind == X.ReparentNotify and _id(event.parent) != self._root.id:
            _log.critical("EMERGENCY: somebody reparented the cover; taking it back")
            self.window.reparent(self._root.id, 0, 0)
        elif kind == X.UnmapNotify:
            _log.critical("EMERGENCY: somebody unmapped the cover; mapping it again")
            self.window.map()
            self.rise()
        elif kind == X.ConfigureNotify:
            if (event.x, event.y, event.width, event.height, event.border_width) != (0, 0, *self._size, 0):
                self._fit()
        elif kind == X.VisibilityNotify and event.state != X.VisibilityUnobscured:
            self.rise()
        elif kind == X.FocusOut and event.mode in (X.NotifyNormal, X.NotifyWhileGrabbed):
            self.take_focus()

    def remove(self) -> None:
        """End the cover: the screen beneath shows again."""
        self._display.set_close_down_mode(X.DestroyAll)
        self.window.destroy()
        self._root.delete_property(self._property)
        self._display.sync()

    def _fit(self) -> None:
        width, height = self._size
        self.window.configure(x=0, y=0, width=width, height=height, border_width=0, stack_mode=X.Above)

    def _record(self, windows: list[Window]) -> None:
        self._root.change_property(self._property, Xatom.WINDOW, 32, [window.id for window in windows])


def _id(subject: object) -> int:
    """Return the id of what Xlib gives as a window, or as a bare number where it knows no window."""
    found = subject if isinstance(subject, int) else getattr(subject, "id", 0)
    return int(found)


def _is_cover(window: Window) -> bool:
    try:
        return window.get_wm_class() == (WM_CLASS, WM_CLASS)
    except error.XError:
        return False
