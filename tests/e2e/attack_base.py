"""What the attacks on the lock share: how much to do, the one who does it, and what came of it."""

import os
import random
import select
import signal
from dataclasses import dataclass
from typing import Final

from tests.x11.stage import Lock, Stage

SIZE: Final = (800, 600)
KEYS: Final = ("a", "Return", "Escape", "Tab", "space", "F1", "Super_L", "Delete")


@dataclass(frozen=True)
class Extent:
    """How much of each attack is made."""

    kills: int
    statuses: int
    rubbish: int
    events: int
    raises: int
    resizes: int
    stops: int
    layouts: int
    plugs: int
    guesses: int
    losses: int


SHORT: Final = Extent(
    kills=30,
    statuses=6,
    rubbish=12,
    events=600,
    raises=300,
    resizes=10,
    stops=2,
    layouts=4,
    plugs=4,
    guesses=6,
    losses=1,
)
LONG: Final = Extent(
    kills=300,
    statuses=256,
    rubbish=200,
    events=10_000,
    raises=5_000,
    resizes=100,
    stops=10,
    layouts=50,
    plugs=100,
    guesses=200,
    losses=5,
)


@dataclass
class Outcome:
    """What one attack came to."""

    attack: str
    made: int
    pictures: int
    exposed: int
    reached: list[str]
    end: str
    took_s: float

    @property
    def withstood(self) -> bool:
        """Whether nothing was seen, nothing leaked and the lock ended as it must."""
        return not self.exposed and not self.reached and self.end in ("locked", "unlocked by the nonce")


@dataclass
class Attacker:
    """One stage, one source of chance, and how much to do."""

    stage: Stage
    extent: Extent
    chance: random.Random

    def words(self) -> list[str]:
        """Return what to start the lock with; made before it is."""
        return []

    def variables(self) -> dict[str, str]:
        """Return the environment to start the lock with; made before it is."""
        return {}

    def lock(self, words: list[str], real: str = "none", **variables: str) -> Lock:
        """Return the lock to attack, locked."""
        lock = self.stage.lock(*words, real=real, passed=(), **variables)
        lock.wait_locked()
        return lock

    def poke(self) -> None:
        """Press a random key, and a button at a random place."""
        self.stage.key(self.chance.choice(KEYS))
        self.stage.click(self.chance.randrange(SIZE[0]), self.chance.randrange(SIZE[1]))

    def pause(self, longest_s: float) -> None:
        """Let a random time pass, so that the next blow falls at a random moment of what goes on."""
        select.select([], [], [], self.chance.uniform(0, longest_s))


def strike(pid: int, number: signal.Signals) -> int:
    """Send the signal; return 0 where the process was gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return 0
    return 1
