"""How long from the command until the screen is covered: mousegate-lock beside xsecurelock and i3lock.

`python -m tests.bench.bench_lock [--runs N]` prints a table of milliseconds, all lockers in turn on one Xvfb.
Covered means: a picture of the screen no longer shows a marked window beneath.
"""

import argparse
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from Xlib import X
from Xlib.display import Display

from tests.xvfb import xvfb

MARK = 0xE8553A
DEADLINE_S = 20.0
IDLE = "sleep 60"


@dataclass(frozen=True)
class Locker:
    """One program that locks, and the variables that it needs to be measured alone."""

    name: str
    command: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()


def lockers(configuration: Path) -> list[Locker]:
    """Return those that are installed; ours with idle children, as not the greeter is measured."""
    python = sys.executable
    words = (python, "-P", "-m", "mousegate.lock", f"--greeter-command={IDLE}", f"--auth-command={IDLE}")
    found = [
        Locker("mousegate-lock", words),
        Locker(
            "mousegate lock",
            (python, "-P", "-m", "mousegate.cli", "lock", "--foreground"),
            (("XDG_CONFIG_HOME", str(configuration)),),
        ),
    ]
    if program := shutil.which("xsecurelock"):
        quiet = (("XSECURELOCK_SAVER", "saver_blank"), ("XSECURELOCK_AUTH", "/bin/false"))
        found.append(Locker("xsecurelock", (program,), quiet))
    if program := shutil.which("i3lock"):
        found.append(Locker("i3lock", (program, "--nofork", "--color=000000")))
    return found


class Bench:
    """One X server with a marked window, on which lockers are timed."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._display = Display(name)
        self._root = self._display.screen().root
        size = self._root.get_geometry()
        window = self._root.create_window(
            0, 0, size.width, size.height, 0, X.CopyFromParent, background_pixel=MARK
        )
        window.map()
        self._display.sync()
        self._wait(covered=False)

    def covered_s(self, locker: Locker) -> float:
        """Return the seconds from starting the locker until the screen is covered; end it afterwards."""
        environment = (
            dict(os.environ) | {"DISPLAY": self._name, "XDG_SESSION_TYPE": "x11"} | dict(locker.variables)
        )
        began_s = time.perf_counter()
        process = subprocess.Popen(
            locker.command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait(covered=True)
        took_s = time.perf_counter() - began_s
        self._end(process)
        return took_s

    def close(self) -> None:
        """Hang up."""
        self._display.close()

    def _end(self, process: "subprocess.Popen[bytes]") -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        covers, selection = (
            self._display.get_atom(name) for name in ("_MOUSEGATE_COVER", "_MOUSEGATE_LOCK_S0")
        )
        deadline_s = time.perf_counter() + DEADLINE_S
        while self._display.get_selection_owner(selection) != X.NONE:
            self._hurry(deadline_s)  # the server has not yet seen the connection close
        listed = self._root.get_full_property(covers, X.AnyPropertyType)
        if listed is not None:
            self._display.create_resource_object("window", int(listed.value[0])).kill_client()
            self._root.delete_property(covers)
        self._wait(covered=False)

    def _wait(self, covered: bool) -> None:
        """Return once the middle of the screen is, or is not, covered."""
        deadline_s = time.perf_counter() + DEADLINE_S
        while self._is_covered() != covered:
            self._hurry(deadline_s)

    def _hurry(self, deadline_s: float) -> None:
        if time.perf_counter() > deadline_s:
            raise TimeoutError("a locker did not cover the screen, or did not end")

    def _is_covered(self) -> bool:
        image = self._root.get_image(300, 200, 1, 1, X.ZPixmap, 0xFFFFFFFF)
        return bytes(image.data)[:3] != MARK.to_bytes(3, "little")


def _configuration(directory: Path) -> Path:
    """Write a configuration that lets a person lock who has not enrolled; return its directory."""
    (directory / "mousegate").mkdir()
    (directory / "mousegate/config.toml").write_text('unenrolled = "password"\n')
    return directory


def main(words: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args(words).runs
    with tempfile.TemporaryDirectory() as directory, xvfb() as name:
        found = lockers(_configuration(Path(directory)))
        measured: dict[str, list[float]] = {locker.name: [] for locker in found}
        bench = Bench(name)
        for _ in track(range(runs), description="locking"):
            for locker in found:
                measured[locker.name].append(1000 * bench.covered_s(locker))
        bench.close()
    table = Table(
        "locker", "median ms", "fastest ms", "slowest ms", title=f"command to covered, {runs} runs each"
    )
    for locker_name, took_ms in measured.items():
        row = (statistics.median(took_ms), min(took_ms), max(took_ms))
        table.add_row(locker_name, *(f"{value:.1f}" for value in row))
    Console().print(table)


if __name__ == "__main__":
    main()
