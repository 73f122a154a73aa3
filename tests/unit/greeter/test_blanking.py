"""Claims about when a locked screen goes dark."""

from hypothesis import given
from hypothesis import strategies as st

from mousegate.errors import DisplayError
from mousegate.greeter.blanking import Blanker


class Scripted:
    """An X server whose idle time the test sets."""

    def __init__(self) -> None:
        self.idle = 0.0
        self.calls: list[str] = []
        self.gone = False

    def idle_s(self) -> float:
        if self.gone:
            raise DisplayError("The X server went away.")
        return self.idle

    def darken(self) -> None:
        self.calls.append("darken")

    def settle(self) -> None:
        self.calls.append("settle")


def test_it_blanks_once_and_again_after_a_touch() -> None:
    """Dark after the time without a touch, lit by one, dark again after the next such time."""
    screen = Scripted()
    blanker = Blanker(screen, 60, 0.0)
    for now_s in range(1, 200):
        screen.idle = float(now_s)
        blanker.look(now_s)
    assert (screen.calls, blanker.is_dark) == (["darken"], True)
    screen.idle = 0.4
    blanker.look(200)
    assert (screen.calls, blanker.is_dark) == (["darken", "settle"], False)
    screen.idle = 60.4
    blanker.look(260)
    assert screen.calls == ["darken", "settle", "darken"]


def test_idle_time_before_the_lock_does_not_count() -> None:
    """A screen that was locked because nobody was there is shown before it goes dark."""
    screen = Scripted()
    screen.idle = 600.0
    blanker = Blanker(screen, 60, 1000.0)
    blanker.look(1001.0)
    assert screen.calls == []
    screen.idle = 660.0
    blanker.look(1060.0)
    assert screen.calls == ["darken"]


def test_a_touch_says_whether_it_was_dark() -> None:
    """The first touch after the dark lights the screen, the next is an ordinary one."""
    screen = Scripted()
    blanker = Blanker(screen, 5, 0.0)
    screen.idle = 6.0
    blanker.look(6.0)
    assert (blanker.touched(), blanker.touched()) == (True, False)
    assert screen.calls == ["darken", "settle"]


@given(st.lists(st.floats(0, 1e6), max_size=30))
def test_zero_is_never(idles: list[float]) -> None:
    """With 0 nothing is asked of the server at all."""
    screen = Scripted()
    blanker = Blanker(screen, 0, 0.0)
    for idle in idles:
        screen.idle = idle
        blanker.look(idle)
    assert screen.calls == [] and not blanker.is_dark


def test_a_server_that_goes_away_is_asked_no_more() -> None:
    """The lock goes on without blanking."""
    screen = Scripted()
    blanker = Blanker(screen, 5, 0.0)
    screen.gone = True
    for now_s in (1.0, 100.0):
        blanker.look(now_s)
    assert not blanker.is_dark and not blanker.touched()
