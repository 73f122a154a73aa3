"""What records the pointer while the greeter is shown, and what stands in where nothing can."""

import logging
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Protocol

from mousegate.capture.devices import DeviceWatcher
from mousegate.capture.xrecord import Recorder
from mousegate.core.events import Events, Kind, PointerDevice, empty_events
from mousegate.errors import DisplayError

_log = logging.getLogger("mousegate.greeter")


class Source(Protocol):
    """Where recorded events come from (mousegate.capture.xrecord.Recorder)."""

    def snapshot(self) -> Events:
        """Return the events so far."""

    def wait_for(self, kind: Kind, button: int, time_ms: int, timeout_s: float) -> bool:
        """Wait until this event has been recorded."""


class Devices(Protocol):
    """What is known of the pointer devices (mousegate.capture.devices.DeviceWatcher)."""

    def clear(self) -> None:
        """Start counting anew."""

    def dominant(self) -> PointerDevice:
        """Return the class of the device that most events came from."""

    def saw_synthetic(self, recorded: int = 0) -> bool:
        """Return whether programs made events, `recorded` having been recorded in the same time."""


@dataclass(frozen=True, slots=True)
class Capture:
    """Both sources. `flaw` says in one line why nothing can be recorded; empty when all is well."""

    source: Source
    devices: Devices
    flaw: str = ""


class NoSource:
    """Records nothing."""

    def snapshot(self) -> Events:
        """Return no events."""
        return empty_events()

    def wait_for(self, kind: Kind, button: int, time_ms: int, timeout_s: float) -> bool:
        """Return at once: nothing will come."""
        return False


class NoDevices:
    """Knows no device, and so cannot rule out that a program moves the pointer."""

    def clear(self) -> None:
        """Do nothing."""

    def dominant(self) -> PointerDevice:
        """Return UNKNOWN."""
        return PointerDevice.UNKNOWN

    def saw_synthetic(self, recorded: int = 0) -> bool:
        """Return True: fail closed."""
        return True


def start_capture(stack: ExitStack) -> Capture:
    """Start recording until `stack` is left.

    Where the X server cannot record (no RECORD or XInput extension) the greeter is shown all the same, so
    that a recovery code can be used; nothing then matches.
    """
    try:
        devices = stack.enter_context(DeviceWatcher())
        return Capture(stack.enter_context(Recorder()), devices)
    except DisplayError as error:
        _log.error("%s", error)
        return Capture(NoSource(), NoDevices(), str(error))
