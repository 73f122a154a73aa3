"""`mousegate lock` on a real X server."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from Xlib import X

from tests.x11.stage import Stage, open_stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A private X server with a marked window on it."""
    with open_stage() as opened:
        yield opened


def lock(
    home: Path, display: str, *words: str, unenrolled: str = "password"
) -> "subprocess.CompletedProcess[str]":
    """Run the command for a person whose home this is."""
    directory = home / "config/mousegate"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "config.toml").write_text(f'unenrolled = "{unenrolled}"\n')
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "DISPLAY": display,
        "XDG_SESSION_TYPE": "x11",
    }
    environment |= {"XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data")}
    return subprocess.run(
        [sys.executable, "-P", "-m", "mousegate.cli", "lock", *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_returns_once_locked_and_says_when_it_already_is(stage: Stage, tmp_path: Path) -> None:
    """It returns 0 with the screen covered and does not wait for the unlock; the second returns 5."""
    first = lock(tmp_path, stage.name)
    assert (first.returncode, first.stdout, first.stderr) == (0, "", "")
    assert stage.is_covered()
    second = lock(tmp_path, stage.name)
    assert second.returncode == 5
    assert second.stderr.count("\n") == 1 and "already locked" in second.stderr
    assert (tmp_path / "data/mousegate/lock.log").stat().st_mode & 0o777 == 0o600


def test_grabbed_screen_is_exit_3(stage: Stage) -> None:
    """Where another client holds the keyboard for good, one line says that the screen is not locked."""
    holder = stage.connect()
    holder.screen().root.grab_keyboard(True, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
    holder.sync()
    ended = lock(stage.directory, stage.name)
    assert ended.returncode == 3
    assert ended.stderr.count("\n") == 1 and "NOT locked" in ended.stderr
    assert stage.covers() == []


def test_no_display_is_exit_4(tmp_path: Path) -> None:
    """Without a display there is one line and status 4."""
    ended = lock(tmp_path, "")
    assert ended.returncode == 4
    assert ended.stderr.count("\n") == 1 and "Traceback" not in ended.stderr


def test_lock_that_nothing_could_open_is_refused(stage: Stage, tmp_path: Path) -> None:
    """With nothing enrolled and no password alone, it refuses with a usage error and locks nothing."""
    ended = lock(tmp_path, stage.name, unenrolled="refuse")
    assert ended.returncode == 64
    assert "mousegate enrol" in ended.stderr and ended.stderr.count("\n") == 1
    assert stage.covers() == []
