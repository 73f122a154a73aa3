"""What a week of work leaves in memory: the daemon's own parts under a clock that runs faster.

    python -m tests.bench.bench_week [--hours 8] [--days 7]

Recognition, monitor, service, chronicle and history on disk are the daemon's; X display and bus are replaced
by looks cut from synthetic sessions. Each day has so many hours of work, the rest of it nobody is there. On
the fourth day somebody else works for an hour. Memory is what is resident and belongs to no file.
"""

import argparse
import gc
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from mousegate.capture import synthetic
from mousegate.core.events import Events, PointerDevice, empty_events
from mousegate.core.trust import ALARM_POINTS
from mousegate.daemon.chronicle import Chronicle
from mousegate.daemon.desk import Look
from mousegate.daemon.locker import Locker
from mousegate.daemon.monitor import Monitor
from mousegate.daemon.recognition import Recognition
from mousegate.daemon.service import Service
from mousegate.storage.history import History

DAY_S, HOUR_S = 86_400, 3_600
OWNER, OTHER = 22, 31
SESSION_S = 1_800
RESTING_LOOK_S = 2
STRANGE_DAY = 3


class Clock:
    """The simulated time, in seconds."""

    def __init__(self) -> None:
        self.now_s = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now_s


def seconds_of(hand: int, hours: float, seed: int) -> Iterator[Events]:
    """Return the events of each second of a stretch of work, which is like no other."""
    for number in range(round(hours * HOUR_S / SESSION_S)):
        session = synthetic.session(synthetic.hand(hand), SESSION_S, seed=1000 * seed + number)
        edges = np.searchsorted(session["time_ms"] - session["time_ms"][0], 1000 * np.arange(SESSION_S + 1))
        session["time_ms"] += 1000 * SESSION_S * number
        for first, last in pairwise(edges):
            yield session[first:last]


def resident_mib() -> float:
    """Return what this process holds in memory that belongs to no file."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


class Week:
    """The daemon without X and bus, and the clock that drives it."""

    def __init__(self) -> None:
        self.clock = Clock()
        recogniser = Recognition()
        recogniser.enrol("me", [synthetic.session(synthetic.hand(OWNER), 180, seed=7)], PointerDevice.MOUSE)
        self.history = History()
        self.chronicle = Chronicle(self.history, journal=lambda *words, **fields: None, clock=self.clock)
        monitor = Monitor(recogniser.score, ALARM_POINTS["balanced"])
        self.service = Service(recogniser, Locker(lambda pid, ended: None), monitor)
        self.service.add_listener(self.chronicle)

    def look(self, events: Events, idle_s: float, step_s: float) -> None:
        """Let one look pass."""
        self.clock.now_s += step_s
        seen = Look(events, PointerDevice.MOUSE, synthetic=False, idle_s=idle_s, locked=False)
        self.service.see(seen, self.clock.now_s, self.clock.now_s)
        self.chronicle.look()

    def day(self, number: int, hours: float) -> int:
        """Live through one day; return how many events it had."""
        count, worked = 0, self.clock.now_s
        parts = [(OWNER, hours)] if number != STRANGE_DAY else [(OWNER, hours - 1), (OTHER, 1)]
        for hand, share in parts:
            idle_s = 0.0
            for events in seconds_of(hand, share, seed=number):
                idle_s = 0.0 if len(events) else idle_s + 1
                self.look(events, idle_s, 1.0)
                count += len(events)
        while self.clock.now_s - worked < DAY_S:
            idle_s += RESTING_LOOK_S
            self.look(empty_events(), idle_s, RESTING_LOOK_S)
        return count


def main() -> None:
    """Print memory and processor time at the end of each day."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="work in a day")
    parser.add_argument("--days", type=int, default=7)
    options = parser.parse_args()
    table = Table("day", "events", "resident MiB", "history MiB", "seconds it took")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_DATA_HOME"] = folder
        week = Week()
        for number in track(range(options.days), "living", console=Console(stderr=True)):
            began_s, count = time.monotonic(), week.day(number, options.hours)
            gc.collect()
            stored = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
            took_s = time.monotonic() - began_s
            figures = (f"{count:,}", f"{resident_mib():.1f}", f"{stored / 2**20:.2f}", f"{took_s:.0f}")
            table.add_row(str(number + 1), *figures)
    Console().print(table)
    print(f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")
    print(f"last anomaly: {week.service.state.last_anomaly}")


if __name__ == "__main__":
    main()
