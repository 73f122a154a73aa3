"""In which window a click falls, on a real X server."""

import select
from collections.abc import Iterator
from pathlib import Path

import pytest
from gi.repository import GLib
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

from mousegate.capture.clickplaces import ClickPlaces
from mousegate.core.places import PlacedClick
from mousegate.daemon.places import ClickCounter, is_private
from mousegate.storage.history import DAY_S, History
from mousegate.storage.history_places import Places
from tests.e2e.screen import wait_until

UNIX_S = 20_000.5 * DAY_S


class Desk:
    """Windows, and a hand that clicks."""

    def __init__(self, display_name: str) -> None:
        self.display = Display(display_name)

    def window(
        self, name: str, x: int, y: int, *, inside: Window | None = None, menu: bool = False
    ) -> Window:
        """Show a window of 200 x 100 px; without a name it has no class, as a window manager's frame."""
        parent = inside or self.display.screen().root
        window: Window = parent.create_window(
            x, y, 200, 100, 0, self.display.screen().root_depth, override_redirect=menu
        )
        if name:
            window.set_wm_class(name.lower(), name)
            window.set_wm_name("a secret title")
        window.map()
        self.display.sync()
        return window

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Press and release there."""
        xtest.fake_input(self.display, X.MotionNotify, x=x, y=y)
        xtest.fake_input(self.display, X.ButtonPress, button)
        xtest.fake_input(self.display, X.ButtonRelease, button)
        self.display.sync()


@pytest.fixture
def desk(x_server: str) -> Iterator[Desk]:
    """A desk of its own, cleared afterwards."""
    one = Desk(x_server)
    yield one
    one.display.close()


def clicked(
    watch: ClickPlaces, desk: Desk, at: tuple[int, int], count: int, button: int = 1
) -> list[PlacedClick]:
    """Click, and return what the watch has seen: at least `count` clicks."""
    desk.click(*at, button)
    wait_until(lambda: watch.fileno() in select.select([watch.fileno()], [], [], 0)[0], 20, "the click")
    found = watch.take()
    while len(found) < count:
        select.select([watch.fileno()], [], [], 20)
        found += watch.take()
    return found


def test_class_and_place_of_a_click(x_server: str, desk: Desk) -> None:
    """A click in a framed window tells class and place; frame, menu, root and wheel do not."""
    frame = desk.window("", 300, 200)
    desk.window("Editor", 0, 20, inside=frame)
    desk.window("Menu", 700, 200, menu=True)
    desk.window("Last", 50, 500)
    with ClickPlaces(x_server) as watch:
        for elsewhere in ((400, 210), (750, 250), (1200, 750)):
            assert clicked(watch, desk, elsewhere, 0) == []
        assert clicked(watch, desk, (350, 260), 0, button=4) == []
        (first,) = clicked(watch, desk, (350, 260), 1)
        (last,) = clicked(watch, desk, (150, 525), 1, button=3)
    assert (first.application, first.across, first.down) == ("Editor", 0.25, 0.4)
    assert (last.application, last.across, last.down, last.width, last.height) == (
        "Last",
        0.5,
        0.25,
        200,
        100,
    )
    assert all(0 <= one.hold_ms < 1000 for one in (first, last))


def test_counted_are_ordinary_windows_while_allowed(x_server: str, desk: Desk, tmp_path: Path) -> None:
    """Our own windows, password dialogs and what is not allowed never reach the file; titles neither."""
    allowed = [True]
    places = Places(History(tmp_path / "person"))
    counter = ClickCounter(places, lambda: allowed[0], x_server)
    names = ("mousegate-greeter", "Pinentry-gtk-2", "Onboard", "Editor")
    for number, name in enumerate(names):
        desk.window(name, 250 * number, 300)
    try:
        counter.look(0.0, UNIX_S)
        allowed[0] = False
        desk.click(850, 310)
        served(counter, desk)
        allowed[0] = True
        for number in range(len(names)):
            desk.click(250 * number + 100, 350)
            served(counter, desk)
        assert places.applications() == []
        counter.look(1.0, UNIX_S)
        counter.look(62.0, UNIX_S)
    finally:
        counter.close(UNIX_S)
    (only,) = places.applications()
    assert (only.name, only.clicks, only.cells[32, 32]) == ("Editor", 1, 1)
    assert b"secret" not in (tmp_path / "person/history.sqlite").read_bytes()


def served(counter: ClickCounter, desk: Desk) -> None:
    """Run the main loop until the counter has read all that the server had to say."""
    desk.display.sync()
    context = GLib.MainContext.default()
    while context.iteration(False):
        continue
    counter.look(0.5, UNIX_S)


@pytest.mark.parametrize("name", ["Firefox", "XTerm", "libreoffice-writer"])
def test_ordinary_names_are_not_private(name: str) -> None:
    """The list of what is never counted is not so wide that nothing is left."""
    assert not is_private(name)
