"""What goes wrong for people: each case is one clear line, the right exit status, nothing lost, no unlock."""

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from Xlib import X, display

from mousegate.capture import formats
from mousegate.core.events import EVENT_DTYPE
from tests.e2e.desktop import Desktop, private_desktop
from tests.e2e.hand import synthetic_hands
from tests.xvfb import xvfb

REPOSITORY = Path(__file__).parents[2]
SAPIMOUSE = "client timestamp,button,state,x,y\n"
BALABIT = "record timestamp,client timestamp,button,state,x,y\n"
MOVES = "".join(f"{17 * i},NoButton,Move,{100 + i},{200 + i}\n" for i in range(300))


@pytest.fixture(scope="module")
def desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """A desktop on which the owner's movement is enrolled; `good.mouse` in its home is the owner's."""
    owner, _ = synthetic_hands()
    with private_desktop() as desktop:
        desktop.configure('allow_synthetic = true\npolicy = "motion"\n')
        good = desktop.home / "good.mouse"
        formats.write(good, owner.session(90, 1280, 800), "native")
        enrolled = desktop.run("enrol", "--label", "me", "--from", str(good))
        assert enrolled.returncode == 0, enrolled.stderr
        yield desktop


def told_in_one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line on standard error; no traceback may be anywhere."""
    assert "Traceback" not in done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


NO_DISPLAY = {"DISPLAY": ""}
WAYLAND = {"DISPLAY": "", "WAYLAND_DISPLAY": "wayland-0", "XDG_SESSION_TYPE": "wayland"}
RECORDINGS: dict[str, tuple[str, int, str]] = {
    "empty": ("", 65, "empty"),
    "header only": (SAPIMOUSE, 65, ""),
    "truncated row": (SAPIMOUSE + MOVES + "5117,NoButton,Mo", 65, "line 302"),
    "NaN coordinate": (SAPIMOUSE + MOVES + "5117,NoButton,Move,nan,3\n", 65, "line 302"),
    "not a recording": ("once upon a time\n" * 30, 65, "line 1"),
    "time runs backwards": (SAPIMOUSE + MOVES + MOVES[: len(MOVES) // 2] * 3, 65, "line"),
    "one press": (SAPIMOUSE + "10,Left,Pressed,5,5\n90,Left,Released,5,5\n", 2, "inconclusive"),
}


@pytest.mark.parametrize("case", RECORDINGS)
def test_a_bad_recording_is_refused_with_file_and_reason(case: str, desktop: Desktop) -> None:
    """`mousegate verify` names the file and what is wrong with it, and never matches."""
    text, status, said = RECORDINGS[case]
    path = desktop.home / "bad.csv"
    path.write_text(text)
    done = desktop.run("verify", "--from", str(path))
    assert done.returncode == status, done
    line = told_in_one_line(done) if status == 65 else done.stdout
    assert said in line
    assert status != 65 or "bad.csv" in line


def test_coordinates_of_65535_are_a_known_defect_and_read_over(desktop: Desktop) -> None:
    """Balabit's 65535 rows are left out; what remains converts."""
    rows = "".join(f"{i / 50},{i / 50},NoButton,Move,{300 + i},{100 + i}\n" for i in range(50))
    path, out = desktop.home / "remote.csv", desktop.home / "remote.mouse"
    path.write_text(BALABIT + rows + "1.2,1.2,NoButton,Move,65535,65535\n" + "1.3,1.3,NoButton,Move,9,9\n")
    done = desktop.run("convert", str(path), str(out))
    assert done.returncode == 0, done.stderr
    assert formats.read(out)["x"].max() < 65535


def test_ten_million_rows_are_compared_within_bounds(desktop: Desktop) -> None:
    """A recording of ten million rows gives a verdict, in bounded memory and time."""
    events = np.zeros(10_000_000, EVENT_DTYPE)
    steps = np.random.default_rng(1).integers(-6, 7, (2, len(events)))
    events["time_ms"] = 8 * np.arange(len(events))
    events["x"], events["y"] = (np.abs(np.cumsum(axis)) % 1900 for axis in steps)
    path = desktop.home / "long.mouse"
    formats.write(path, events, "native")
    done = desktop.run("verify", "--from", str(path), timeout_s=110)
    path.unlink()
    assert done.returncode in (0, 1, 2), done.stderr
    assert "Traceback" not in done.stderr


def _corrupt(store: Path) -> None:
    (store / "store.sqlite").write_bytes(b"this is not a database" * 200)


def _of_a_newer_version(store: Path) -> None:
    with sqlite3.connect(store / "store.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


def _world_readable(store: Path) -> None:
    (store / "store.sqlite").chmod(0o644)


def _a_symlink(store: Path) -> None:
    (store / "store.sqlite").rename(store / "elsewhere.sqlite")
    (store / "store.sqlite").symlink_to("elsewhere.sqlite")


@pytest.mark.parametrize("spoil", [_corrupt, _of_a_newer_version, _world_readable, _a_symlink])
def test_a_bad_store_is_refused_and_left_as_it_is(spoil: Callable[[Path], None], desktop: Desktop) -> None:
    """Every command that needs the store says what is wrong with it, exits with 70 and changes nothing."""
    kept = desktop.home / "kept"
    shutil.copytree(desktop.store, kept)
    try:
        spoil(desktop.store)
        before = {path.name: path.lstat().st_mode for path in desktop.store.iterdir()}
        content = (desktop.store / "store.sqlite").read_bytes()
        for words in (
            ("verify", "--from", str(desktop.home / "good.mouse")),
            ("status",),
            ("references", "list"),
        ):
            done = desktop.run(*words)
            assert done.returncode == 70, done
            assert "store" in told_in_one_line(done)
        assert (desktop.store / "store.sqlite").read_bytes() == content
        assert {path.name: path.lstat().st_mode for path in desktop.store.iterdir()} == before
    finally:
        shutil.rmtree(desktop.store)
        kept.rename(desktop.store)


@pytest.mark.parametrize("spoilt", ["missing", "altered"])
def test_a_missing_or_altered_model_is_told_and_never_matches(
    spoilt: str, desktop: Desktop, tmp_path: Path
) -> None:
    """`verify` with a model whose checksum does not agree, or none, exits with 70 and says what to do."""
    shutil.copytree(
        REPOSITORY / "mousegate", tmp_path / "mousegate", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(REPOSITORY / "models", tmp_path / "models")
    model = tmp_path / "models" / "embedder.onnx"
    if spoilt == "missing":
        model.unlink()
    else:
        model.write_bytes(model.read_bytes()[:-1] + b"\0")
    elsewhere = replace(desktop, env={**desktop.env, "PYTHONPATH": str(tmp_path)})
    done = elsewhere.run("verify", "--from", str(desktop.home / "good.mouse"))
    assert done.returncode == 70, done
    assert "model" in told_in_one_line(done)


def _run_without(desktop: Desktop, module: str, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m MODULE WORDS` with variables replaced; an empty one is taken away."""
    merged = {name: value for name, value in {**desktop.env, **env}.items() if value}
    return subprocess.run(
        [sys.executable, "-m", module, *words],
        env=merged,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("env", [NO_DISPLAY, WAYLAND], ids=str)
@pytest.mark.parametrize("words", [("mousegate.lock",), ("mousegate.cli", "record", "never.mouse")], ids=str)
def test_no_x_display_is_told_with_status_4(
    words: tuple[str, ...], env: dict[str, str], desktop: Desktop
) -> None:
    """Without a display, and under Wayland, locking and recording say so and exit with 4."""
    done = _run_without(desktop, *words, **env)
    assert done.returncode == 4, done
    assert ("Wayland" in told_in_one_line(done)) == ("WAYLAND_DISPLAY" in env)


def test_a_server_without_record_is_told(desktop: Desktop) -> None:
    """`mousegate record` on a server without the RECORD extension names it and exits with 4."""
    with xvfb(640, 480, "-extension", "RECORD") as name:
        done = _run_without(desktop, "mousegate.cli", "record", "never.mouse", DISPLAY=name)
    assert done.returncode == 4, done
    assert "RECORD" in told_in_one_line(done)


def test_a_grab_held_by_another_client_is_told_with_status_3(desktop: Desktop) -> None:
    """Where another client never lets the keyboard go, `mousegate-lock` says NOT locked and exits with 3."""
    other = display.Display(desktop.display)
    try:
        held = other.screen().root.grab_keyboard(False, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
        assert held == X.GrabSuccess
        done = _run_without(desktop, "mousegate.lock", "--grab-timeout", "1")
    finally:
        other.close()
    assert done.returncode == 3, done
    assert "NOT locked" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", [("verify",), ("verify", "--from"), ("fly",), ("convert", "x"), ("enrol",)], ids=str
)
def test_wrong_words_are_a_usage_error(words: tuple[str, ...], desktop: Desktop) -> None:
    """Missing or unknown words exit with 64 and no traceback."""
    done = desktop.run(*words)
    assert done.returncode == 64, done
    assert "Traceback" not in done.stderr


def test_nobody_enrolled_is_status_3(desktop: Desktop) -> None:
    """`verify` before any enrolment exits with 3 and says how to enrol."""
    done = _run_without(
        desktop,
        "mousegate.cli",
        "verify",
        "--from",
        str(desktop.home / "good.mouse"),
        XDG_DATA_HOME=os.devnull + "x",
    )
    assert done.returncode == 3, done
    assert "enrol" in told_in_one_line(done)
