"""The X display as the daemon sees it: what moved since the last look, by which device, is it locked.

A display that goes away is named in the log once and tried again; nothing else of the daemon notices.
"""

import logging
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.capture.devices import DeviceWatcher
from mousegate.capture.idle import ScreenState
from mousegate.capture.windowclasses import WindowClasses
from mousegate.capture.xrecord import Recorder
from mousegate.core.events import Events, PointerDevice, empty_events
from mousegate.errors import DisplayError

_LOG = logging.getLogger(__name__)
RETRY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Look:
    """What one look saw. events: since the last one; device: what made most of them; synthetic: whether
    programs made some; idle_s: since key or pointer was touched; locked: whether a keeper holds the screen;
    watched: bool (n,), the events over windows of the classes to be watched, None for all events.
    """

    events: Events
    device: PointerDevice
    synthetic: bool
    idle_s: float
    locked: bool
    watched: NDArray[np.bool_] | None = field(default=None, repr=False)


class Desk:
    """One X display, connected when first looked at and again whenever it was lost.

    window_classes: watch movement over windows of these classes alone; none are all.
    """

    def __init__(self, display_name: str | None = None, window_classes: tuple[str, ...] = ()) -> None:
        self._display_name = display_name
        self._window_classes = window_classes
        self._windows: WindowClasses | None = None
        self._connections = ExitStack()
        self._connected = False
        self._retry_at_s = float("-inf")
        self._complained = False
        self._taken_at_s = float("inf")
        self._last_device = PointerDevice.UNKNOWN

    def look(self, now_s: float) -> Look | None:
        """Return what happened since the last look; None while there is no display. now_s: monotonic."""
        try:
            if not self._connected and not self._connect(now_s):
                return None
            if self._recorder.failure is not None:
                raise self._recorder.failure
            idle_s = self._screen.idle_s()
            events = empty_events() if idle_s > now_s - self._taken_at_s else self._take(now_s)
            look = Look(
                events=events,
                device=self._device() if len(events) else self._last_device,
                synthetic=bool(len(events)) and self._devices.saw_synthetic(len(events)),
                idle_s=idle_s,
                locked=self._screen.is_locked(),
                watched=None if self._windows is None else self._windows.under(events),
            )
            if len(events):
                self._devices.clear()
        except DisplayError as error:
            self._lost(error, now_s)
            return None
        return look

    def wake(self) -> None:
        """Light the screen, where there is one."""
        try:
            if self._connected:
                self._screen.wake()
        except DisplayError as error:
            _LOG.info("%s", error)

    def _take(self, now_s: float) -> Events:
        """Return what was recorded; while nobody touches anything, nobody needs to be woken for asking."""
        self._taken_at_s = now_s
        return self._recorder.take()

    def _device(self) -> PointerDevice:
        """Return what moved last; an event counted in the look before does not make the device unknown."""
        dominant = self._devices.dominant()
        if dominant is not PointerDevice.UNKNOWN:
            self._last_device = dominant
        return self._last_device

    def close(self) -> None:
        """Disconnect."""
        self._connected = False
        self._connections.close()

    def _connect(self, now_s: float) -> bool:
        if now_s < self._retry_at_s:
            return False
        self._retry_at_s = now_s + RETRY_S
        with ExitStack() as stack:
            self._screen = stack.enter_context(ScreenState(self._display_name))
            self._devices = stack.enter_context(DeviceWatcher(self._display_name))
            self._recorder = stack.enter_context(Recorder(self._display_name))
            if self._window_classes:
                self._windows = stack.enter_context(WindowClasses(self._window_classes, self._display_name))
            self._connections = stack.pop_all()
        if self._complained:
            _LOG.warning("The X display is back.")
        self._connected, self._complained, self._taken_at_s = True, False, now_s
        return True

    def _lost(self, error: DisplayError, now_s: float) -> None:
        if not self._complained:
            _LOG.warning("%s Trying again every %.0f s.", error, RETRY_S)
        self._complained = True
        self._retry_at_s = now_s + RETRY_S
        self.close()
