"""The steps of setting up, in the order in which a person meets them."""

from enum import Enum


class Step(Enum):
    """One page each. The value is the name in the draft and in the window's title."""

    WELCOME = "welcome"
    CHECKS = "checks"
    PERSON = "person"
    MOVEMENT = "movement"
    RHYTHM = "rhythm"
    TRY = "try"
    POLICY = "policy"
    RECOVERY = "recovery"
    ARM = "arm"

    @property
    def number(self) -> int:
        """Its place, from 0."""
        return list(Step).index(self)

    def moved(self, places: int) -> "Step":
        """Return the step so many places on, held at the first and the last."""
        steps = list(Step)
        return steps[min(max(self.number + places, 0), len(steps) - 1)]
