"""Measure how long the greeter takes from its command to being ready for input.

python -m tests.bench.bench_greeter

The processor time beside it is what a start takes on a machine that does nothing else.
"""

import os
import resource
import statistics
import time

from tests.gui.keeper import FakeKeeper
from tests.gui.peer import greeter
from tests.xvfb import xvfb

SIZES = ((1280, 800), (1920, 1080), (3840, 2160))
RUNS = 15


def main() -> None:
    """Print median and worst of RUNS starts for each size of screen."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # as the keeper has it
    for width, height in SIZES:
        with xvfb(width, height) as display_name:
            keeper = FakeKeeper(display_name)
            _start_ms(display_name, keeper)
            before_s = _processor_s()
            taken_ms = [_start_ms(display_name, keeper) for _ in range(RUNS)]
            processor_ms = 1000 * (_processor_s() - before_s) / RUNS
            keeper.close()
        middle, worst = statistics.median(taken_ms), max(taken_ms)
        print(
            f"{width}x{height}: ready after {middle:.0f} ms (median of {RUNS}), {worst:.0f} ms at most; "
            f"processor time {processor_ms:.0f} ms"
        )


def _processor_s() -> float:
    """Return the processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _start_ms(display_name: str, keeper: FakeKeeper) -> float:
    began = time.monotonic()
    with greeter(display_name, keeper.cover.id) as running:
        running.window()
        return 1000 * (time.monotonic() - began)


if __name__ == "__main__":
    main()
