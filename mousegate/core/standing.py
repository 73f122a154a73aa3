"""How this desktop stands, in one word and one sentence, wherever it is shown."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

SUSPECT_BELOW: Final = 0.5
"""Trust below which somebody else is suspected (core.trust.TrustState.trust)."""


class Standing(Enum):
    """What is going on; the first that holds."""

    AWAY = "away"
    LOCKED = "locked"
    PAUSED = "paused"
    UNENROLLED = "unenrolled"
    BLIND = "blind"
    SUSPECT = "suspect"
    WATCHING = "watching"


@dataclass(frozen=True, slots=True)
class StandingFacts:
    """What it is judged by. running: whether the daemon answers; enrolled: whether a reference with movement
    is stored; paused_until_s: Unix seconds, 0 for not paused.
    """

    running: bool
    enrolled: bool
    monitoring: bool = False
    locked: bool = False
    trust: float = 1.0
    paused_until_s: float = 0.0


def standing(facts: StandingFacts) -> Standing:
    """Return how it stands."""
    if not facts.running:
        return Standing.AWAY
    if facts.locked:
        return Standing.LOCKED
    if facts.paused_until_s:
        return Standing.PAUSED
    if not facts.enrolled:
        return Standing.UNENROLLED
    if not facts.monitoring:
        return Standing.BLIND
    return Standing.SUSPECT if facts.trust < SUSPECT_BELOW else Standing.WATCHING


def marked(text: str) -> str:
    """Return `text` as it is: whoever shows it translates it (the name is what catalogues are made by)."""
    return text


TITLES: Final = {
    Standing.AWAY: marked("Not running"),
    Standing.LOCKED: marked("Locked"),
    Standing.PAUSED: marked("Paused"),
    Standing.UNENROLLED: marked("Nothing enrolled"),
    Standing.BLIND: marked("Not watching"),
    Standing.SUSPECT: marked("Is this you?"),
    Standing.WATCHING: marked("Watching"),
}
SENTENCES: Final = {
    Standing.AWAY: marked("The daemon does not run, so nobody watches the mouse. The lock is not concerned."),
    Standing.LOCKED: marked("The screen is locked. Nothing is watched until it is opened."),
    Standing.PAUSED: marked("The mouse is not watched until {time}. The lock is not concerned."),
    Standing.UNENROLLED: marked("There is no reference to compare with. Run mousegate enrol to make one."),
    Standing.BLIND: marked("The mouse cannot be seen at the moment. Run mousegate doctor to find out why."),
    Standing.SUSPECT: marked(
        "The mouse is not moved the way you enrolled. Lock the screen if that is not you."
    ),
    Standing.WATCHING: marked("The mouse is moved the way you enrolled."),
}
"""What to say; {time} is when a pause ends."""
REMEDIES: Final = {Standing.AWAY: "systemctl --user start mousegate", Standing.UNENROLLED: "mousegate enrol"}
"""What to run."""
