"""A bounded, growing buffer of events, and X server time made monotonic."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import EVENT_DTYPE, Events, Kind

_KIND_OF_TYPE: Final = {4: Kind.PRESS, 5: Kind.RELEASE, 6: Kind.MOVE}
_SMALLEST: Final = 4096
_STEP_BACK_MS: Final = 60_000


class ServerClock:
    """Turns X server time, a CARD32 of ms that wraps after 49.7 days, into a clock that never goes back.

    A step back of up to a minute is disorder and is clamped; any other is a wrap.
    """

    def __init__(self) -> None:
        self._last_ms: int | None = None

    def unwrap(self, time_ms: NDArray[Any]) -> NDArray[np.int64]:
        """Return int64 ms for the next times in order of arrival (uint32)."""
        raw = time_ms.astype(np.int64)
        if not len(raw):
            return raw
        last = int(raw[0]) if self._last_ms is None else self._last_ms
        steps = np.diff(raw, prepend=last & 0xFFFFFFFF)
        steps = ((steps + _STEP_BACK_MS) & 0xFFFFFFFF) - _STEP_BACK_MS
        times: NDArray[np.int64] = np.maximum.accumulate(np.maximum(last + np.cumsum(steps), last))
        self._last_ms = int(times[-1])
        return times


class EventBuffer:
    """The newest `capacity` events; when it is full the older half makes room. Not thread-safe."""

    def __init__(self, capacity: int) -> None:
        self._capacity = max(capacity, 2)
        self._rows = np.empty(min(_SMALLEST, self._capacity), EVENT_DTYPE)
        self._used = 0
        self._clock = ServerClock()
        self._kinds = np.zeros(256, np.uint8)
        for code, kind in _KIND_OF_TYPE.items():
            self._kinds[code] = kind
        self.seen = 0
        self.dropped = 0

    def append(self, x_events: NDArray[Any]) -> None:
        """Add rows with the fields type, detail, time, x, y of X events, in order of arrival."""
        for start in range(0, len(x_events), self._capacity // 2):
            self._append(x_events[start : start + self._capacity // 2])

    def _append(self, x_events: NDArray[Any]) -> None:
        count = len(x_events)
        self._make_room(count)
        rows = self._rows[self._used : self._used + count]
        rows["time_ms"] = self._clock.unwrap(x_events["time"])
        rows["kind"] = self._kinds[x_events["type"] & 0x7F]
        rows["button"] = np.where(rows["kind"] == Kind.MOVE, 0, x_events["detail"])
        rows["x"], rows["y"] = x_events["x"], x_events["y"]
        self._used += count
        self.seen += count

    def _make_room(self, count: int) -> None:
        needed = self._used + count
        if needed <= len(self._rows):
            return
        if needed <= self._capacity:
            larger = np.empty(min(max(2 * len(self._rows), needed), self._capacity), EVENT_DTYPE)
            larger[: self._used] = self._rows[: self._used]
            self._rows = larger
            return
        drop = min(self._used, max(self._capacity // 2, needed - self._capacity))
        self._rows[: self._used - drop] = self._rows[drop : self._used].copy()
        self._used -= drop
        self.dropped += drop
        self._make_room(count)

    def view(self) -> Events:
        """Return the events, valid until the next `append` or `clear`."""
        return self._rows[: self._used]

    def clear(self) -> None:
        """Forget the events; the clock and the counters go on."""
        self._used = 0
