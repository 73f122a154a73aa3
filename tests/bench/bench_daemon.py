"""What the daemon costs: a person at 125 events/s with recognition on, and nobody there.

    python -m tests.bench.bench_daemon [--seconds 30]

CPU time and voluntary context switches of all its threads, from /proc; memory resident.
"""

import argparse
import os
import tempfile
import threading
from pathlib import Path

import numpy as np

from mousegate.capture import synthetic
from mousegate.capture.formats import write
from mousegate.core.events import Events, Kind, from_columns
from tests.bench.bench_capture import cpu_s
from tests.bus.peer import running_daemon
from tests.e2e.desktop import private_desktop
from tests.x11.devicehand import DeviceHand

RATE_HZ = 125.0


def steady(duration_s: float) -> Events:
    """Return movement with an event every 8 ms, without a pause."""
    session = synthetic.session(synthetic.hand(22), 3 * duration_s, seed=3)
    moves = session[session["kind"] == Kind.MOVE][: int(duration_s * RATE_HZ)]
    none = np.zeros(len(moves))
    return from_columns(8 * np.arange(len(moves)), none, none, moves["x"], moves["y"])


def switches(pid: int) -> int:
    """Return the voluntary context switches of all threads: how often it went to sleep."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary_ctxt_switches"))
    return total


def resident_mib(pid: int) -> float:
    """Return the resident memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    seconds = parser.parse_args().seconds
    pause = threading.Event()
    with private_desktop() as desktop, tempfile.TemporaryDirectory() as folder:
        desktop.configure("idle_minutes = 0\n")
        recording = Path(folder) / "owner.csv"
        write(recording, synthetic.session(synthetic.hand(22), 180, seed=7), "native")
        desktop.run("enrol", "--label", "me", "--from", str(recording))
        with running_daemon(desktop, Path(folder) / "log") as daemon, DeviceHand(desktop.display) as hand:
            hand.play(steady(10.0), speed=1.0)
            before_s = cpu_s(daemon.pid)
            hand.play(steady(seconds), speed=1.0)
            busy = (cpu_s(daemon.pid) - before_s) / seconds
            pause.wait(3.0)
            before_s, slept = cpu_s(daemon.pid), switches(daemon.pid)
            pause.wait(seconds)
            idle, wakes = (cpu_s(daemon.pid) - before_s) / seconds, (switches(daemon.pid) - slept) / seconds
            memory = resident_mib(daemon.pid)
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    print(f"at {RATE_HZ:.0f} events/s with recognition: {busy:.2%} of one processor")
    print(f"idle: {idle:.3%}, {wakes:.2f} voluntary context switches a second; resident {memory:.0f} MiB")


if __name__ == "__main__":
    main()
