"""Finding a window on a display, locked or not."""

from Xlib import X, Xatom
from Xlib.display import Display
from Xlib.error import BadWindow
from Xlib.xobject.drawable import Window


def find_window(display: Display, wm_class: str) -> Window | None:
    """Return a viewable window of this class hint, however deep, or None.

    The greeter draws in the last cover, which may be in the Composite overlay; that is in no window's tree.
    """
    root = display.screen().root
    listed = root.get_full_property(display.get_atom("_MOUSEGATE_COVER"), X.AnyPropertyType)
    ids = [int(value) for value in listed.value] if listed is not None else []
    covers = [display.create_resource_object("window", value) for value in ids]
    found = (_search(start, wm_class) for start in (root, *covers))
    return next((window for window in found if window is not None), None)


def title_of(window: Window) -> str:
    """Return the title, or "" where the window is gone.

    In one request: python-xlib's own reader asks again for what did not fit, and fails where the title has
    become shorter in between.
    """
    try:
        found = window.get_property(Xatom.WM_NAME, X.AnyPropertyType, 0, 1000)
    except BadWindow:
        return ""
    value = found.value if found is not None else ""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _search(parent: Window, wm_class: str) -> Window | None:
    """Search below `parent`, where windows may be gone by the time they are asked about."""
    try:
        children: list[Window] = parent.query_tree().children
        for child in children:
            named = wm_class in (child.get_wm_class() or ())
            if named and child.get_attributes().map_state == X.IsViewable:
                return child
            if (found := _search(child, wm_class)) is not None:
                return found
    except BadWindow:
        return None
    return None
