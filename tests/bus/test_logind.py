"""The daemon and logind: a scripted logind on a private bus, and a real lock."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from Xlib.display import Display

from mousegate.capture.idle import ScreenState
from tests.bus.fake_logind import FakeLogind
from tests.bus.peer import iterate_until, running_daemon
from tests.bus.test_daemon import end_lock
from tests.e2e.desktop import Desktop


@pytest.fixture
def logind(enrolled_desktop: Desktop) -> Iterator[FakeLogind]:
    """A logind; the private session bus plays the system bus as well."""
    fake = FakeLogind(enrolled_desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    yield fake
    fake.close()


@pytest.fixture
def screen(enrolled_desktop: Desktop) -> Iterator[ScreenState]:
    """Whether it is locked; no lock is left behind."""
    with ScreenState(enrolled_desktop.display) as state:
        yield state
    end_lock(Display(enrolled_desktop.display))


def address(desktop: Desktop) -> str:
    """Return the address of the bus that plays the system bus."""
    return desktop.env["DBUS_SESSION_BUS_ADDRESS"]


def test_sleep_waits_until_the_screen_is_covered(
    enrolled_desktop: Desktop, logind: FakeLogind, screen: ScreenState, tmp_path: Path
) -> None:
    """One delay inhibitor is held; it is let go only with the screen locked, and taken anew on resume."""
    with running_daemon(
        enrolled_desktop, tmp_path / "log", DBUS_SYSTEM_BUS_ADDRESS=address(enrolled_desktop)
    ):
        iterate_until(lambda: len(logind.held) == 1 and ("locked", False) in logind.session.hints, "join")
        assert logind.asked[0][0] == "sleep" and logind.asked[0][3] == "delay"
        assert logind.is_held(0) and not screen.is_locked()
        logind.PrepareForSleep(True)
        locked_when_let_go: list[bool] = []

        def let_go() -> bool:
            if logind.is_held(0):
                return False
            locked_when_let_go.append(screen.is_locked())
            return True

        iterate_until(let_go, "the inhibitor to be let go")
        assert locked_when_let_go == [True]
        logind.PrepareForSleep(False)
        iterate_until(lambda: len(logind.held) == 2, "the next inhibitor")
        assert logind.is_held(1) and screen.is_locked()


def test_lock_of_this_session_locks_and_unlock_does_not(
    enrolled_desktop: Desktop, logind: FakeLogind, screen: ScreenState, tmp_path: Path
) -> None:
    """Lock of another session is not ours; ours locks and LockedHint follows; Unlock changes nothing."""
    words = {"DBUS_SYSTEM_BUS_ADDRESS": address(enrolled_desktop), "XDG_SESSION_ID": "7"}
    with running_daemon(enrolled_desktop, tmp_path / "log", **words):
        iterate_until(lambda: ("locked", False) in logind.session.hints, "join")
        logind.other.Lock()
        logind.session.Unlock()
        iterate_until(lambda: "nothing is unlocked" in (tmp_path / "log").read_text(), "the word to come")
        assert not screen.is_locked()
        logind.session.Lock()
        iterate_until(lambda: ("locked", True) in logind.session.hints, "LockedHint")
        assert screen.is_locked()
        logind.session.Unlock()
        log = tmp_path / "log"
        iterate_until(lambda: log.read_text().count("nothing is unlocked") == 2, "the word to come")
        assert screen.is_locked()
        assert logind.other.hints == []
