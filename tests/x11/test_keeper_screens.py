"""One X server with several screens (`Xvfb -screen 0 … -screen 1 …`): one keeper locks them all."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from Xlib import X
from Xlib.display import Display

from tests.x11.stage import Beneath, Stage, open_stage, wait_until

SCREEN_1 = ("-screen", "1", "500x400x24")


@dataclass(frozen=True)
class Screens:
    """Two screens, each with a marked window on it; the stage is at the first."""

    stage: Stage
    second: Display
    beneath: Beneath

    def selection_owner(self, number: int) -> object:
        """Return who owns the manager selection of a screen."""
        return self.second.get_selection_owner(self.second.intern_atom(f"_MOUSEGATE_LOCK_S{number}"))


@pytest.fixture
def screens() -> Iterator[Screens]:
    """A private X server with two screens."""
    with open_stage(*SCREEN_1) as stage:
        second = Display(f"{stage.name}.1")
        yield Screens(stage, second, Beneath(second))
        second.close()


def test_one_keeper_covers_every_screen_and_owns_its_selection(screens: Screens) -> None:
    """A lock of :N covers screens 0 and 1, owns both selections, and a lock of :N.1 is told so with 5."""
    stage = screens.stage
    lock = stage.locked()
    assert stage.is_covered() and screens.beneath.pixels() == 0
    owners = [screens.selection_owner(number) for number in (0, 1)]
    assert X.NONE not in owners
    second = stage.lock(DISPLAY=f"{stage.name}.1")
    assert second.wait_status() == 5
    _, auth = stage.pair()
    auth.tell("write", to="unlock", data=auth.nonce)
    assert lock.wait_status() == 0
    wait_until(lambda: screens.beneath.pixels() == 500 * 400, "the second screen to be open")
    assert stage.beneath.pixels() == 640 * 480


def test_greeter_is_on_the_screen_that_the_lock_was_asked_on(screens: Screens) -> None:
    """A lock of :N.1 draws its greeter on screen 1, keeps the pointer there, and covers screen 0 as well."""
    stage = screens.stage
    stage.lock(DISPLAY=f"{stage.name}.1").wait_locked()
    assert stage.is_covered() and screens.beneath.pixels() == 0
    greeter, _ = stage.pair()
    greeter.open_window()
    wait_until(lambda: screens.beneath.pixels(0x204060) > 0, "the greeter on screen 1")
    assert stage.beneath.pixels(0x204060) == 0
    assert screens.second.screen().root.query_pointer().same_screen
    stage.key("a")
    assert greeter.hear()["event"] == X.KeyPress
    assert stage.beneath.received() == screens.beneath.received() == []


def test_killed_keeper_leaves_every_screen_covered(screens: Screens) -> None:
    """Without supervisor and keeper both screens stay covered; the next lock, from either, adopts all."""
    stage = screens.stage
    lock = stage.locked()
    stage.pair()
    keeper = lock.keeper()
    lock.process.kill()
    lock.process.wait()
    os.kill(keeper, signal.SIGKILL)
    wait_until(lambda: screens.selection_owner(0) == X.NONE, "the keeper's end")
    stage.key("a")
    stage.click(100, 100)
    assert stage.is_covered() and screens.beneath.pixels() == 0
    assert stage.beneath.received() == screens.beneath.received() == []
    following = stage.lock(DISPLAY=f"{stage.name}.1")
    following.wait_locked()
    assert stage.unlock(following) == 0
    wait_until(lambda: screens.beneath.pixels() == 500 * 400, "the second screen to be open")
    assert stage.beneath.pixels() == 640 * 480
