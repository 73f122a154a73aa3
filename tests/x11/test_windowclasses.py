"""Which movement lies over windows of a class, on a real X server."""

from collections.abc import Iterator

import numpy as np
import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.xobject.drawable import Window

from mousegate.capture.display import open_display
from mousegate.capture.windowclasses import WindowClasses, names_in
from mousegate.core.events import Events, from_columns


@pytest.fixture
def display(x_server: str) -> Iterator[Display]:
    """A client of the shared X server; its windows go with it."""
    opened = open_display(x_server)
    yield opened
    opened.close()


def window(
    display: Display, x: int, y: int, width: int, name: str = "", parent: Window | None = None
) -> Window:
    """Map a square window with this class."""
    above = parent or display.screen().root
    made = above.create_window(x, y, width, width, 0, X.CopyFromParent)
    if name:
        made.set_wm_class(name.lower(), name)
    made.map()
    display.sync()
    return made


def at(*places: tuple[int, int]) -> Events:
    """Movement to these places."""
    x, y = np.array(places).T
    none = np.zeros(len(places))
    return from_columns(none, none, none, x, y)


def test_only_movement_over_the_class_is_watched(x_server: str, display: Display) -> None:
    """Edges count, the desktop and other classes do not, and either part of WM_CLASS will do in any case."""
    window(display, 100, 100, 200, "Editor")
    window(display, 400, 100, 100, "Other")
    for name in ("Editor", "editor", "EDITOR"):
        with WindowClasses((name,), x_server) as classes:
            places = ((99, 100), (100, 100), (299, 299), (300, 299), (450, 150))
            assert list(classes.under(at(*places))) == [False, True, True, False, False]


def test_what_lies_above_counts(x_server: str, display: Display) -> None:
    """A window of another class over it hides it, until it is moved, lowered, or closed."""
    window(display, 100, 100, 200, "Editor")
    above = window(display, 150, 150, 50, "Other")
    with WindowClasses(("Editor",), x_server) as classes:
        assert list(classes.under(at((120, 120), (160, 160)))) == [True, False]
        above.configure(x=300, y=400)
        display.sync()
        assert list(classes.under(at((160, 160), (310, 410)))) == [True, False]
        above.destroy()
        window(display, 100, 100, 10, "Other").configure(stack_mode=X.Below)
        display.sync()
        assert list(classes.under(at((105, 105)))) == [True]


def test_a_framed_client_is_found(x_server: str, display: Display) -> None:
    """The class is that of the client in its window manager's frame, and the frame counts with it."""
    frame = window(display, 100, 100, 200)
    window(display, 10, 20, 100, "Editor", parent=frame)
    with WindowClasses(("Editor",), x_server) as classes:
        assert list(classes.under(at((105, 105), (150, 150), (50, 50)))) == [True, True, False]


def test_classes_are_divided_by_commas() -> None:
    """Spaces do not matter, nor do empty parts."""
    assert names_in(" Firefox, Gimp ,,") == ("Firefox", "Gimp")
    assert names_in("") == ()
