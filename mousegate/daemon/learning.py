"""When movement is trusted enough to be learned. Plain logic; who extends the reference is told.

Nothing is learned before the screen was unlocked with both factors. After that a stretch is learned once as
much again was trusted that an impostor would have been noticed meanwhile. What the person answered "It was
me" to was not trusted, and anybody can press a button: it is learned only if the screen is locked and
unlocked with both factors within minutes.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mousegate.core.events import Events
from mousegate.storage.history import Stretch


@dataclass(frozen=True, slots=True)
class LearningRules:
    """stretch_s: seconds of movement learned at once; quarantine_s: of trusted movement after it, twice what
    it takes to notice most impostors; least_trust: below it a stretch is not trusted; every_s: no more
    often; silence_s: after so long an absence somebody else may sit there, so a new proof is needed.
    disputed_s: seconds of movement before an answer that are in question; confirm_s: within which they must
    be proven.
    """

    stretch_s: float = 300.0
    quarantine_s: float = 120.0
    least_trust: float = 0.75
    every_s: float = 3600.0
    silence_s: float = 300.0
    disputed_s: float = 120.0
    confirm_s: float = 300.0


RULES: Final = LearningRules()
TRUSTED: Final = "trusted"
CONFIRMED: Final = "confirmed"

Learn = Callable[[list[Events], Stretch, str], None]
"""Recordings, the last comparison of them (label and device), and the origin."""


@dataclass(frozen=True, slots=True)
class _Part:
    stretch: Stretch
    recordings: tuple[Events, ...]


class Learner:
    """Gathers compared stretches and says when they may be learned. Times are monotonic seconds."""

    def __init__(self, learn: Learn, rules: LearningRules = RULES) -> None:
        self._learn = learn
        self._rules = rules
        self._proven = False
        self._learned_at_s = float("-inf")
        self._trusted: list[_Part] = []
        self._recent: deque[_Part] = deque()
        self._disputed: list[_Part] = []
        self._disputed_at_s = float("-inf")

    def proved(self, now_s: float) -> None:
        """The screen was unlocked with both factors."""
        disputed, self._disputed = self._disputed, []
        self.forget()
        self._proven = True
        if disputed and 0 <= now_s - self._disputed_at_s <= self._rules.confirm_s:
            self._tell(disputed, CONFIRMED)

    def distrust(self) -> None:
        """What follows needs a new proof: an anomaly, a lock, a pause, a long silence."""
        self._proven = False
        self._trusted.clear()

    def forget(self) -> None:
        """Drop everything that is not learned yet."""
        self.distrust()
        self._recent.clear()
        self._disputed = []

    def rest(self, idle_s: float) -> None:
        """Nobody has touched anything for so long."""
        if idle_s >= self._rules.silence_s and self._proven:
            self.distrust()

    def answered_me(self, now_s: float) -> None:
        """The person says that what raised the alert was them."""
        self._disputed, self._disputed_at_s = list(self._recent), now_s
        self._recent.clear()

    def add(self, stretch: Stretch, recordings: tuple[Events, ...], now_s: float) -> None:
        """Take a compared stretch."""
        part = _Part(stretch, recordings)
        self._recent.append(part)
        while sum(one.stretch.active_s for one in self._recent) > self._rules.disputed_s:
            self._recent.popleft()
        if not self._proven:
            return
        if stretch.llr is None or stretch.trust < self._rules.least_trust or self._other(stretch):
            self._trusted.clear()
            return
        self._trusted.append(part)
        gathered_s = sum(one.stretch.active_s for one in self._trusted)
        if gathered_s < self._rules.stretch_s + self._rules.quarantine_s:
            return
        if now_s - self._learned_at_s < self._rules.every_s:
            del self._trusted[0]
            return
        self._learned_at_s = now_s
        self._release()

    def _other(self, stretch: Stretch) -> bool:
        known = self._trusted[-1].stretch if self._trusted else stretch
        return (known.label, known.device) != (stretch.label, stretch.device)

    def _release(self) -> None:
        """Learn the oldest part of what is gathered; the rest stays in quarantine."""
        chosen, active_s = 0, 0.0
        while active_s < self._rules.stretch_s:
            active_s += self._trusted[chosen].stretch.active_s
            chosen += 1
        learned, self._trusted = self._trusted[:chosen], self._trusted[chosen:]
        self._tell(learned, TRUSTED)

    def _tell(self, parts: list[_Part], origin: str) -> None:
        recordings = [events for part in parts for events in part.recordings]
        self._learn(recordings, parts[-1].stretch, origin)
