"""Measure how long the greeter takes from its command to being ready for input.

python -m tests.bench.bench_greeter
"""

import statistics
import time

from tests.gui.keeper import FakeKeeper
from tests.gui.peer import greeter
from tests.xvfb import xvfb

SIZES = ((1280, 800), (1920, 1080), (3840, 2160))
RUNS = 15


def main() -> None:
    """Print median and worst of RUNS starts for each size of screen."""
    for width, height in SIZES:
        with xvfb(width, height) as display_name:
            keeper = FakeKeeper(display_name)
            taken_ms = [_start_ms(display_name, keeper) for _ in range(RUNS + 1)][1:]
            keeper.close()
        middle, worst = statistics.median(taken_ms), max(taken_ms)
        print(f"{width}x{height}: ready after {middle:.0f} ms (median of {RUNS}), {worst:.0f} ms at most")


def _start_ms(display_name: str, keeper: FakeKeeper) -> float:
    began = time.monotonic()
    with greeter(display_name, keeper.cover.id) as running:
        running.window()
        return 1000 * (time.monotonic() - began)


if __name__ == "__main__":
    main()
