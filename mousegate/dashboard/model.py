"""What the pages show, read from the history and the store. No Qt here."""

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.storage.decisions import LoggedDecision
from mousegate.storage.history import DAY_S, Entry, History, Stretch, What
from mousegate.storage.history_places import Application, Places
from mousegate.storage.store import Store

ANSWERED_WITHIN_S: Final = 3600.0
"""An answer belongs to an anomaly at most so long before it."""
_DECISIONS: Final = 5000


class Span(Enum):
    """How far back the pages look; the value is in seconds."""

    DAY = DAY_S
    WEEK = 7 * DAY_S
    MONTH = 30 * DAY_S
    ALL = 36_500 * DAY_S


@dataclass(frozen=True, slots=True)
class Incident:
    """An anomaly and what came of it. since_s: when it began; answer: `lock`, `me`, `pause` or empty;
    locked_s: when the screen was locked after it, None if it was not. Times are Unix seconds.
    """

    time_s: float
    since_s: float
    trust: float
    reason: str
    answer: str = ""
    answered_s: float | None = None
    locked_s: float | None = None


@dataclass(frozen=True, slots=True)
class Interval:
    """A time during which something held; end_s is None while it still does."""

    begin_s: float
    end_s: float | None


@dataclass(frozen=True, slots=True)
class Curves:
    """Every comparison, oldest first, as columns of equal length. llrs: nats, NaN for INCONCLUSIVE."""

    times_s: NDArray[np.float64]
    trusts: NDArray[np.float64]
    llrs: NDArray[np.float64]
    usual_nats: NDArray[np.float64]
    active_s: NDArray[np.float64]

    @property
    def compared(self) -> NDArray[np.bool_]:
        """Which have a score."""
        return np.isfinite(self.llrs)


@dataclass(frozen=True, slots=True)
class Past:
    """What happened between two moments (Unix seconds)."""

    begin_s: float
    end_s: float
    curves: Curves
    incidents: tuple[Incident, ...] = ()
    locks: tuple[Interval, ...] = ()
    pauses: tuple[Interval, ...] = ()
    decisions: tuple[LoggedDecision, ...] = ()
    applications: tuple[Application, ...] = ()
    first_s: float | None = field(default=None)


def load(directory: Path | None, span: Span, now_s: float) -> Past:
    """Read what happened in `span` until now. Raises StoreError when history or store cannot be read."""
    history = History(directory)
    begin_s = now_s - span.value
    entries = history.since(begin_s)
    stretches = history.stretches(begin_s)
    moments = [entry.time_s for entry in entries[:1]] + [one.time_s for one in stretches[:1]]
    first_s = min(moments, default=None)
    return Past(
        begin_s=max(begin_s, first_s or now_s) if span is Span.ALL else begin_s,
        end_s=now_s,
        curves=curves(stretches),
        incidents=tuple(incidents(entries)),
        locks=tuple(intervals(entries, What.LOCKED, What.UNLOCKED)),
        pauses=tuple(intervals(entries, What.PAUSED, What.RESUMED)),
        decisions=tuple(_decisions(directory, begin_s)),
        applications=tuple(Places(history).applications(begin_s)),
        first_s=first_s,
    )


def enrolled(directory: Path | None = None) -> bool:
    """Return whether a reference with movement is stored. Raises StoreError."""
    store = Store.open(directory)
    if store is None:
        return False
    with store:
        return any(reference.motion is not None for reference in store.references.all())


def curves(stretches: list[Stretch]) -> Curves:
    """Return comparisons as columns."""
    columns = np.array(
        [
            (one.time_s, one.trust, np.nan if one.llr is None else one.llr, one.usual_nats, one.active_s)
            for one in stretches
        ],
        dtype=np.float64,
    ).reshape(-1, 5)
    return Curves(*columns.T)


def incidents(entries: list[Entry]) -> list[Incident]:
    """Return the anomalies, oldest first, each with the first answer and lock before the next one."""
    found: list[Incident] = []
    raised = [number for number, entry in enumerate(entries) if entry.kind == What.ANOMALY]
    for number, following in zip(raised, [*raised, len(entries)][1:], strict=True):
        entry = entries[number]
        after = [
            one
            for one in entries[number + 1 : following]
            if 0 <= one.time_s - entry.time_s <= ANSWERED_WITHIN_S
        ]
        answer = next((one for one in after if one.kind == What.ANSWER), None)
        lock = next((one for one in after if one.kind == What.LOCKED), None)
        found.append(
            Incident(
                entry.time_s,
                entry.since_s or entry.time_s,
                entry.trust,
                entry.detail,
                answer.detail if answer else "",
                answer.time_s if answer else None,
                lock.time_s if lock else None,
            )
        )
    return found


def intervals(entries: list[Entry], begins: What, ends: What) -> list[Interval]:
    """Return when something held; the daemon's end or start ends it too, since nobody looked then."""
    found: list[Interval] = []
    begin_s: float | None = None
    for entry in entries:
        if entry.kind == begins and begin_s is None:
            begin_s = entry.time_s
        elif entry.kind in (ends, What.STOPPED, What.STARTED) and begin_s is not None:
            found.append(Interval(begin_s, entry.time_s))
            begin_s = None
    return found if begin_s is None else [*found, Interval(begin_s, None)]


def _decisions(directory: Path | None, begin_s: float) -> list[LoggedDecision]:
    store = Store.open(directory)
    if store is None:
        return []
    with store:
        newest = store.decisions.newest(_DECISIONS)
    return [one for one in reversed(newest) if one.time_s >= begin_s]
