"""Watching the hand: movement in stretches, each compared, all summed by the test of core.trust."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from mousegate.core.events import Events, PointerDevice
from mousegate.core.trust import AlarmPoint, TrustState, accuse, dismiss, observe, renew, rest
from mousegate.daemon.attacks import AttackWatch
from mousegate.daemon.desk import Look
from mousegate.daemon.recognition import Score
from mousegate.daemon.state import Anomaly
from mousegate.errors import MousegateError
from mousegate.storage.history import Stretch

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MonitorParameters:
    """block_s: seconds of active movement compared at once, the shortest for which the model's calibration
    was measured; gap_s: of a longer pause this much counts (as in core.windows); rest_s: silence after which
    a person counts as idle; most_events: kept of one stretch, far more than a hand makes.
    """

    block_s: float = 5.0
    gap_s: float = 0.4
    rest_s: float = 2.0
    most_events: int = 50_000


PARAMETERS: Final = MonitorParameters()
MANY: Final = 6
"""Stretches in a row that could not be compared, which is no chance any more."""
UNCOMPARED: Final = (
    "Your movement cannot be compared with your references; where mousegate's model or your pointer device "
    "is new, enrol again."
)

Compare = Callable[[list[Events], PointerDevice], Score]


@dataclass(frozen=True, slots=True)
class Watched:
    """What came of one look. stretch: the comparison, where one was due; recordings: what was compared;
    anomaly: raised just now.
    """

    stretch: Stretch | None = None
    recordings: tuple[Events, ...] = ()
    anomaly: Anomaly | None = None


NOTHING: Final = Watched()


class Monitor:
    """Takes looks and keeps trust. A comparison that fails is INCONCLUSIVE, and named in the log once."""

    def __init__(
        self,
        compare: Compare,
        point: AlarmPoint,
        allow_synthetic: bool = False,
        parameters: MonitorParameters = PARAMETERS,
    ) -> None:
        self._compare = compare
        self._point = point
        self._allow_synthetic = allow_synthetic
        self._parameters = parameters
        self._attacks = AttackWatch()
        self._state = TrustState()
        self._pending = Pending(parameters)
        self._device = PointerDevice.UNKNOWN
        self._looked_s: float | None = None
        self._complaint = ""
        self._uncompared = 0

    @property
    def trust(self) -> float:
        """0 to 1."""
        return self._state.trust

    @property
    def state(self) -> TrustState:
        """The whole state of the test."""
        return self._state

    def feed(self, look: Look, now_s: float) -> Watched:
        """Take one look at Unix time `now_s`; return what came of it."""
        idle_s = 0.0 if self._looked_s is None else max(0.0, now_s - self._looked_s)
        self._looked_s = now_s
        if not len(look.events):
            if look.idle_s >= self._parameters.rest_s:
                self._state = rest(self._state, min(idle_s, look.idle_s))
            return NOTHING
        if look.synthetic and not self._allow_synthetic:
            self._complain("Programs move the pointer; their movement is not compared.")
            self.forget()
            return self._accused(self._attacks.synthetic(len(look.events), now_s), now_s)
        if look.device is not self._device:
            self.forget()
            self._device = look.device
        self._pending.add(look)
        if self._pending.active_s < self._parameters.block_s:
            return NOTHING
        return self._judge(now_s)

    def forget(self) -> None:
        """Drop movement that was not compared yet: it may be somebody else's."""
        self._pending = Pending(self._parameters)

    def renew(self) -> None:
        """The person proved who they are."""
        self.forget()
        self._state = renew(self._state)

    def dismiss(self) -> None:
        """The person says that it was them."""
        self.forget()
        self._state = dismiss(self._state)

    def _judge(self, now_s: float) -> Watched:
        recordings, device = self._pending.take(), self._device
        attack = self._attacks.stretch(recordings)
        if attack:
            return self._accused(attack, now_s)
        try:
            score = self._compare(recordings, device)
        except MousegateError as error:
            self._complain(str(error))
            return NOTHING
        before, self._state = (
            self._state,
            observe(self._state, score.llr, score.active_s, now_s, self._point),
        )
        _LOG.debug("score %s over %.1f s, trust %.2f", score.llr, score.active_s, self.trust)
        self._uncompared = 0 if score.llr is not None else self._uncompared + 1
        if self._uncompared >= MANY:
            self._complain(UNCOMPARED)
        elif score.llr is not None:
            self._complaint = ""
        stretch = Stretch(
            now_s, score.llr, score.active_s, self.trust, before.usual_nats, score.label, device.name.lower()
        )
        if before.alarmed or not self._state.alarmed:
            return Watched(stretch, tuple(recordings))
        since_s = self._state.onset_s or now_s
        reason = f"the mouse is not moved the way it was enrolled as {score.label!r}"
        return Watched(stretch, tuple(recordings), Anomaly(now_s, self.trust, reason, since_s))

    def _accused(self, reason: str, now_s: float) -> Watched:
        """Raise an anomaly for an attack; one that goes on is the same anomaly."""
        if not reason:
            return NOTHING
        before, self._state = self._state, accuse(self._state, now_s)
        if before.alarmed:
            return NOTHING
        return Watched(anomaly=Anomaly(now_s, self.trust, reason, self._state.onset_s or now_s))

    def _complain(self, words: str) -> None:
        if words != self._complaint:
            _LOG.warning("%s", words)
        self._complaint = words


class Pending:
    """Movement that was not compared yet, in recordings without a break.

    A recording ends where the pointer leaves what is watched; silence does not end it.
    """

    def __init__(self, parameters: MonitorParameters = PARAMETERS) -> None:
        self._parameters = parameters
        self._parts: list[list[Events]] = []
        self._count = 0
        self._last_ms: int | None = None
        self.active_s = 0.0

    def add(self, look: Look) -> None:
        """Add what is watched of one look."""
        if look.watched is None:
            self._append(look.events)
            return
        edges = np.flatnonzero(np.diff(look.watched)) + 1
        for events, kept in zip(np.split(look.events, edges), np.split(look.watched, edges), strict=True):
            if kept[0]:
                self._append(events)
            else:
                self._last_ms = None

    def take(self) -> list[Events]:
        """Return all of it and begin anew, where the last recording goes on."""
        recordings = [np.concatenate(part) for part in self._parts]
        self._parts, self._count, self.active_s = [], 0, 0.0
        return recordings

    def _append(self, events: Events) -> None:
        first = int(events["time_ms"][0]) if self._last_ms is None else self._last_ms
        gaps_s = np.diff(events["time_ms"], prepend=first) / 1000
        self.active_s += float(np.clip(gaps_s, 0, self._parameters.gap_s).sum())
        if self._last_ms is None or not self._parts:
            self._parts.append([])
        self._last_ms = int(events["time_ms"][-1])
        room = max(0, self._parameters.most_events - self._count)
        self._parts[-1].append(events[:room])
        self._count += len(events[:room])
