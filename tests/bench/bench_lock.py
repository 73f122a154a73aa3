"""How long from the command until the screen is covered: mousegate beside xsecurelock and i3lock.

`python -m tests.bench.bench_lock [--runs N]` prints a table of milliseconds, all lockers in turn on one Xvfb.
Covered means: a picture of the screen no longer shows a marked window beneath. mousegate and xsecurelock have
the grabs before they map anything. `mousegate lock` is measured beside a keeper that waits for it and without
one; what a running process needs that asks the waiting keeper itself, and what a Python takes that does
nothing, show how much of it is Python's own start.
"""

import argparse
import os
import shutil
import signal
import socket
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

from mousegate.storage.store import Store
from tests.xvfb import xvfb

MARK = 0xE8553A
DEADLINE_S = 20.0
IDLE = "sleep 60"


WAITING, ASKED = "mousegate lock", "asked by a running process"
"""What needs the waiting keeper."""
IDLE_PYTHON = "python -c pass"
GOAL = 1.5
"""How many times as long as the faster of the others it may take (issue 4)."""


@dataclass(frozen=True)
class Locker:
    """One program that locks, and the variables that it needs to be measured alone."""

    name: str
    command: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()


def lockers(home: Path) -> list[Locker]:
    """Return those that are installed; ours with idle children, as not the greeter is measured."""
    python = sys.executable
    words = (python, "-P", "-m", "mousegate.lock", f"--greeter-command={IDLE}", f"--auth-command={IDLE}")
    mousegate = str(Path(python).with_name("mousegate"))
    person = (("HOME", str(home)), ("XDG_RUNTIME_DIR", str(home)), ("XDG_DATA_HOME", str(home)))
    alone = (("HOME", str(home)), ("XDG_RUNTIME_DIR", ""), ("XDG_DATA_HOME", str(home)))
    found = [
        Locker(WAITING, (mousegate, "lock"), person),
        Locker(ASKED, ()),
        Locker("mousegate lock, none waiting", (mousegate, "lock", "--foreground"), alone),
        Locker("mousegate-lock, none waiting", words),
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
        if locker.name == WAITING:
            process.wait()
        else:
            self._end(process)
        return took_s

    def asked_s(self, path: Path) -> float:
        """Return the seconds from asking the waiting keeper until the screen is covered."""
        began_s = time.perf_counter()
        with socket.socket(socket.AF_UNIX) as visitor:
            visitor.connect(str(path))
            visitor.sendall(b"lock\n")
            self._wait(covered=True)
            return time.perf_counter() - began_s

    def wait_open(self) -> None:
        """Return once the screen is open again."""
        self._wait(covered=False)

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


class Waiting:
    """A keeper that waits; `unlock` has its auth send the nonce, and returns when it waits again."""

    def __init__(self, name: str, home: Path) -> None:
        self.doorbell = home / f"mousegate-lock{name}"
        self._go = home / "go"
        os.mkfifo(self._go)
        self._told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._told.bind(str(home / "notify"))
        self._told.settimeout(DEADLINE_S)
        auth = (
            f'sh -c \'read nonce; read go < {self._go}; printf %s "$nonce" > '
            "/proc/self/fd/$MOUSEGATE_UNLOCK_FD'"
        )
        words = ["--wait-for-lock", f"--greeter-command={IDLE}", f"--auth-command={auth}"]
        variables = {"DISPLAY": name, "NOTIFY_SOCKET": str(home / "notify"), "XDG_SESSION_TYPE": "x11"}
        variables |= {variable: str(home) for variable in ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME")}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mousegate.lock", *words],
            env=dict(os.environ) | variables,
            stderr=subprocess.DEVNULL,
        )
        self._wait_ready()

    def unlock(self) -> None:
        """Unlock, and return when it waits again."""
        self._go.write_text("go\n")
        self._wait_ready()

    def resident_mb(self) -> float:
        """Return how much memory the keeper has resident, in units of 10^6 bytes."""
        (keeper,) = subprocess.check_output(["pgrep", "-P", str(self._process.pid)], text=True).split()
        status = Path(f"/proc/{keeper}/status").read_text().splitlines()
        return next(1.024 * int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1000

    def close(self) -> None:
        """End it while it is not locked."""
        self._process.terminate()
        self._process.wait()
        self._told.close()

    def _wait_ready(self) -> None:
        while b"READY=1\nSTATUS=Waiting" not in self._told.recv(1000):
            pass


def _home(directory: Path) -> Path:
    """Make a person's home whose store says that the password alone unlocks; return it."""
    directory.chmod(0o700)
    with Store.create(directory / "mousegate") as store:
        store.settings.disarm()
    return directory


def _python_ms() -> float:
    """Return the milliseconds that a Python takes which does nothing."""
    began_s = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return 1000 * (time.perf_counter() - began_s)


def main(words: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args(words).runs
    with tempfile.TemporaryDirectory() as directory, xvfb() as name:
        home = _home(Path(directory))
        found = lockers(home)
        names = [*(locker.name for locker in found), IDLE_PYTHON]
        measured: dict[str, list[float]] = {measured_name: [] for measured_name in names}
        bench, waiting = Bench(name), Waiting(name, home)
        for _ in track(range(runs), description="locking"):
            for locker in found:
                took_s = bench.asked_s(waiting.doorbell) if locker.name == ASKED else bench.covered_s(locker)
                measured[locker.name].append(1000 * took_s)
                if locker.name in (WAITING, ASKED):
                    waiting.unlock()
                    bench.wait_open()
            measured[IDLE_PYTHON].append(_python_ms())
        resident_mb = waiting.resident_mb()
        bench.close()
        waiting.close()
    _show(measured, runs)
    Console().print(f"The waiting keeper has {resident_mb:.1f} MB resident.")


def _show(measured: dict[str, list[float]], runs: int) -> None:
    title = f"command to covered, {runs} runs each"
    table = Table("locker", "median ms", "fastest ms", "slowest ms", title=title)
    medians = {name: statistics.median(took_ms) for name, took_ms in measured.items()}
    for name, took_ms in measured.items():
        row = (medians[name], min(took_ms), max(took_ms))
        table.add_row(name, *(f"{value:.1f}" for value in row))
    Console().print(table)
    others = [medians[name] for name in ("xsecurelock", "i3lock") if name in medians]
    if others:
        times = medians[WAITING] / min(others)
        Console().print(f"{WAITING} takes {times:.2f} times the faster of the others (goal: {GOAL}).")


if __name__ == "__main__":
    main()
