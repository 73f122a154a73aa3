"""Recordings are played into a real X server as they were recorded."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mousegate.capture.formats import Format, read, write
from mousegate.capture.replay import Playback, Player
from mousegate.capture.xrecord import Recorder
from mousegate.core.events import EVENT_DTYPE, Events, Kind
from mousegate.errors import DisplayError, UsageError
from tests.x11.conftest import Hand

WHAT = ["kind", "button", "x", "y"]


def recorded() -> Events:
    """A short reach with a click, 90 ms in all."""
    rows = [(1000 + 10 * i, Kind.MOVE, 0, 100 + 20 * i, 50 + 10 * i) for i in range(6)]
    rows += [(1060, Kind.PRESS, 1, 200, 100), (1090, Kind.RELEASE, 1, 200, 100)]
    return np.array(rows, EVENT_DTYPE)


def test_a_recording_is_played_as_it_was_recorded(x_server: str) -> None:
    """What is recorded of a replay is the recording: kinds, buttons and places, in order."""
    with Player(x_server) as player, Recorder(x_server) as recorder:
        player.play(recorded(), Playback(speed=0))
        assert recorder.wait_until(lambda events: bool((events["kind"] == Kind.RELEASE).any()), 10)
        assert recorder.snapshot()[WHAT].tolist() == recorded()[WHAT].tolist()


def test_events_are_never_early(x_server: str) -> None:
    """Each event waits for its own deadline: the whole takes at least as long as the recording."""
    with Player(x_server) as player, Recorder(x_server) as recorder:
        lateness = player.play(recorded())
        assert lateness.duration_s >= 0.09
        assert lateness.events == 8
        played = recorder.snapshot()
        assert played["time_ms"][-1] - played["time_ms"][0] >= 85


def test_positions_are_scaled_shifted_and_kept_on_the_screen(x_server: str) -> None:
    """Position is scale * recorded + offset, and never beyond the edge."""
    with Player(x_server) as player, Recorder(x_server) as recorder:
        player.play(recorded(), Playback(speed=0, scale=0.5, offset_x=7, offset_y=-40))
        events = recorder.snapshot()
    assert events["x"][:6].tolist() == [57, 67, 77, 87, 97, 107]
    assert events["y"][:6].tolist() == [0, 0, 0, 0, 5, 10]


def test_long_silences_can_be_cut(x_server: str) -> None:
    """A pause of an hour does not hold up a replay that is told to cut it."""
    events = recorded()
    events["time_ms"][5:] += 3_600_000
    with Player(x_server) as player:
        assert player.play(events, Playback(longest_pause_s=0.02)).events == len(events)


def test_a_button_held_at_the_end_is_released(x_server: str) -> None:
    """A recording that breaks off within a click leaves no button down."""
    with Player(x_server) as player, Recorder(x_server) as recorder:
        player.play(recorded()[:-1], Playback(speed=0))
        assert recorder.snapshot()["kind"][-1] == Kind.RELEASE


def test_a_stopped_replay_ends_soon_and_lets_go(x_server: str, hand: Hand) -> None:
    """Stopping in the midst of a held button returns with what was played."""
    events = recorded()
    events["time_ms"][-1] += 3_600_000
    with Player(x_server) as player, Recorder(x_server) as recorder:
        lateness = player.play(events, progress=lambda done, _: player.stop() if done == 7 else None)
        assert lateness.events == 7
        assert recorder.snapshot()["kind"][-1] == Kind.RELEASE
    assert not hand.display.screen().root.query_pointer().mask & (1 << 8)


def test_impossible_wishes_are_refused(x_server: str) -> None:
    """A negative speed or a scale of zero is a usage error."""
    with Player(x_server) as player:
        for playback in (Playback(speed=-1), Playback(scale=0), Playback(speed=float("nan"))):
            with pytest.raises(UsageError):
                player.play(recorded(), playback)


def test_no_display_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a display nothing is played, and the message says so."""
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(DisplayError), Player():
        pass


def mousegate(x_server: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a person does."""
    command = [sys.executable, "-m", "mousegate.cli", *map(str, words)]
    return subprocess.run(
        command, env={"DISPLAY": x_server, "PATH": "/usr/bin"}, capture_output=True, text=True, check=False
    )


def test_the_commands_record_convert_and_replay(x_server: str, tmp_path: Path) -> None:
    """A recording goes through every form and is played; the facts come as JSON."""
    write(tmp_path / "a", recorded())
    for form in Format:
        done = mousegate(x_server, "convert", tmp_path / "a", tmp_path / form, "--format", form, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["clicks"] == 1
        assert read(tmp_path / form)[WHAT].tolist() == recorded()[WHAT].tolist()
    played = mousegate(x_server, "replay", tmp_path / "cnee", "--speed", "0", "--json")
    assert json.loads(played.stdout)["events"] == 8


def test_cnee_replays_what_is_written_for_it(x_server: str, tmp_path: Path) -> None:
    """A recording converted to cnee's form goes through the real cnee: same moves, same clicks."""
    write(tmp_path / "rec.xnr", recorded(), Format.CNEE)
    with Recorder(x_server) as recorder:
        command = ["cnee", "--replay", "-f", str(tmp_path / "rec.xnr")]
        environment = {"DISPLAY": x_server, "PATH": "/usr/bin", "HOME": str(tmp_path)}
        subprocess.run(command, env=environment, capture_output=True, check=True, timeout=60)
        events = recorder.snapshot()
    moves = events[events["kind"] == Kind.MOVE]
    assert moves[["x", "y"]].tolist() == recorded()[["x", "y"]][:6].tolist()
    assert events["button"][events["kind"] == Kind.PRESS].tolist() == [1]


def test_record_keeps_what_there_is_when_interrupted(x_server: str, tmp_path: Path, hand: Hand) -> None:
    """SIGINT ends a recording with everything kept; a file that exists is never replaced unasked."""
    command = [sys.executable, "-m", "mousegate.cli", "-v", "record", str(tmp_path / "out"), "--json"]
    with subprocess.Popen(
        command, env={"DISPLAY": x_server}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert any("recording started" in line for line in iter(process.stderr.readline, ""))
        hand.move((5, 6), (7, 8))
        process.send_signal(2)
        facts, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert json.loads(facts)["moves"] == 2
    assert len(read(tmp_path / "out")) == 2
    again = mousegate(x_server, "record", tmp_path / "out")
    assert again.returncode == 64
    assert "--force" in again.stderr


@pytest.mark.parametrize("words", [("replay", "missing"), ("convert", "missing", "out")])
def test_bad_input_is_one_line_and_status_65(x_server: str, words: tuple[str, ...]) -> None:
    """A missing recording gives one clear line and no traceback."""
    done = mousegate(x_server, *words)
    assert done.returncode == 65
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
