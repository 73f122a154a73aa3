"""What the daemon tells about itself, and to whom."""

from dataclasses import dataclass, fields
from typing import Final, Protocol

from mousegate import __version__
from mousegate.storage.history import Stretch


@dataclass(frozen=True, slots=True)
class Anomaly:
    """Somebody else seems to be at the mouse. time_s, since_s: Unix seconds; 0 for never."""

    time_s: float = 0.0
    trust: float = 1.0
    reason: str = ""
    since_s: float = 0.0


@dataclass(frozen=True, slots=True)
class State:
    """The properties on the bus. paused_until_s: Unix seconds, 0 while not paused."""

    monitoring: bool = False
    trust: float = 1.0
    locked: bool = False
    paused_until_s: float = 0.0
    last_anomaly: Anomaly = Anomaly()
    events_seen: int = 0
    version: str = __version__


SILENT: Final = frozenset({"events_seen", "version"})
"""Properties whose changes are not signalled: one moves all the time, the other never."""


def changed(before: State, after: State) -> frozenset[str]:
    """Return the names of the properties that differ and are signalled."""
    names = {field.name for field in fields(State)} - SILENT
    return frozenset(name for name in names if getattr(before, name) != getattr(after, name))


class Listener(Protocol):
    """Who is told; what a subclass does not override it does not care about."""

    def enrol_status(self, result: str, done: bool) -> None:
        """How enrolment goes on."""
        return

    def verify_status(self, result: str, done: bool) -> None:
        """How verification goes on."""
        return

    def anomaly(self, anomaly: Anomaly) -> None:
        """Trust fell below its operating point."""
        return

    def stretch(self, one: Stretch) -> None:
        """A stretch of movement was compared."""
        return

    def answered(self, key: str) -> None:
        """The person answered an alert."""
        return

    def noted(self, kind: str, detail: str) -> None:
        """Something else happened that is worth remembering: `learned`, or a fault."""
        return

    def state_changed(self, state: State, names: frozenset[str]) -> None:
        """These properties have changed."""
        return
