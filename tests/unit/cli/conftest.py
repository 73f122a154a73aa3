"""A home of its own for each test of a command, and recordings to enrol from."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mousegate.capture import formats
from mousegate.cli.__main__ import cli, run
from mousegate.core.events import EVENT_DTYPE, Events, Kind


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, in which all XDG directories lie."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def configure(home: Path) -> Callable[[str], None]:
    """Write config.toml."""

    def write(text: str) -> None:
        (home / "config/mousegate").mkdir(parents=True, exist_ok=True)
        (home / "config/mousegate/config.toml").write_text(text)

    return write


class Command:
    """Runs `mousegate WORDS` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.out = ""
        self.err = ""

    def __call__(self, *words: str) -> int:
        """Return the exit status; the output is in `out` and `err`."""
        self._capsys.readouterr()
        status = run(lambda: cli.main(list(words), standalone_mode=False))
        self.out, self.err = self._capsys.readouterr()
        assert "Traceback" not in self.err
        return status

    def json(self, *words: str) -> Any:
        """Return what `mousegate WORDS --json` printed."""
        self(*words, "--json")
        return json.loads(self.out)


@pytest.fixture
def mousegate(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command, in an empty home."""
    return Command(capsys)


def wander(seed: int, duration_s: float) -> Events:
    """Return smooth movement of a made-up person, one event every 10 ms."""
    generator = np.random.default_rng(seed)
    count = int(duration_s * 100)
    events = np.zeros(count, EVENT_DTYPE)
    events["time_ms"] = np.arange(count) * 10
    events["kind"] = Kind.MOVE
    seconds = np.arange(count) / 100
    for axis, size in (("x", 1200), ("y", 700)):
        rates, phases = generator.uniform(0.1, 1.5, 5), generator.uniform(0, 6, 5)
        waves = np.sin(2 * np.pi * rates[:, None] * seconds + phases[:, None]).mean(axis=0)
        events[axis] = (size * (0.5 + 0.45 * waves)).astype(int)
    return events


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with long.mouse (60 s), other.mouse (nothing like it), short.mouse (0.5 s)."""
    directory = tmp_path_factory.mktemp("recordings")
    jumpy = wander(2, 60)
    jumpy["x"] = jumpy["x"] // 200 * 200 + np.arange(len(jumpy)) % 7
    for name, events in (("long", wander(1, 60)), ("other", jumpy), ("short", wander(1, 0.5))):
        formats.write(directory / f"{name}.mouse", events)
    return directory
