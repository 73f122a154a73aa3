"""Takes pictures of a screen in a process of its own: `watch.py DISPLAY COLOUR...`

It says `watching` after the first picture; when its standard input ends it prints two JSON lists: how many
pixels of the colours each picture had, and when it was taken, in seconds of the monotonic clock.
"""

import json
import select
import sys
import time
from typing import Final

from Xlib.display import Display

from tests.x11.stage import picture

INTERVAL_S: Final = 0.005
"""Twice as often as the 10 ms that are promised, as a busy machine delays every second one."""


def main(name: str, *colours: str) -> None:
    """Watch until the standard input ends."""
    root = Display(name).screen().root
    marks = [int(colour).to_bytes(3, "little") for colour in colours]
    counts: list[int] = []
    times_s: list[float] = []
    over = False
    while not over:
        began_s = time.monotonic()
        seen = picture(root)
        times_s.append(began_s)
        counts.append(sum(seen.count(mark) for mark in marks))
        if len(counts) == 1:
            sys.stdout.write("watching\n")
            sys.stdout.flush()
        rest_s = max(0.0, began_s + INTERVAL_S - time.monotonic())
        over = bool(select.select([sys.stdin], [], [], rest_s)[0])
    sys.stdout.write(f"{json.dumps(counts)}\n{json.dumps(times_s)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
