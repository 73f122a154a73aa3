"""The daemon's logic in plain Python: no bus, no main loop, no X. Who calls it says what time it is."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Protocol

from mousegate.bus.errors import ClaimedError, NoActionError, RefusedError
from mousegate.core.events import Events, PointerDevice
from mousegate.core.reference import Reference
from mousegate.daemon.desk import Look
from mousegate.daemon.learning import RULES, Learner, LearningRules
from mousegate.daemon.locker import Done
from mousegate.daemon.monitor import NOTHING, Monitor, Watched
from mousegate.daemon.recognition import Score
from mousegate.daemon.session import EnrolSession, Recognition, VerifySession
from mousegate.daemon.state import Listener, State, changed
from mousegate.errors import MousegateError, NotEnrolled, UsageError
from mousegate.storage.history import Stretch
from mousegate.storage.references import check_label

_LOG = logging.getLogger(__name__)
LONGEST_PAUSE_S: Final = 86_400


class Library(Recognition, Protocol):
    """What the service needs of `mousegate.daemon.recognition.Recognition`."""

    def references(self) -> list[Reference]:
        """Return every reference."""

    def comparable(self, device: PointerDevice) -> list[Reference]:
        """Return those that movement of this device can be compared with."""

    def delete(self, label: str) -> int:
        """Delete those of a label."""

    def score(self, recordings: list[Events], device: PointerDevice) -> Score:
        """Compare."""

    def extend(
        self, label: str, recordings: list[Events], device: PointerDevice, origin: str, detail: str
    ) -> Reference:
        """Learn."""


class Screen(Protocol):
    """What the service needs of `mousegate.daemon.locker.Locker`."""

    def lock(self, done: Done) -> None:
        """Lock and tell `done`."""


@dataclass(frozen=True, slots=True)
class ReferenceFacts:
    """One reference as the bus tells it."""

    label: str
    device: str
    rhythm: bool
    movement_s: float
    updated_s: float


@dataclass(frozen=True, slots=True)
class _Claim:
    """The one program that enrols or verifies."""

    peer: str
    session: EnrolSession | VerifySession


class Service:
    """Enrolling, verifying, watching and locking. No method unlocks.

    peer: the caller's unique name on the bus. Times are monotonic seconds (now_s) or Unix seconds (unix_s).
    """

    def __init__(
        self,
        library: Library,
        screen: Screen,
        monitor: Monitor,
        operating_point: str = "fnmr3",
        allow_synthetic: bool = False,
        *,
        learning: LearningRules = RULES,
    ) -> None:
        self._library = library
        self._screen = screen
        self._monitor = monitor
        self._operating_point = operating_point
        self._allow_synthetic = allow_synthetic
        self._claim: _Claim | None = None
        self._paused_until_s = float("-inf")
        self._seeing = False
        self._listeners: list[Listener] = []
        self._complaint = ""
        self._learner = Learner(self._learn, learning)
        self._now_s = 0.0
        self.renewed: Callable[[float], bool] = lambda since_s: False
        self._unix_s = 0.0
        self._locked_at_s = 0.0
        self.state = State()

    def add_listener(self, listener: Listener) -> None:
        """Tell `listener` from now on."""
        self._listeners.append(listener)

    def enrol_start(self, peer: str, label: str) -> None:
        """Start an enrolment. Raises ClaimedError, RefusedError, or BadInput for an unfit label."""
        check_label(label)
        self._free_for(peer)
        if self.state.locked:
            raise RefusedError("The screen is locked; enrol when it is not.")
        if self._monitor.state.alarmed:
            raise RefusedError("Somebody else seems to be at the mouse; lock and unlock the screen first.")
        self._claim = _Claim(peer, EnrolSession(self._library, label, self._allow_synthetic))

    def enrol_stop(self, peer: str) -> None:
        """Stop it. Raises NoActionError where `peer` does not enrol."""
        self._release(peer, EnrolSession)

    def verify_start(self, peer: str) -> None:
        """Start a verification. Raises ClaimedError or NotEnrolled."""
        self._free_for(peer)
        if not any(reference.motion is not None for reference in self._library.references()):
            raise NotEnrolled("There is no reference with movement: enrol first.")
        session = VerifySession(self._library, self._operating_point, self._allow_synthetic)
        self._claim = _Claim(peer, session)

    def verify_stop(self, peer: str) -> None:
        """Stop it. Raises NoActionError where `peer` does not verify."""
        self._release(peer, VerifySession)

    def peer_vanished(self, peer: str) -> None:
        """Stop what a program had started that has left the bus."""
        if self._claim is not None and self._claim.peer == peer:
            _LOG.info("The program that enrolled or verified has left; stopped.")
            self._claim = None

    def list_references(self) -> list[ReferenceFacts]:
        """Return what is enrolled, newest first. Raises StoreError."""
        return [
            ReferenceFacts(
                one.label,
                one.device.name.lower(),
                one.rhythm is not None,
                one.motion.active_s if one.motion else 0.0,
                one.updated_s,
            )
            for one in self._library.references()
        ]

    def delete_reference(self, label: str) -> int:
        """Delete the references of a label, return how many. Raises NotEnrolled, RefusedError, StoreError."""
        if self.state.locked:
            raise RefusedError("The screen is locked; delete references when it is not.")
        return self._library.delete(label)

    def lock(self, done: Done) -> None:
        """Lock the screen and tell `done`."""

        def told(error: MousegateError | None) -> None:
            if error is None:
                self._set_locked(True)
            done(error)

        self._screen.lock(told)

    def pause(self, duration_s: int, now_s: float) -> None:
        """Watch nothing for so many seconds. Raises UsageError outside 1 to LONGEST_PAUSE_S."""
        if not 1 <= duration_s <= LONGEST_PAUSE_S:
            raise UsageError(f"A pause lasts 1 to {LONGEST_PAUSE_S} seconds.")
        self._paused_until_s = now_s + duration_s
        self._monitor.forget()
        self._learner.forget()
        self._update(monitoring=False, paused_until_s=self._unix_s + duration_s)

    def resume(self, now_s: float) -> None:
        """Watch again."""
        self._paused_until_s = float("-inf")
        self._update(monitoring=self._watches(now_s), paused_until_s=0.0)

    def answered(self, key: str) -> None:
        """Tell that the person pressed a button of an alert."""
        for listener in self._listeners:
            listener.answered(key)

    def it_was_me(self) -> None:
        """The person answers an anomaly; to be learned from, that needs an unlock with both factors."""
        self._monitor.dismiss()
        self._learner.answered_me(self._now_s)
        self._update(trust=round(self._monitor.trust, 3))

    def see(self, look: Look | None, now_s: float, unix_s: float) -> None:
        """Take one look at the desk, or None while there is no display."""
        self._seeing, self._now_s, self._unix_s = look is not None, now_s, unix_s
        if look is None:
            self._learner.forget()
            self._update(monitoring=False)
            return
        self._set_locked(look.locked)
        self._update(events_seen=self.state.events_seen + len(look.events))
        self._feed_claim(look)
        self._learner.rest(look.idle_s)
        watching = self._watches(now_s)
        if not watching:
            self._monitor.forget()
        self._tell(self._monitor.feed(look, unix_s) if watching else NOTHING, watching)
        if self.state.paused_until_s and now_s >= self._paused_until_s:
            self._update(paused_until_s=0.0)

    def _tell(self, watched: Watched, watching: bool) -> None:
        self._update(monitoring=watching, trust=round(self._monitor.trust, 3))
        if watched.stretch is not None:
            for listener in self._listeners:
                listener.stretch(watched.stretch)
            self._learner.add(watched.stretch, watched.recordings, self._now_s)
        anomaly = watched.anomaly
        if anomaly is not None:
            self._learner.distrust()
            _LOG.warning("Anomaly: %s (trust %.2f).", anomaly.reason, anomaly.trust)
            self._update(last_anomaly=anomaly)
            for listener in self._listeners:
                listener.anomaly(anomaly)

    def _watches(self, now_s: float) -> bool:
        if not self._seeing or self.state.locked or now_s < self._paused_until_s:
            return False
        try:
            found = any(reference.motion is not None for reference in self._library.references())
        except MousegateError as error:
            self._complain(str(error))
            return False
        self._complain("" if found else "Nothing is enrolled, so nothing is watched.")
        return found

    def _complain(self, words: str) -> None:
        if words and words != self._complaint:
            _LOG.warning("%s", words)
        self._complaint = words

    def _feed_claim(self, look: Look) -> None:
        claim = self._claim
        if claim is None or self.state.locked:
            return
        report = claim.session.feed(look)
        if report is None:
            return
        if report.error is not None:
            _LOG.warning("%s: %s", report.result, report.error)
        if report.done:
            self._claim = None
        for listener in self._listeners:
            told = (
                listener.enrol_status if isinstance(claim.session, EnrolSession) else listener.verify_status
            )
            told(str(report.result), report.done)

    def _set_locked(self, locked: bool) -> None:
        if locked == self.state.locked:
            return
        if locked:
            self._locked_at_s = self._unix_s
            if self._claim is not None and isinstance(self._claim.session, EnrolSession):
                self._stop_enrolling()
            self._learner.distrust()
        elif self._proved():
            self._monitor.renew()
            self._learner.proved(self._now_s)
        self._monitor.forget()
        self._update(locked=locked, trust=round(self._monitor.trust, 3))

    def prove(self) -> None:
        """The session was opened with both factors."""
        self._monitor.renew()
        self._learner.proved(self._now_s)
        for listener in self._listeners:
            listener.noted("proved", "This session was opened with password and signature.")

    def _proved(self) -> bool:
        """Return whether both factors unlocked the screen; a store that cannot tell proves nothing."""
        try:
            return self.renewed(self._locked_at_s)
        except MousegateError as error:
            _LOG.warning("Whether both factors unlocked is not known: %s", error)
            return False

    def _learn(self, recordings: list[Events], stretch: Stretch, origin: str) -> None:
        device = PointerDevice[stretch.device.upper()]
        moment = time.strftime("%Y-%m-%d %H:%M", time.localtime(stretch.time_s))
        try:
            self._library.extend(stretch.label, recordings, device, origin, moment)
        except MousegateError as error:
            _LOG.warning("The reference %r could not be extended: %s", stretch.label, error)
            return
        for listener in self._listeners:
            listener.noted("learned", f"{stretch.label}: {origin} movement until {moment}")

    def _stop_enrolling(self) -> None:
        self._claim = None
        for listener in self._listeners:
            listener.enrol_status("enrol-failed", True)

    def _free_for(self, peer: str) -> None:
        if self._claim is not None:
            raise ClaimedError(
                "You enrol or verify already: stop that first."
                if self._claim.peer == peer
                else "Another program enrols or verifies at the moment: try again later."
            )

    def _release(self, peer: str, kind: type[EnrolSession] | type[VerifySession]) -> None:
        if self._claim is None or self._claim.peer != peer or not isinstance(self._claim.session, kind):
            raise NoActionError("There is nothing of yours to stop.")
        self._claim = None

    def _update(self, **values: object) -> None:
        before, self.state = self.state, replace(self.state, **values)  # type: ignore[arg-type]
        names = changed(before, self.state)
        if names:
            for listener in self._listeners:
                listener.state_changed(self.state, names)
