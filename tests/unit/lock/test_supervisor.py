"""The supervisor with real forked keepers that end in every way."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mousegate.lock.supervisor import REFUSED_SIGNALS, Persistence, Supervisor, announce_ready

Report = Callable[[str], None]
Life = Callable[[Report], int]
QUICK = Persistence(fastest_s=0.0, silence_s=0.3)


@pytest.fixture(autouse=True)
def keep_signal_handlers() -> Iterator[None]:
    """Give the test process its own signal handling back."""
    before = {number: signal.getsignal(number) for number in REFUSED_SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def run(directory: Path, *lives: Life) -> tuple[int, int, int]:
    """Run a supervisor whose keepers live these lives; return its status, the lives begun, readiness told."""
    begun, told = directory / "begun", directory / "told"
    begun.touch()
    told.touch()

    def keep(report: Report) -> int:
        with begun.open("a") as file:
            file.write("x")
        return lives[len(begun.read_text()) - 1](report)

    def announce() -> None:
        told.write_text(told.read_text() + "x")

    status = Supervisor(keep, announce, persistence=QUICK).run()
    return status, len(begun.read_text()), len(told.read_text())


def ends(status: int, *words: str) -> Life:
    """Return a keeper that reports these words and ends with this status."""

    def live(report: Report) -> int:
        for word in words:
            report(word)
        return status

    return live


def dies(number: int, *words: str) -> Life:
    """Return a keeper that reports these words and dies of a signal."""

    def live(report: Report) -> int:
        for word in words:
            report(word)
        os.kill(os.getpid(), number)
        signal.pause()
        return 0

    return live


def raises(_report: Report) -> int:
    """Be a keeper with an error that nobody foresaw."""
    raise SystemExit(0)


@pytest.mark.parametrize("status", [3, 4, 5])
def test_statuses_before_the_lock_are_passed_on(tmp_path: Path, status: int) -> None:
    """A keeper that could not lock is not started again, and its status is the supervisor's."""
    assert run(tmp_path, ends(status)) == (status, 1, 0)


def test_unlock_ends_with_0_after_telling_that_it_was_locked(tmp_path: Path) -> None:
    """Readiness is told once, and an unlock ends the supervisor."""
    assert run(tmp_path, ends(0, "waiting", "locked", "alive", "unlocked")) == (0, 1, 1)


LOCKED_ENDS = [dies(signal.SIGKILL, "locked"), ends(70, "locked"), ends(3, "locked"), ends(1, "locked")]


@pytest.mark.parametrize("end", LOCKED_ENDS)
def test_locked_keeper_is_succeeded(tmp_path: Path, end: Life) -> None:
    """Once locked, no death and no status but an unlock ends the lock, however often it happens."""
    assert run(tmp_path, *[end] * 6, ends(0, "locked", "unlocked")) == (0, 7, 1)


def test_escaping_exception_is_not_an_unlock(tmp_path: Path) -> None:
    """Even SystemExit(0) out of a forked keeper is an internal error and not the supervisor's end."""
    assert run(tmp_path, ends(70, "locked"), raises, ends(0, "unlocked")) == (0, 3, 1)


def test_keeper_that_never_locks_is_given_up(tmp_path: Path) -> None:
    """Before anything is locked, a few internal errors end it with 70."""
    assert run(tmp_path, *[ends(70)] * 3) == (70, 3, 0)


def test_lost_connection_is_no_lost_server(tmp_path: Path) -> None:
    """A connection lost while locked, however often, may be a client's doing: the next keeper locks again."""
    assert run(tmp_path, *[ends(4, "locked")] * 12, ends(0, "locked")) == (0, 13, 1)


def test_server_that_stays_away_is_the_end(tmp_path: Path) -> None:
    """A locked screen ends with 4 after ten keepers in a row that found no server, and not before."""
    assert run(tmp_path, ends(4, "locked"), *[ends(4)] * 9, ends(0, "locked")) == (0, 11, 1)
    (tmp_path / "again").mkdir()
    assert run(tmp_path / "again", ends(4, "locked"), *[ends(4)] * 10) == (4, 11, 1)


def test_stuck_keeper_is_killed_and_succeeded(tmp_path: Path) -> None:
    """A keeper that stops reporting is killed and another is started."""
    assert run(tmp_path, dies(signal.SIGSTOP, "locked"), ends(0, "locked")) == (0, 2, 1)


def test_word_that_only_contains_locked_is_not_readiness(tmp_path: Path) -> None:
    """`unlocked` ends with `locked`, and is not taken for it."""
    assert run(tmp_path, ends(0, "unlocked")) == (0, 1, 0)


def test_readiness_reaches_pipe_systemd_and_xss_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's pipe says `locked`, systemd hears READY=1, and xss-lock's descriptor is closed."""
    ready, ready_end = os.pipe()
    sleep, sleep_end = os.pipe()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        announce_ready(ready_end, sleep_end)
        assert systemd.recv(100).splitlines()[0] == b"READY=1"
    assert os.read(ready, 100) == b"locked\n"
    assert os.read(ready, 100) == b""
    assert os.read(sleep, 100) == b""
    os.close(ready)
    os.close(sleep)
