"""When to lock because nobody is there, and who may hold that off. Plain logic."""

import itertools
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

MAX_INHIBITORS: Final = 1000
"""Cookies at once; a program that leaks them must not grow the daemon."""


class IdleAction(Enum):
    """What to do now."""

    NOTHING = auto()
    WARN = auto()
    UNWARN = auto()
    LOCK = auto()


class IdleLock:
    """Locks after `idle_minutes` without a touch; 0 never.

    With a grace time the person is warned first (`warned`), and the screen is locked `grace_s` later unless
    somebody touches something. A lock that failed is tried again after `retry_s`.
    """

    def __init__(self, idle_minutes: int, grace_s: int, retry_s: float = 60.0) -> None:
        self._limit_s = 60.0 * idle_minutes
        self._grace_s = grace_s
        self._retry_s = retry_s
        self.warned = False
        self._free_since_s = float("-inf")
        self._asked_s = float("-inf")

    def decide(self, idle_s: float, locked: bool, inhibited: bool, now_s: float) -> IdleAction:
        """Return what to do. idle_s: since the last touch; now_s: monotonic.

        Time during which a program holds the lock off does not count as idle.
        """
        if inhibited:
            self._free_since_s = now_s
        idle_s = min(idle_s, now_s - self._free_since_s)
        if not self._limit_s or locked or inhibited or idle_s < self._limit_s:
            unwarn, self.warned = self.warned, False
            return IdleAction.UNWARN if unwarn else IdleAction.NOTHING
        if idle_s < self._limit_s + self._grace_s:
            if self.warned:
                return IdleAction.NOTHING
            self.warned = True
            return IdleAction.WARN
        if now_s - self._asked_s < self._retry_s:
            return IdleAction.NOTHING
        self.warned, self._asked_s = False, now_s
        return IdleAction.LOCK


@dataclass(frozen=True, slots=True)
class Inhibitor:
    """Who holds the lock off, and why, in their own (untrusted) words."""

    peer: str
    application: str
    reason: str


class Inhibitors:
    """Cookies that hold the idle lock off until they are given back or their owner leaves the bus."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._held: dict[int, Inhibitor] = {}

    def __len__(self) -> int:
        """Return how many are held."""
        return len(self._held)

    def add(self, peer: str, application: str, reason: str) -> int | None:
        """Return a new cookie, or None when there are too many."""
        if len(self._held) >= MAX_INHIBITORS:
            return None
        cookie = next(self._numbers)
        self._held[cookie] = Inhibitor(peer, application[:200], reason[:200])
        return cookie

    def remove(self, peer: str, cookie: int) -> bool:
        """Give a cookie back; False when `peer` does not hold it."""
        if cookie not in self._held or self._held[cookie].peer != peer:
            return False
        del self._held[cookie]
        return True

    def peer_vanished(self, peer: str) -> None:
        """Drop everything of a program that left the bus."""
        self._held = {cookie: one for cookie, one in self._held.items() if one.peer != peer}
