"""Enrolling and verifying for a program on the bus: movement is gathered until it suffices."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import numpy as np

from mousegate.core.decision import Decision
from mousegate.core.events import Events, PointerDevice
from mousegate.core.reference import Reference
from mousegate.core.windows import extract
from mousegate.daemon.desk import Look
from mousegate.daemon.recognition import Score
from mousegate.errors import FailureToEnrol, MousegateError


class Result(StrEnum):
    """What is said in EnrolStatus and VerifyStatus, after net.reactivated.Fprint."""

    VERIFY_MATCH = "verify-match"
    VERIFY_NO_MATCH = "verify-no-match"
    VERIFY_RETRY = "verify-retry-more-movement"
    VERIFY_FAILED = "verify-failed"
    ENROL_STAGE = "enrol-stage-passed"
    ENROL_COMPLETED = "enrol-completed"
    ENROL_FAILED = "enrol-failed"
    ENROL_SYNTHETIC = "enrol-retry-synthetic"
    ENROL_RETRY = "enrol-retry-more-movement"


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How much movement is gathered, in seconds of activity.

    verify_s: before the first comparison; the model's error rates are given from 5 s on. retry_s: an
    inconclusive comparison asks for so much more. stage_s, stages: of an enrolment; a minute is three times
    what the model asks at least.
    """

    verify_s: float = 10.0
    retry_s: float = 5.0
    stage_s: float = 10.0
    stages: int = 6


LIMITS: Final = SessionLimits()


class Recognition(Protocol):
    """What a session needs of `mousegate.daemon.recognition.Recognition`."""

    def score(self, recordings: list[Events], device: PointerDevice) -> Score:
        """Compare."""

    def decide(self, score: Score, operating_point: str) -> Decision:
        """Decide."""

    def enrol(self, label: str, recordings: list[Events], device: PointerDevice) -> Reference:
        """Make and store a reference."""


@dataclass(frozen=True, slots=True)
class Report:
    """One status to send. done: the session is over."""

    result: Result
    done: bool
    error: MousegateError | None = None


class Gathering:
    """Movement gathered look by look, and which device made it."""

    def __init__(self) -> None:
        self.recordings: list[Events] = []
        self.active_s = 0.0
        self._devices: Counter[PointerDevice] = Counter()

    def add(self, look: Look) -> None:
        """Add what one look saw."""
        if len(look.events):
            self.recordings.append(look.events)
            self._devices[look.device] += len(look.events)
            self.active_s = extract(self.joined()).active_s

    def joined(self) -> Events:
        """Return all of it as one recording."""
        return np.concatenate(self.recordings)

    @property
    def device(self) -> PointerDevice:
        """What made most of it."""
        return max(self._devices, key=lambda device: self._devices[device], default=PointerDevice.UNKNOWN)


class VerifySession:
    """Gathers movement, compares, and reports a match or not; too little asks for more."""

    def __init__(
        self,
        recognition: Recognition,
        operating_point: str,
        allow_synthetic: bool,
        limits: SessionLimits = LIMITS,
    ) -> None:
        self._recognition = recognition
        self._operating_point = operating_point
        self._allow_synthetic = allow_synthetic
        self._limits = limits
        self._gathering = Gathering()
        self._wanted_s = limits.verify_s

    def feed(self, look: Look) -> Report | None:
        """Take one look; return what is to be reported, if anything. Programs' movement never matches."""
        if look.synthetic and not self._allow_synthetic:
            return Report(Result.VERIFY_NO_MATCH, done=True)
        self._gathering.add(look)
        if self._gathering.active_s < self._wanted_s:
            return None
        try:
            score = self._recognition.score([self._gathering.joined()], self._gathering.device)
            decision = self._recognition.decide(score, self._operating_point)
        except MousegateError as error:
            return Report(Result.VERIFY_FAILED, done=True, error=error)
        match decision:
            case Decision.MATCH:
                return Report(Result.VERIFY_MATCH, done=True)
            case Decision.NON_MATCH:
                return Report(Result.VERIFY_NO_MATCH, done=True)
            case Decision.INCONCLUSIVE:
                self._wanted_s = self._gathering.active_s + self._limits.retry_s
                return Report(Result.VERIFY_RETRY, done=False)


class EnrolSession:
    """Gathers movement in stages and makes a reference of it at the end."""

    def __init__(
        self, recognition: Recognition, label: str, allow_synthetic: bool, limits: SessionLimits = LIMITS
    ) -> None:
        self._recognition = recognition
        self._label = label
        self._allow_synthetic = allow_synthetic
        self._limits = limits
        self._gathering = Gathering()
        self._stages = 0

    def feed(self, look: Look) -> Report | None:
        """Take one look; return what is to be reported, if anything. Programs' movement is left out."""
        if look.synthetic and not self._allow_synthetic:
            return Report(Result.ENROL_SYNTHETIC, done=False)
        self._gathering.add(look)
        if self._gathering.active_s < (self._stages + 1) * self._limits.stage_s:
            return None
        self._stages += 1
        if self._stages < self._limits.stages:
            return Report(Result.ENROL_STAGE, done=False)
        try:
            self._recognition.enrol(self._label, [self._gathering.joined()], self._gathering.device)
        except FailureToEnrol as error:
            return Report(Result.ENROL_RETRY, done=False, error=error)
        except MousegateError as error:
            return Report(Result.ENROL_FAILED, done=True, error=error)
        return Report(Result.ENROL_COMPLETED, done=True)
