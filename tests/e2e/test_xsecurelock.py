"""auth_mousegate as the authentication module of the real xsecurelock(1)."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.desktop import PASSWORD, private_desktop
from tests.e2e.enrolled import enrol_rhythm
from tests.e2e.hand import synthetic_hands
from tests.e2e.screen import wait_until
from tests.e2e.story import OPEN, RHYTHM, WRONG_RHYTHM, Beat, Story

pytestmark = pytest.mark.timeout(240)
MODULE = Path(sys.executable).with_name("auth_mousegate")
OWNER, _ = synthetic_hands()
TRIES = 3


class Locked:
    """A desktop that xsecurelock has locked, with a person before it."""

    def __init__(self, story: Story, lock: "subprocess.Popen[bytes]") -> None:
        self.story, self.lock = story, lock

    def wake(self) -> None:
        """Touch the mouse until the greeter is there."""

        def is_there() -> bool:
            x, y = self.story.driver.position
            self.story.driver.move((x + 7) % 600 + 1, (y + 3) % 400 + 1)
            return self.story.witness.state() in OPEN

        wait_until(is_there, 30, "the greeter")

    def attempt(self, rhythm: tuple[Beat, ...] = RHYTHM, password: str = PASSWORD) -> str:
        """Make one attempt; return `failed`, or `unlocked`."""
        self.story._perform(OWNER, rhythm, password, wander_s=0)

        def over() -> bool:
            return self.lock.poll() is not None or self.story.witness.state() == "failed"

        wait_until(
            lambda: self.lock.poll() is not None or self.story.witness.state() == "checking", 10, "Submit"
        )
        wait_until(over, 30, "a verdict")
        return "unlocked" if self.lock.poll() == 0 else self.story.witness.state()

    def is_covered(self) -> bool:
        """Return whether xsecurelock runs and nothing of the desktop shows."""
        return self.lock.poll() is None and self.story.witness.exposed_pixels() == 0

    def module(self) -> int:
        """Return the process id of the module, or 0."""
        return next((pid for pid in children(self.lock.pid) if "auth_mousegate" in command(pid)), 0)


def children(pid: int) -> list[int]:
    """Return the processes that `pid` has started."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


def command(pid: int) -> str:
    """Return the command line of a process, or nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Locked]:
    """Lock with the real xsecurelock, whose windows NO_COMPOSITE puts where a witness finds them."""
    program = shutil.which("xsecurelock")
    assert program is not None, "xsecurelock is needed: apt-get install xsecurelock"
    assert MODULE.exists(), f"{MODULE} is not installed: run make check"
    with private_desktop() as desktop:
        desktop.configure('policy = "rhythm"\nallow_synthetic = true\n')
        enrol_rhythm(desktop)
        story = Story(desktop, tmp_path, on_outcome=lambda _outcome: None)
        settings = {
            "XSECURELOCK_AUTH": str(MODULE),
            "XSECURELOCK_NO_COMPOSITE": "1",
            "XSECURELOCK_SAVER": "saver_blank",
        }
        lock = subprocess.Popen([program], env=dict(desktop.env) | settings, stderr=story.log)
        try:
            wait_until(lambda: story.witness.exposed_pixels() == 0, 20, "xsecurelock to cover the screen")
            yield Locked(story, lock)
        finally:
            lock.terminate()
            lock.wait()
            story.close()


def test_only_the_right_signature_ends_xsecurelock(locked: Locked) -> None:
    """Wrong password, wrong rhythm and a kill of the module leave it locked; the right signature opens it."""
    locked.wake()
    assert locked.attempt(password="wrong") == "failed"
    assert locked.is_covered()
    assert locked.attempt(WRONG_RHYTHM) == "failed"
    assert locked.is_covered()
    victim = locked.module()
    assert victim
    os.kill(victim, signal.SIGKILL)
    wait_until(lambda: locked.module() != victim, 10, "the module to be gone")
    assert locked.is_covered()
    locked.wake()
    assert locked.is_covered()
    # A hand misses its own rhythm now and then, on a loaded machine more often.
    assert "unlocked" in (locked.attempt() for _ in range(TRIES))
    wait_until(lambda: locked.story.witness.exposed_pixels() > 0, 10, "the desktop")
    assert locked.story.beneath.count_received() == 0
    assert PASSWORD not in (locked.story.pictures / "processes.log").read_text()


@pytest.mark.parametrize("window", ["", "0", "rubbish", "4294967296", "99999999999999999999", "-1"])
def test_without_its_window_the_module_never_says_success(x_server: str, window: str) -> None:
    """Started by hand, or with a window that is none, its status is not 0, and it says what is wrong."""
    environment = os.environ | {"DISPLAY": x_server, "XSCREENSAVER_WINDOW": window}
    for words in ([], ["--help"], ["--version"]):
        done = subprocess.run(
            [sys.executable, "-m", "mousegate.lock.xsecurelock", *words],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1
        assert "Traceback" not in done.stderr and done.stderr.count("\n") == 1
