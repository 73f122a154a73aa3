"""The keeper that waits warm, and `mousegate lock` asking it, on a real X server."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from Xlib import X

from mousegate.storage.store import Store
from tests.x11.stage import Lock, Stage, open_stage, wait_until


@dataclass(frozen=True)
class Home:
    """A person with a store that a lock could be opened with, and a waiting keeper."""

    stage: Stage
    lock: Lock
    variables: dict[str, str]

    @property
    def socket(self) -> Path:
        """Where the keeper listens."""
        return Path(self.variables["XDG_RUNTIME_DIR"]) / f"mousegate-lock{self.stage.name}"

    def ask(self) -> "subprocess.CompletedProcess[str]":
        """Run `mousegate lock` to its end."""
        return subprocess.run(
            [sys.executable, "-P", "-m", "mousegate.cli.entry", "lock"],
            env=dict(os.environ) | self.variables | {"DISPLAY": self.stage.name},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def is_answered(self) -> bool:
        """Return whether a keeper waits; what it is told here is no request."""
        try:
            return self.say(b"are you there?\n") == b""
        except OSError:
            return False

    def resident_kb(self) -> int:
        """Return how much memory the keeper has had resident at most."""
        status = Path(f"/proc/{self.lock.keeper()}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

    def say(self, line: bytes) -> bytes:
        """Say something to the keeper, and return its first answer, or nothing."""
        with socket.socket(socket.AF_UNIX) as visitor:
            visitor.connect(str(self.socket))
            visitor.sendall(line)
            return visitor.recv(100)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A private X server, a store that says that the password alone unlocks, and a keeper that waits."""
    variables = {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path / "data"),
    }
    with Store.create(tmp_path / "data/mousegate") as store:
        store.settings.disarm()
    with open_stage() as stage:
        home = Home(stage, stage.lock("--wait-for-lock", real="none", passed=(), **variables), variables)
        wait_until(home.is_answered, "the keeper to wait")
        yield home


def test_locks_when_asked_and_waits_again_after_the_unlock(home: Home) -> None:
    """Asked, it locks; a second request is told so; after the unlock the next request locks again."""
    assert home.stage.covers() == []
    assert home.socket.stat().st_mode & 0o777 == 0o600
    for _ in range(2):
        keeper = home.lock.wait_keeper()
        asked = home.ask()
        assert (asked.returncode, asked.stderr) == (0, "")
        assert home.stage.is_covered() and home.lock.keeper() == keeper
        assert home.resident_kb() < 25_000
        again = home.ask()
        assert again.returncode == 5 and "already locked" in again.stderr
        _, auth = home.stage.pair()
        auth.tell("write", to="unlock", data=auth.nonce)
        home.lock.wait_keeper(other_than=keeper)
        assert home.stage.covers() == [] and home.stage.beneath.pixels() > 0
    assert home.lock.is_running()


def test_nothing_but_a_request_locks(home: Home) -> None:
    """Rubbish, an unlock, silence and a caller that has hung up change nothing."""
    keeper = home.lock.wait_keeper()
    for line in (b"unlock\n", b"lock", b"\xff" * 64, b"locked\n"):
        assert home.say(line) == b""
    with socket.socket(socket.AF_UNIX) as visitor:
        os.kill(keeper, signal.SIGSTOP)
        visitor.connect(str(home.socket))
        visitor.sendall(b"lock\n")
    os.kill(keeper, signal.SIGCONT)
    assert home.say(b"nonsense\n") == b""
    assert home.stage.covers() == [] and home.lock.keeper() == keeper


def test_lock_that_nothing_could_open_is_not_made_unchecked(home: Home) -> None:
    """Where the store holds nothing that opens, the keeper wants it checked, and `mousegate lock` refuses."""
    (Path(home.variables["XDG_DATA_HOME"]) / "mousegate/store.sqlite").unlink()
    home.lock.wait_keeper()
    assert home.say(b"lock\n") == b"check\n"
    assert home.ask().returncode == 64
    assert home.stage.covers() == []


def test_held_grab_is_exit_3_and_it_waits_on(home: Home) -> None:
    """A grab that is not let go is told to the caller with status 3; the next request is heard as before."""
    assert (
        home.stage.root.grab_keyboard(True, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime) == X.GrabSuccess
    )
    home.stage.display.sync()
    asked = home.ask()
    assert asked.returncode == 3 and "NOT locked" in asked.stderr
    assert home.stage.covers() == []
    home.stage.display.ungrab_keyboard(X.CurrentTime)
    home.stage.display.sync()
    assert home.ask().returncode == 0
    assert home.stage.is_covered()


def test_stuck_keeper_does_not_keep_the_screen_from_being_locked(home: Home) -> None:
    """Where the waiting keeper does not answer, `mousegate lock` locks without it."""
    keeper = home.lock.wait_keeper()
    os.kill(keeper, signal.SIGSTOP)
    asked = home.ask()
    assert asked.returncode == 0
    assert home.stage.covers() != []


def test_killed_keeper_is_succeeded_by_one_that_locks_at_once(home: Home) -> None:
    """A SIGKILLed keeper that had locked on request is followed by one that does not wait to be asked."""
    assert home.ask().returncode == 0
    keeper = home.lock.keeper()
    os.kill(keeper, signal.SIGKILL)
    home.lock.wait_keeper(other_than=keeper)
    wait_until(home.stage.is_covered, "the cover")
    home.stage.pair()
    home.stage.key("a")
    assert home.stage.beneath.received() == []


def test_covers_that_nobody_keeps_are_locked_without_a_request(home: Home) -> None:
    """With supervisor and keeper both killed, the next `--wait-for-lock`, as of the unit, locks at once."""
    assert home.ask().returncode == 0
    keeper = home.lock.keeper()
    home.lock.process.kill()
    home.lock.process.wait()
    os.kill(keeper, signal.SIGKILL)
    following = home.stage.lock("--wait-for-lock", real="none", passed=(), **home.variables)
    following.wait_locked()
    assert home.stage.is_covered()


def test_lost_server_ends_the_waiting_with_4(home: Home) -> None:
    """When the X server goes, a keeper that waits ends, so that its unit does."""
    home.lock.wait_keeper()
    os.kill(home.stage.server_pid(), signal.SIGKILL)
    assert home.lock.wait_status() == 4
