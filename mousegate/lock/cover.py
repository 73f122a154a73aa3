"""The covers: black windows over the whole screen that outlive the process that made them.

There are two. The **base** is an override-redirect child of the root. The **shield** is a child of the
Composite overlay window, which the X server keeps above every window that any client can raise, and which it
resizes itself; the shield is larger than any screen, so a monitor that is plugged in is covered before its
first frame. A running compositor paints over everything in the overlay, so while there is one the shield is
absent and the base, opaque and unfaded by its hints, stands alone. The greeter draws in the `host`: the
shield if there is one, else the base.

Their ids stand in the root property `_MOUSEGATE_COVER` from before they are mapped until after they are gone,
so that a successor finds them, puts its own over them, and only then destroys them. Until then the input
focus stays on the base: after a SIGKILL the grabs are gone, but keys still reach nothing else.
"""

import logging
from typing import Final, cast

from Xlib import X, Xatom, error
from Xlib.display import Display
from Xlib.ext import composite, shape
from Xlib.protocol.rq import Event
from Xlib.xobject.drawable import Window

_log = logging.getLogger("mousegate.lock")

COVERS_PROPERTY: Final = "_MOUSEGATE_COVER"
FOCUS_PROPERTY: Final = "_MOUSEGATE_FOCUS"
WM_CLASS: Final = "mousegate-cover"
COMPOSITOR_HINTS: Final = {"_NET_WM_BYPASS_COMPOSITOR": 1, "_NET_WM_WINDOW_OPACITY": 0xFFFFFFFF}
"""Do not composite this window if you can; and it is opaque, whatever your rule for inactive windows."""
SHIELD_SIZE: Final = 32767
"""Larger than any screen can be. Windows in the overlay are never backed by a pixmap, so it costs nothing."""
COVER_EVENTS: Final = (
    X.StructureNotifyMask
    | X.SubstructureNotifyMask
    | X.VisibilityChangeMask
    | X.FocusChangeMask
    | X.ExposureMask
)
_STACKING: Final = frozenset({X.ConfigureNotify, X.MapNotify, X.CirculateNotify, X.ReparentNotify})
_INPUT: Final = (
    X.KeyPressMask | X.KeyReleaseMask | X.ButtonPressMask | X.ButtonReleaseMask | X.PointerMotionMask
)


class Cover:
    """The covers of one screen. Nothing is mapped before `show`; `remove` ends them."""

    def __init__(self, display: Display, root: Window) -> None:
        self._display = display
        self._root = root
        self._property = display.intern_atom(COVERS_PROPERTY)
        self._compositor = display.intern_atom(f"_NET_WM_CM_S{display.get_default_screen()}")
        geometry = root.get_geometry()
        self._size = (int(geometry.width), int(geometry.height))
        self._overlay: Window | None = None
        self._shield: Window | None = None
        self._predecessors = find_covers(display)
        self.base = self._create(root, self._size)

    @property
    def host(self) -> Window:
        """The cover in which the greeter draws."""
        return self._shield or self.base

    @property
    def has_predecessors(self) -> bool:
        """Whether a keeper before this one has died with the screen covered."""
        return bool(self._predecessors)

    def show(self) -> None:
        """Map the covers on top and move the focus to them.

        Returns once the server has done it: what lay beneath is not visible any more. From the first request
        on the windows outlive this connection.
        """
        self._remember_focus()
        events = X.StructureNotifyMask | X.SubstructureNotifyMask | X.FocusChangeMask
        self._root.change_attributes(event_mask=events)
        self._display.set_close_down_mode(X.RetainPermanent)
        self._record()
        self.base.map()
        self.follow_compositor()
        self.rise()
        self.take_focus()
        self._display.sync()

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
        if composited and self._shield is not None:
            self._shield.destroy()
            self._shield = None
        else:
            self._raise_shield()
        self._record()
        return True

    def rise(self) -> None:
        """Put the covers above everything else."""
        self.base.configure(stack_mode=X.Above)
        if self._shield is not None:
            self._shield.configure(stack_mode=X.Above)

    def take_focus(self) -> None:
        """Give the base the input focus, so that nobody else has it if the grabs go."""
        self.base.set_input_focus(X.RevertToParent, X.CurrentTime, onerror=error.CatchError())

    def holds_focus(self) -> bool:
        """Return whether the base itself has the input focus."""
        return _id(self._display.get_input_focus().focus) == self.base.id

    def tend(self, event: Event) -> None:
        """Undo what `event` says somebody did to the covers or put above them."""
        subject = _id(getattr(event, "window", None))
        if subject in (self.base.id, self._shield.id if self._shield else None):
            self._tend_own(event, subject)
        elif event.type == X.ConfigureNotify and subject == self._root.id:
            self._size = (int(event.width), int(event.height))
            self._fit()
        elif event.type == X.UnmapNotify and self._overlay is not None and subject == self._overlay.id:
            self._open_overlay()
        elif event.type in _STACKING and _id(event.event) == self._root.id:
            self.rise()

    def remove(self) -> None:
        """End the covers and give the focus back. The overlay goes when the caller closes the connection."""
        self._display.set_close_down_mode(X.DestroyAll)
        self.retire_predecessors()
        if self._shield is not None:
            self._shield.destroy()
        self.base.destroy()
        self._root.delete_property(self._property)
        self._restore_focus()
        self._display.sync()

    def _tend_own(self, event: Event, subject: int) -> None:
        """Undo what happened to a cover itself. What happens to the base is reported to the root as well."""
        kind = event.type
        is_base = subject == self.base.id
        parent = self._root if is_base else self._overlay
        window = self.base if is_base else self._shield
        assert window is not None and parent is not None
        if kind == X.DestroyNotify:
            _log.critical("EMERGENCY: somebody destroyed a cover; making another")
            self._replace(is_base)
        elif kind == X.ReparentNotify and _id(event.parent) != parent.id:
            _log.critical("EMERGENCY: somebody reparented a cover; taking it back")
            window.reparent(parent.id, 0, 0)
        elif kind == X.UnmapNotify:
            _log.critical("EMERGENCY: somebody unmapped a cover; mapping it again")
            window.map()
            self.rise()
        elif kind == X.ConfigureNotify:
            size = self._size if is_base else (SHIELD_SIZE, SHIELD_SIZE)
            if (event.x, event.y, event.width, event.height, event.border_width) != (0, 0, *size, 0):
                self._fit()
            self.rise()
        elif kind == X.VisibilityNotify and event.state != X.VisibilityUnobscured:
            self.rise()
        elif kind == X.FocusOut and event.mode in (X.NotifyNormal, X.NotifyWhileGrabbed):
            self.take_focus()

    def _replace(self, is_base: bool) -> None:
        if is_base:
            self.base = self._create(self._root, self._size)
            self.base.map()
            self.take_focus()
        else:
            self._raise_shield()
        self._record()
        self.rise()

    def _create(self, parent: Window, size: tuple[int, int]) -> Window:
        window = parent.create_window(
            0,
            0,
            *size,
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
        for name, value in COMPOSITOR_HINTS.items():
            window.change_property(self._display.intern_atom(name), Xatom.CARDINAL, 32, [value])
        return window

    def _raise_shield(self) -> None:
        overlay = self._open_overlay()
        self._shield = self._create(overlay, (SHIELD_SIZE, SHIELD_SIZE))
        self._shield.map()
        self._shield.configure(stack_mode=X.Above)

    def _open_overlay(self) -> Window:
        """Return the overlay window, mapped, on top, and without the shape a compositor may have left."""
        if self._overlay is None:
            window = cast(Display, self._root)  # a method of windows, which Xlib's stubs take for a display's
            self._overlay = composite.get_overlay_window(window).overlay_window
        self._overlay.change_attributes(event_mask=X.StructureNotifyMask)
        self._overlay.map()
        self._overlay.configure(stack_mode=X.Above)
        if self._display.has_extension("SHAPE"):
            shape.mask(self._overlay, shape.SO.Set, shape.SK.Bounding, 0, 0, X.NONE)
        return self._overlay

    def _fit(self) -> None:
        width, height = self._size
        self.base.configure(x=0, y=0, width=width, height=height, border_width=0, stack_mode=X.Above)
        if self._shield is not None:
            self._shield.configure(
                x=0, y=0, width=SHIELD_SIZE, height=SHIELD_SIZE, border_width=0, stack_mode=X.Above
            )

    def _record(self) -> None:
        windows = [*self._predecessors, self.base, *([self._shield] if self._shield else [])]
        self._root.change_property(self._property, Xatom.WINDOW, 32, [window.id for window in windows])

    def _remember_focus(self) -> None:
        """Note who has the focus, unless a predecessor has noted it before."""
        focus = _id(self._display.get_input_focus().focus)
        if not self._predecessors and focus > X.PointerRoot:
            name = self._display.intern_atom(FOCUS_PROPERTY)
            self._root.change_property(name, Xatom.WINDOW, 32, [focus])

    def _restore_focus(self) -> None:
        name = self._display.intern_atom(FOCUS_PROPERTY)
        found = self._root.get_full_property(name, Xatom.WINDOW)
        self._root.delete_property(name)
        if found is not None and len(found.value) == 1:
            window = self._display.create_resource_object("window", int(found.value[0]))
            window.set_input_focus(X.RevertToParent, X.CurrentTime, onerror=error.CatchError())


def _id(subject: object) -> int:
    """Return the id of what Xlib gives as a window, or as a bare number where it knows no window."""
    found = subject if isinstance(subject, int) else getattr(subject, "id", 0)
    return int(found)


def find_covers(display: Display) -> list[Window]:
    """Return the covers that a keeper has left behind, as the root property lists them.

    Only windows that exist and carry the cover's class are believed: the property is open to any client.
    """
    found = display.screen().root.get_full_property(display.intern_atom(COVERS_PROPERTY), Xatom.WINDOW)
    untrusted_ids = [int(value) for value in found.value] if found is not None else []
    windows = [display.create_resource_object("window", value) for value in untrusted_ids]
    return [window for window in windows if _is_cover(window)]


def _is_cover(window: Window) -> bool:
    try:
        return window.get_wm_class() == (WM_CLASS, WM_CLASS)
    except error.XError:
        return False
