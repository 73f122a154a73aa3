"""What a browser would send for a hand."""

import numpy as np

from mousegate.core.events import Events, Kind

_BIT = {1: 1, 2: 4, 3: 2}


def rows_of(events: Events, start_ms: float = 0.0) -> list[list[float]]:
    """Return the rows [time_ms, x, y, buttons] of a recording; wheel steps are none."""
    events = events[~np.isin(events["button"], (4, 5, 6, 7))]
    rows, buttons = [], 0
    first_ms = int(events["time_ms"][0]) if len(events) else 0
    for time_ms, kind, button, x, y in events.tolist():
        if kind == Kind.PRESS:
            buttons |= _BIT[button]
        elif kind == Kind.RELEASE:
            buttons &= ~_BIT[button]
        rows.append([start_ms + time_ms - first_ms, x, y, buttons])
    return rows
