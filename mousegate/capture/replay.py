"""Playing a recording into an X server through XTEST, at its own pace."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest

from mousegate.capture.display import CONNECTION_LOST, open_display, require_extension
from mousegate.core.events import Events, Kind
from mousegate.errors import DisplayError, UsageError

_LOG = logging.getLogger(__name__)
_Column: TypeAlias = NDArray[np.float64]
_X_TYPE: Final = {Kind.PRESS: X.ButtonPress, Kind.RELEASE: X.ButtonRelease}


@dataclass(frozen=True, slots=True)
class Playback:
    """How a recording is played.

    speed: 2 is twice as fast; 0 is as fast as the server takes it. scale, offset_x, offset_y: position in
    px is scale * recorded + offset, kept on the screen. longest_pause_s: longer silences are cut to this.
    """

    speed: float = 1.0
    scale: float = 1.0
    offset_x: int = 0
    offset_y: int = 0
    longest_pause_s: float = float("inf")


@dataclass(frozen=True, slots=True)
class Lateness:
    """How punctually it was played: events sent, and how many ms each was behind its time."""

    events: int
    median_ms: float
    p99_ms: float
    worst_ms: float
    duration_s: float


class Player:
    """Sends events to an X server through XTEST; connected within its `with` block."""

    def __init__(self, display_name: str | None = None) -> None:
        self._display_name = display_name
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        """Connect. Raises DisplayError: no display, Wayland, or no XTEST extension."""
        self._display = open_display(self._display_name)
        try:
            require_extension(self._display, "XTEST", "start the X server with XTEST")
        except DisplayError:
            self._display.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        try:
            self._display.close()
        except CONNECTION_LOST as gone:
            _LOG.debug("the X server is gone: %s", gone)

    def stop(self) -> None:
        """Make `play` return soon; from another thread."""
        self._stop.set()

    def play(
        self,
        events: Events,
        playback: Playback = Playback(),
        progress: Callable[[int, int], None] | None = None,
    ) -> Lateness:
        """Play `events`, each at its absolute deadline, and return how late they were.

        Buttons still held at the end, or when interrupted, are released. progress: called with (events
        played, all). Raises UsageError for an impossible speed or scale, DisplayError when the server goes
        away.
        """
        if not (0 <= playback.speed < 1e6 and 0 < playback.scale < 1e3):
            raise UsageError("The speed must be 0 or more, and the scale more than 0.")
        x, y = _positions(events, playback, self._display)
        due_s = _deadlines(events, playback)
        late_s = np.zeros(len(events))
        played, place = 0, (-1, -1)
        start_s = time.monotonic()
        with self._held_released() as held:
            for index, (kind, button) in enumerate(events[["kind", "button"]].tolist()):
                late_s[index] = self._await(start_s + due_s[index])
                if self._stop.is_set():
                    break
                there = (int(x[index]), int(y[index]))
                self._send(Kind(kind), button, None if kind != Kind.MOVE and there == place else there, held)
                place = there
                played += 1
                if progress is not None:
                    progress(played, len(events))
        return _lateness(late_s[:played], time.monotonic() - start_s)

    def _await(self, due_s: float) -> float:
        """Wait for the deadline; return how late it is by then, in seconds."""
        left_s = due_s - time.monotonic()
        if left_s > 0:
            self._stop.wait(left_s)
        return max(0.0, time.monotonic() - due_s)

    def _send(self, kind: Kind, button: int, place: tuple[int, int] | None, held: set[int]) -> None:
        try:
            if place is not None:
                xtest.fake_input(self._display, X.MotionNotify, x=place[0], y=place[1])
            if kind is not Kind.MOVE:
                (held.add if kind is Kind.PRESS else held.discard)(button)
                xtest.fake_input(self._display, _X_TYPE[kind], button)
            self._display.flush()
        except CONNECTION_LOST as error:
            raise DisplayError("The X server went away while a recording was being played.") from error

    @contextmanager
    def _held_released(self) -> Iterator[set[int]]:
        held: set[int] = set()
        try:
            yield held
        finally:
            try:
                for button in held:
                    xtest.fake_input(self._display, X.ButtonRelease, button)
                self._display.sync()
            except CONNECTION_LOST as gone:
                _LOG.debug("the X server is gone: %s", gone)


def _positions(events: Events, playback: Playback, display: Display) -> tuple[_Column, _Column]:
    screen = display.screen()
    x = np.rint(events["x"] * playback.scale) + playback.offset_x
    y = np.rint(events["y"] * playback.scale) + playback.offset_y
    return np.clip(x, 0, screen.width_in_pixels - 1), np.clip(y, 0, screen.height_in_pixels - 1)


def _deadlines(events: Events, playback: Playback) -> _Column:
    if playback.speed == 0 or not len(events):
        return np.zeros(len(events))
    steps_s = np.diff(events["time_ms"], prepend=events["time_ms"][:1]) / 1000
    deadlines: _Column = np.cumsum(np.minimum(steps_s, playback.longest_pause_s) / playback.speed)
    return deadlines


def _lateness(late_s: _Column, duration_s: float) -> Lateness:
    if not len(late_s):
        return Lateness(0, 0.0, 0.0, 0.0, duration_s)
    median, p99, worst = (float(value) * 1000 for value in np.percentile(late_s, (50, 99, 100)))
    return Lateness(len(late_s), median, p99, worst, duration_s)
