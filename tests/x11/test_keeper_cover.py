"""The covers on a real X server: nothing shows through, whatever clients, monitors and compositors do."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from Xlib import X
from Xlib.error import BadDrawable, BadWindow
from Xlib.xobject.drawable import Window

from mousegate.lock.notice import GREY
from tests.x11.stage import MARK, Stage, open_stage, picture, wait_until, watcher

INTRUDER: Final = 0x00FF00
"""The colour of windows that try to get above the cover."""


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A private X server with a marked window on it."""
    with open_stage() as opened:
        yield opened


@contextmanager
def compositor(stage: Stage, *words: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run picom, whose XRender back end paints over everything in the overlay window."""
    program = shutil.which("picom")
    assert program is not None, "picom is needed: apt-get install picom"
    process = subprocess.Popen(
        [program, "--config", "/dev/null", "--backend", "xrender", *words],
        env=dict(os.environ) | {"DISPLAY": stage.name},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    selection = stage.display.intern_atom("_NET_WM_CM_S0")
    try:
        wait_until(lambda: stage.display.get_selection_owner(selection) != X.NONE, "the compositor")
        wait_until(lambda: stage.beneath.pixels() > 0 or stage.covers() != [], "its first picture")
        yield process
    finally:
        process.kill()
        process.wait()


def intrude(stage: Stage) -> Window:
    """Map and raise an override-redirect window."""
    window = stage.root.create_window(
        10, 10, 50, 50, 0, X.CopyFromParent, background_pixel=INTRUDER, override_redirect=True
    )
    window.map()
    window.configure(stack_mode=X.Above)
    stage.display.sync()
    return window


def test_raising_client_is_never_seen(stage: Stage) -> None:
    """A client that keeps raising override-redirect windows is not seen in any picture."""
    stage.locked()
    with watcher(stage, MARK, INTRUDER) as watch:
        windows = [intrude(stage) for _ in range(20)]
        for _ in range(200):
            for window in windows:
                window.configure(stack_mode=X.Above)
            stage.display.sync()
    assert sum(watch.counts) == 0
    wait_until(stage.is_covered, "the base to be on top again")


@pytest.mark.parametrize("which", ["base", "shield"])
@pytest.mark.parametrize("harm", ["unmap", "move", "lower", "shrink", "destroy", "reparent"])
def test_harmed_cover_is_mended_unseen(stage: Stage, which: str, harm: str) -> None:
    """Whatever another client does to one cover, the other covers for it until it is put back."""
    lock = stage.locked()
    stage.pair()
    base, shield = stage.listed_covers()
    victim = stage.display.create_resource_object("window", base if which == "base" else shield)
    with watcher(stage, MARK) as watch:
        injure(stage, victim, harm)
        wait_until(lambda: are_whole(stage), f"both covers after {harm}")
    assert sum(watch.counts) == 0
    stage.key("a")
    assert stage.beneath.received() == []
    assert lock.is_running()


def injure(stage: Stage, cover: Window, harm: str) -> None:
    """Do `harm` to the cover as another client."""
    if harm == "unmap":
        cover.unmap()
    elif harm == "destroy":
        cover.destroy()
    elif harm == "reparent":
        cover.reparent(stage.beneath.window.id, 5, 5)
    else:
        width = cover.get_geometry().width
        cover.configure(
            x=300 if harm == "move" else 0,
            width=10 if harm == "shrink" else width,
            stack_mode=X.Below if harm == "lower" else X.Above,
        )
    stage.display.sync()


def are_whole(stage: Stage) -> bool:
    """Return whether base and shield are both viewable and in their places."""
    covers = stage.listed_covers()
    if len(covers) != 2 or not stage.is_covered():
        return False
    window = stage.display.create_resource_object("window", covers[1])
    try:
        place = window.get_geometry()
        viewable = window.get_attributes().map_state == X.IsViewable
    except (BadDrawable, BadWindow):
        return False
    return viewable and (place.x, place.y) == (0, 0) and place.width >= 32767


def test_unmapped_overlay_comes_back(stage: Stage) -> None:
    """The overlay window itself, unmapped by another client, is mapped again; the base covers meanwhile."""
    stage.locked()
    shield = stage.display.create_resource_object("window", stage.listed_covers()[1])
    overlay = shield.query_tree().parent
    with watcher(stage, MARK) as watch:
        overlay.unmap()
        stage.display.sync()
        wait_until(lambda: shield.get_attributes().map_state == X.IsViewable, "the overlay")
    assert sum(watch.counts) == 0


def test_growing_screen_shows_nothing(stage: Stage) -> None:
    """However often the screen grows and shrinks, no picture shows what lies beneath."""
    lock = stage.locked()
    with watcher(stage, MARK) as watch:
        for size in ("320x240", "640x480", "333x222", "640x200", "640x480") * 4:
            subprocess.run(
                ["xrandr", "--display", stage.name, "--fb", size], stderr=subprocess.DEVNULL, check=False
            )
    assert sum(watch.counts) == 0
    wait_until(stage.is_covered, "the base to fit the screen")
    assert (stage.root.get_geometry().width, lock.is_running()) == (640, True)


def test_compositor_cannot_make_the_cover_transparent(stage: Stage) -> None:
    """Under picom with translucent inactive windows, the base is opaque and the greeter draws in it."""
    with compositor(stage, "-i", "0.5"):
        stage.locked()
        assert len(stage.listed_covers()) == 1
        wait_until(lambda: set(picture(stage.root)[::4]) == {0}, "a black screen")
        greeter, _ = stage.pair()
        greeter.open_window(x=10, y=10)
        wait_until(lambda: stage.beneath.pixels(0x204060) > 0, "the greeter to be seen")
        assert stage.beneath.pixels() == 0


def test_compositor_that_starts_and_dies_shows_nothing(stage: Stage) -> None:
    """When a compositor comes and goes while locked, the host follows it and nothing shows."""
    lock = stage.locked()
    stage.pair()
    with watcher(stage, MARK) as watch:
        with compositor(stage):
            greeter, _ = stage.pair()
            assert int(greeter.environment["MOUSEGATE_COVER"]) == stage.covers()[-1].id
        greeter, auth = stage.pair()
        assert (
            int(greeter.environment["MOUSEGATE_COVER"]) == stage.listed_covers()[-1] != stage.covers()[-1].id
        )
        greeter.open_window()
        wait_until(lambda: stage.beneath.pixels(0x204060) > 0, "the greeter to be seen")
    assert sum(watch.counts) == 0
    auth.tell("write", to="unlock", data=auth.nonce)
    assert lock.wait_status() == 0
    wait_until(lambda: stage.beneath.pixels() > 0, "the screen to be open")


def test_successor_under_a_fading_compositor_shows_nothing(stage: Stage) -> None:
    """picom fades in the successor's cover; the dead keeper's stays beneath it until that is over."""
    with compositor(stage, "--fading", "--fade-in-step=0.05"):
        lock = stage.locked()
        wait_until(lambda: set(picture(stage.root)[::4]) == {0}, "the first cover to be faded in")
        keeper = lock.keeper()
        os.kill(keeper, signal.SIGKILL)
        lock.wait_keeper(other_than=keeper)
        brightest = 0
        while len(stage.listed_covers()) != 1:
            brightest = max(brightest, *picture(stage.root)[::4])
        assert brightest == 0


def test_focus_returns_to_the_window_that_had_it(stage: Stage) -> None:
    """After an unlock, even by a successor, the window that had the focus has it again."""
    before = stage.display.get_input_focus().focus.id
    lock = stage.locked()
    stage.pair()
    keeper = lock.keeper()
    os.kill(keeper, signal.SIGKILL)
    lock.wait_keeper(other_than=keeper)
    _, auth = stage.pair()
    auth.tell("write", to="unlock", data=auth.nonce)
    assert lock.wait_status() == 0
    assert stage.display.get_input_focus().focus.id == before


def test_cover_without_a_greeter_says_that_it_is_locked(stage: Stage) -> None:
    """While no greeter has a window, grey letters stand on the cover, and nothing else."""
    stage.locked()
    stage.pair()
    wait_until(lambda: stage.beneath.pixels(GREY) > 100, "the notice")
    assert set(picture(stage.root)[::4]) == {0, GREY & 0xFF}


def test_server_without_composite_and_fonts_is_locked_by_the_base_alone(tmp_path: Path) -> None:
    """Where the X server has no Composite extension and no core fonts, the base covers and is kept on top."""
    with open_stage("-extension", "Composite", "-fp", str(tmp_path)) as stage:
        lock = stage.locked()
        assert len(stage.listed_covers()) == 1
        intrude(stage)
        wait_until(stage.is_covered, "the base to be on top again")
        wait_until(lambda: lock.keeper() != 0, "the keeper")
        assert stage.unlock(lock) == 0
        assert stage.beneath.pixels() > 0
