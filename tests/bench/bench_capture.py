"""Events lost and CPU per event: our recorder and cnee, side by side on one XTEST stream.

    python -m tests.bench.bench_capture [--seconds 10]

Both record the same private X server at the same time, so both meet the same load. CPU time is read from
/proc/PID/task/*/schedstat (ns on a processor), over the stream only, without start and end.
"""

import argparse
import os
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from mousegate.capture.display import open_display
from mousegate.capture.wire import take_over
from mousegate.capture.xrecord import Recorder
from mousegate.core.events import Kind
from tests.xvfb import xvfb

RATES_HZ = (1_000, 4_000, 8_000)
WIDTH_PX = 1200
_FAKE_INPUT = struct.Struct("=BBHBBHII8xhh8x")
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one recorder did with one stream."""

    recorder: str
    rate_hz: int
    sent: int
    recorded: int
    cpu_s: float


class Stream:
    """Sends XTEST motion at a fixed rate; raw requests, so that sending costs little."""

    def __init__(self, display_name: str) -> None:
        display = open_display(display_name)
        self._opcode = display.display.get_extension_major("XTEST")
        display.sync()
        self._socket = take_over(display)
        self._sent = 0

    def send(self, rate_hz: int, seconds: float) -> int:
        """Send for so long, in bursts every 2 ms with absolute deadlines; return how many were sent."""
        pace, start_s, count = threading.Event(), time.monotonic(), 0
        while (now_s := time.monotonic() - start_s) < seconds:
            due = int(min(now_s, seconds) * rate_hz) - count
            self._socket.sendall(b"".join(self._motion() for _ in range(due)))
            count += due
            pace.wait(0.002)
        return count

    def mark(self) -> None:
        """Press and release a button: everything before has then been seen in order."""
        for kind in (4, 5):
            self._socket.sendall(_FAKE_INPUT.pack(self._opcode, 2, 9, kind, 1, 0, 0, 0, 0, 0))

    def close(self) -> None:
        """Disconnect."""
        self._socket.close()

    def _motion(self) -> bytes:
        self._sent += 1
        x, y = self._sent % WIDTH_PX, self._sent // WIDTH_PX % 700
        return _FAKE_INPUT.pack(self._opcode, 2, 9, 6, 0, 0, 0, 0, x, y)


def cpu_s(pid: int) -> float:
    """Return the CPU seconds of all threads of a process."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


@contextmanager
def cnee(display_name: str, out: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run cnee, recording the mouse into `out`."""
    command = ["cnee", "--record", "--mouse", "--events-to-record", "-1", "--no-reparent-recording"]
    process = subprocess.Popen(
        [*command, "-o", str(out), "-e", os.devnull],
        env={**os.environ, "DISPLAY": display_name},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def ours(display_name: str) -> Iterator[subprocess.Popen[str]]:
    """Run our recorder in a process of its own; it prints a line per mark: moves seen so far."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.bench_capture", "--record", display_name],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.communicate()


def record(display_name: str) -> None:
    """Body of our recorder's process: for each line on standard input, await the mark and print the count."""
    with Recorder(display_name) as recorder:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        for _ in sys.stdin:
            recorder.wait_until(lambda events: bool((events["kind"] == Kind.RELEASE).any()), _PATIENCE_S)
            moves = int((recorder.snapshot()["kind"] == Kind.MOVE).sum())
            recorder.clear()
            sys.stdout.write(f"{moves}\n")
            sys.stdout.flush()


def moves_in(path: Path, after: int) -> int:
    """Count the movements that cnee wrote beyond the first `after` of the stream, told by their places."""
    if not path.exists():
        return 0
    with path.open(errors="replace") as file:
        rows = [line.split(",", 4) for line in file if line.startswith(("7,6,", "0,6,"))]
    return sum(int(x) + WIDTH_PX * int(y) > after for _, _, x, y, _ in rows)


def grown(path: Path, moves: int, after: int) -> None:
    """Wait until cnee has written so many movements, or nothing more for a second."""
    pace, last, still = threading.Event(), -1, 0
    while still < 5 and last < moves:
        pace.wait(0.2)
        now = moves_in(path, after)
        still = still + 1 if now == last else 0
        last = now


def measure(rate_hz: int, seconds: float) -> list[Result]:
    """Stream at one rate to a private server that both record."""
    with xvfb() as display, tempfile.TemporaryDirectory() as folder, ours(display) as mine:
        assert mine.stdin is not None
        assert mine.stdout is not None
        mine.stdout.readline()
        out = Path(folder) / "cnee.xnr"
        with cnee(display, out) as theirs:
            stream = Stream(display)
            warm = stream.send(100, 1.0)
            grown(out, warm, after=0)
            before = [cpu_s(mine.pid), cpu_s(theirs.pid)]
            sent = stream.send(rate_hz, seconds)
            threading.Event().wait(0.3)
            after = [cpu_s(mine.pid), cpu_s(theirs.pid)]
            stream.mark()
            mine.stdin.write("\n")
            mine.stdin.flush()
            seen = int(mine.stdout.readline()) - warm
            grown(out, sent, after=warm)
            stream.close()
        kept = moves_in(out, after=warm)
    return [
        Result("mousegate", rate_hz, sent, seen, after[0] - before[0]),
        Result("cnee", rate_hz, sent, kept, after[1] - before[1]),
    ]


def main() -> int:
    """Print the table; status 1 when our recorder lost an event."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--record", metavar="DISPLAY", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.record:
        record(arguments.record)
        return 0
    if shutil.which("cnee") is None:
        Console(stderr=True).print("cnee is missing: apt-get install xnee")
        return 1
    table = Table(title=f"Recording an XTEST stream for {arguments.seconds:g} s, both at once")
    for column in ("recorder", "events/s", "sent", "recorded", "lost", "CPU µs/event", "CPU % of a core"):
        table.add_column(column, justify="left" if column == "recorder" else "right")
    lost = 0
    for rate_hz in RATES_HZ:
        for result in measure(rate_hz, arguments.seconds):
            missing = result.sent - result.recorded
            lost += missing if result.recorder == "mousegate" else 0
            table.add_row(
                result.recorder,
                f"{result.rate_hz:,}",
                f"{result.sent:,}",
                f"{result.recorded:,}",
                f"{missing:,}",
                f"{1e6 * result.cpu_s / max(result.sent, 1):.2f}",
                f"{100 * result.cpu_s / arguments.seconds:.2f}",
            )
    Console(width=100).print(table)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
