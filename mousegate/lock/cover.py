"""The covers of one screen: black windows over all of it that outlive the process that made them.

There are two. The **base** is an override-redirect child of the root. The **shield** is a child of the
Composite overlay window, which the X server keeps above every window that any client can raise, and which it
resizes itself; the shield is larger than any screen, so a monitor that is plugged in is covered before its
first frame. A running compositor paints over everything in the overlay, so while there is one the shield is
absent and the base, opaque and unfaded by its hints, stands alone. The greeter draws in the `host`: the
shield if there is one, else the base.

Their ids stand in the root property `_MOUSEGATE_COVER` from before they are mapped until after they are gone,
so that a successor finds them, puts its own over them, and only then destroys them.
"""

import logging
from typing import Final, cast

from Xlib import X, Xatom, error
from Xlib.display import Display
from Xlib.ext import composite, shape
from Xlib.protocol.rq import Event
from Xlib.xobject.drawable import Window

from mousegate.lock.emergency import EMERGENCY

_log = logging.getLogger("mousegate.lock")

COVERS_PROPERTY: Final = "_MOUSEGATE_COVER"
MAX_COVERS: Final = 64
"""Ids believed in that property. Read in one request: any client may make it huge, or shorter meanwhile."""
WM_CLASS: Final = "mousegate-cover"
COMPOSITOR_HINTS: Final = {"_NET_WM_BYPASS_COMPOSITOR": 1, "_NET_WM_WINDOW_OPACITY": 0xFFFFFFFF}
"""Do not composite this window if you can; and it is opaque, whatever your rule for inactive windows."""
SHIELD_SIZE: Final = (32767, 32767)
"""Larger than any screen can be. Windows in the overlay are never backed by a pixmap, so it costs nothing."""
_ROOT_EVENTS: Final = X.StructureNotifyMask | X.SubstructureNotifyMask
_COVER_EVENTS: Final = _ROOT_EVENTS | X.VisibilityChangeMask | X.FocusChangeMask | X.EnterWindowMask
_HARMS: Final = {X.DestroyNotify: "destroyed", X.ReparentNotify: "reparented", X.UnmapNotify: "unmapped"}
_STACKING: Final = {*_HARMS, X.ConfigureNotify, X.MapNotify, X.CirculateNotify, X.VisibilityNotify}
_INPUT: Final = (
    X.KeyPressMask | X.KeyReleaseMask | X.ButtonPressMask | X.ButtonReleaseMask | X.PointerMotionMask
)


class Cover:
    """Covers screen `number` of the display. Nothing is mapped before `show`; `remove` ends them."""

    def __init__(self, display: Display, number: int) -> None:
        self._display = display
        self._screen = display.screen(number)
        self.root: Window = self._screen.root
        self._property = display.intern_atom(COVERS_PROPERTY)
        self._compositor = display.intern_atom(f"_NET_WM_CM_S{number}")
        geometry = self.root.get_geometry()
        self._size = (int(geometry.width), int(geometry.height))
        self._overlay: Window | None = None
        self._shield: Window | None = None
        self._predecessors = find_covers(display, number)
        self.base = self._create(self.root, self._size)

    @property
    def host(self) -> Window:
        """The cover in which the greeter draws."""
        return self._shield or self.base

    @property
    def has_predecessors(self) -> bool:
        """Whether a keeper before this one has died with the screen covered."""
        return bool(self._predecessors)

    def show(self) -> None:
        """Map the covers on top. The first of these requests are the caller's: to let them outlive it."""
        self.root.change_attributes(event_mask=_ROOT_EVENTS | X.FocusChangeMask)
        self._record()
        self.base.map()
        self.follow_compositor()
        self._stand()

    def retire_predecessors(self) -> None:
        """Destroy the covers of earlier keepers. Not at once: a compositor may still be fading ours in."""
        for window in self._predecessors:
            window.kill_client(onerror=error.CatchError())
        if self._predecessors:
            self._predecessors = []
            self._record()

    def follow_compositor(self) -> bool:
        """Have a shield where no compositor runs, and none where one does; True if the host has changed."""
        composited = self._display.get_selection_owner(self._compositor) != X.NONE
        if composited == (self._shield is None) or not self._display.has_extension("Composite"):
            return False
        if self._shield is not None:
            self._shield.destroy()
            self._shield = None
        else:
            self._shield = self._create(self._open_overlay(), SHIELD_SIZE)
            self._stand()
        self._record()
        return True

    def tend(self, event: Event) -> None:
        """Undo what `event` says somebody did to the covers, or put above them."""
        kind, subject = event.type, id_of(getattr(event, "window", None))
        cover, home = self._find(subject)
        if kind == X.ConfigureNotify and subject == self.root.id:
            self._size = (int(event.width), int(event.height))
        elif cover is not None and kind in _HARMS and id_of(getattr(event, "parent", None)) != home.id:
            _log.log(EMERGENCY, "somebody %s a cover; mending it", _HARMS[kind])
            if kind == X.ReparentNotify:
                cover.reparent(home.id, 0, 0)
            elif kind == X.DestroyNotify:
                self._replace(cover)
        if kind in _STACKING:
            self._stand()

    def remove(self) -> None:
        """End the covers. The overlay goes when the caller closes the connection."""
        self.retire_predecessors()
        if self._shield is not None:
            self._shield.destroy()
        self.base.destroy()
        self.root.delete_property(self._property)

    def _stand(self) -> None:
        """Have every cover mapped, in its place and above everything else.

        The server tells nobody of a request that changes nothing, so this cannot answer itself for ever.
        """
        if self._overlay is not None and self._shield is not None:
            self._open_overlay()
            self._place(self._shield, SHIELD_SIZE)
        self._place(self.base, self._size)

    def _place(self, window: Window, size: tuple[int, int]) -> None:
        window.map()
        window.configure(x=0, y=0, width=size[0], height=size[1], border_width=0, stack_mode=X.Above)

    def _find(self, subject: int) -> tuple[Window | None, Window]:
        """Return which cover has this id, if one has, and what it must be a child of."""
        if self._shield is not None and self._overlay is not None and subject == self._shield.id:
            return self._shield, self._overlay
        return (self.base if subject == self.base.id else None), self.root

    def _replace(self, cover: Window) -> None:
        if cover is self.base:
            self.base = self._create(self.root, self._size)
        else:
            self._shield = self._create(self._open_overlay(), SHIELD_SIZE)
        self._record()

    def _create(self, parent: Window, size: tuple[int, int]) -> Window:
        kind = (X.CopyFromParent, X.InputOutput, X.CopyFromParent)
        window = parent.create_window(
            *(0, 0, *size, 0, *kind),
            override_redirect=True,
            background_pixel=self._screen.black_pixel,
            do_not_propagate_mask=_INPUT,
            event_mask=_COVER_EVENTS,
        )
        window.set_wm_class(WM_CLASS, WM_CLASS)
        window.set_wm_name("mousegate")
        for name, value in COMPOSITOR_HINTS.items():
            window.change_property(self._display.intern_atom(name), Xatom.CARDINAL, 32, [value])
        return window

    def _open_overlay(self) -> Window:
        """Return the overlay window, mapped, on top, and without the shape a compositor may have left."""
        if self._overlay is None:
            window = cast(Display, self.root)  # a method of windows, which Xlib's stubs take for a display's
            self._overlay = composite.get_overlay_window(window).overlay_window
            self._overlay.change_attributes(event_mask=X.StructureNotifyMask)
        self._overlay.map()
        self._overlay.configure(stack_mode=X.Above)
        if self._display.has_extension("SHAPE"):
            shape.mask(self._overlay, shape.SO.Set, shape.SK.Bounding, 0, 0, X.NONE)
        return self._overlay

    def _record(self) -> None:
        windows = [*self._predecessors, self.base, *([self._shield] if self._shield else [])]
        self.root.change_property(self._property, Xatom.WINDOW, 32, [window.id for window in windows])


def id_of(subject: object) -> int:
    """Return the id of what Xlib gives as a window, or as a bare number where it knows no window."""
    found = subject if isinstance(subject, int) else getattr(subject, "id", 0)
    return int(found)


def find_covers(display: Display, number: int) -> list[Window]:
    """Return the covers that a keeper has left behind on screen `number`, as the root property lists them.

    Only windows that exist and carry the cover's class are believed: the property is open to any client.
    """
    root = display.screen(number).root
    found = root.get_property(display.intern_atom(COVERS_PROPERTY), Xatom.WINDOW, 0, MAX_COVERS)
    untrusted_ids = [int(value) for value in found.value] if found is not None else []
    windows = [display.create_resource_object("window", value) for value in untrusted_ids]
    return [window for window in windows if _is_cover(window)]


def _is_cover(window: Window) -> bool:
    try:
        return window.get_wm_class() == (WM_CLASS, WM_CLASS)
    except error.XError:
        return False
