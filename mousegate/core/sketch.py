"""Quantising a noisy hold time so that one exact hash can decide: a secure sketch with a helper offset.

A hold is measured in ms, placed on a scale, and cut into bins. At enrolment a public helper offset shifts
the bins of each click so that the enrolled hold lies in the very middle of its bin; every later hold
within the tolerance then falls into the same bin, and none outside does. The bin number is the secret.

This is the shielding function of J.-P. Linnartz and P. Tuyls, "New shielding functions to enhance privacy
and prevent misuse of biometric templates", AVBPA 2003, LNCS 2688, and for one dimension the secure sketch of
Y. Dodis, L. Reyzin and A. Smith, "Fuzzy Extractors", EUROCRYPT 2004 (SIAM J. Comput. 38(1), 2008), section 4.

What the helper leaks: the enrolled position modulo the bin width, that is where *in* its bin a hold lies but
not which bin. Whoever reads it learns that the hold is one of a few values a bin width apart; how unlikely
each of them is remains the whole protection, and is what `core.strength` counts.
"""

import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

from mousegate.errors import BadInput

LONGEST_HOLD_MS: Final = 0xFFFF
"""The wire form of a probe carries a hold in 16 bits."""


@dataclass(frozen=True, slots=True)
class HoldScale:
    """Where a hold lies: linear up to the crossover, logarithmic above it, continuous and rising throughout.

    tolerance: how far from the enrolled position a hold may lie, in units of the scale (ms where linear).
        50 is the 2008 developerWorks article's plus or minus five hundredths of a second.
    crossover_ms: from here on people's timing error grows with the time (the scalar property: J. Gibbon,
        Psychological Review 84, 1977; Weber fractions of 5 to 10 % for 0.2 to 2 s: S. Grondin, Attention,
        Perception & Psychophysics 72, 2010), so the tolerance becomes a ratio, tolerance/crossover:
        one sixth, about two of those standard deviations.
    """

    tolerance: int = 50
    crossover_ms: int = 300

    def __post_init__(self) -> None:
        """Raise BadInput when the parameters make no scale."""
        if not (1 <= self.tolerance <= 1000 and 1 <= self.crossover_ms <= LONGEST_HOLD_MS):
            raise BadInput("The scale of a stored rhythm is out of range; enrol the rhythm again.")

    @property
    def step(self) -> int:
        """Width of a bin in whole positions: both ends of the tolerance belong to it."""
        return 2 * self.tolerance + 1

    def position(self, hold_ms: int) -> int:
        """Return where a hold of 0 to LONGEST_HOLD_MS lies. Holds beyond either end count as that end."""
        hold_ms = min(max(hold_ms, 0), LONGEST_HOLD_MS)
        if hold_ms <= self.crossover_ms:
            return hold_ms
        return self.crossover_ms + round(self.crossover_ms * math.log(hold_ms / self.crossover_ms))

    def first_hold_ms(self, position: int) -> int:
        """Return the shortest hold that lies at or after `position`, LONGEST_HOLD_MS + 1 where none does."""
        return bisect_left(range(LONGEST_HOLD_MS + 1), position, key=self.position)

    def offset(self, centre: int) -> int:
        """Return the public helper offset, 0 to step - 1, that puts `centre` in the middle of a bin."""
        return (centre - self.tolerance) % self.step

    def bin(self, hold_ms: int, offset: int) -> int:
        """Return the bin of a hold under a helper offset. May be -1 for a hold shorter than the tolerance."""
        return (self.position(hold_ms) - offset) // self.step
