"""Telling that no hand moves the mouse: a program's events, straight or even movement, or a replay.

What is said here is an attack in the sense of ISO/IEC 30107, and raises an anomaly whatever the comparison
says: a replay of the person's own movement compares well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from mousegate.core.attack import machine_sign
from mousegate.core.events import Events
from mousegate.core.replays import ReplayMemory


@dataclass(frozen=True, slots=True)
class AttackParameters:
    """signs: stretches with a sign of a machine, of the last `among`, that make an attack: a single one comes
    from a hand, too, once in many hours of movement (core.attack).
    synthetic_events: made by programs within `synthetic_s`, since one warp of a window manager is no attack;
    synthetic_looks: seconds in which they came, since a burst is a tool that helps (as xdotool does).
    """

    signs: int = 2
    among: int = 12
    synthetic_events: int = 50
    synthetic_looks: int = 5
    synthetic_s: float = 60.0


PARAMETERS: Final = AttackParameters()


class AttackWatch:
    """Remembers the latest signs. Each method returns the reason, in words, or nothing."""

    def __init__(self, parameters: AttackParameters = PARAMETERS) -> None:
        self._parameters = parameters
        self._memory = ReplayMemory()
        self._signs: list[str] = []
        self._synthetic: list[tuple[float, int]] = []

    def synthetic(self, events: int, now_s: float) -> str:
        """Count events of programs seen in one look at monotonic or Unix time `now_s`."""
        since_s = now_s - self._parameters.synthetic_s
        self._synthetic = [one for one in self._synthetic if since_s < one[0] <= now_s] + [(now_s, events)]
        many = sum(count for _, count in self._synthetic) >= self._parameters.synthetic_events
        if not many or len(self._synthetic) < self._parameters.synthetic_looks:
            return ""
        self._synthetic.clear()
        return "a program moves the pointer"

    def stretch(self, recordings: Sequence[Events]) -> str:
        """Look at one stretch of movement."""
        events = np.concatenate(recordings)
        replayed = self._memory.seen_before(events)
        sign = "the same movement was seen before, to the pixel" if replayed else machine_sign(events)
        self._signs = [*self._signs, sign][-self._parameters.among :]
        if not sign or sum(bool(one) for one in self._signs) < self._parameters.signs:
            return ""
        self._signs.clear()
        return f"no hand moves like this: {sign}"
