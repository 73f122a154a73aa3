"""What the attacks on the lock share: how much to do, the one who does it, and what came of it."""

import os
import random
import select
import signal
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.x11.stage import Lock, Stage, Watch

SIZE: Final = (800, 600)
KEYS: Final = ("a", "Return", "Escape", "Tab", "space", "F1", "Super_L", "Delete")


@dataclass(frozen=True)
class Extent:
    """How much of each attack is made.

    Counts of: kills; statuses per child; spews of rubbish; events; raises; resizes; rounds in which each
    process is stopped, keeper and supervisor are both killed, or a compositor comes and goes; layouts; plugs;
    guesses; losses of store, model, disk, bus or clock; letters typed without a stop.
    """

    kills: int
    statuses: int
    rubbish: int
    events: int
    raises: int
    resizes: int
    rounds: int
    layouts: int
    plugs: int
    guesses: int
    losses: int
    letters: int


SHORT: Final = Extent(
    kills=20,
    statuses=4,
    rubbish=8,
    events=400,
    raises=300,
    resizes=10,
    rounds=1,
    layouts=4,
    plugs=4,
    guesses=6,
    losses=1,
    letters=2_000,
)
LONG: Final = Extent(
    kills=300,
    statuses=256,
    rubbish=200,
    events=10_000,
    raises=5_000,
    resizes=100,
    rounds=20,
    layouts=50,
    plugs=100,
    guesses=200,
    losses=5,
    letters=20_000,
)


@dataclass
class Outcome:
    """What one attack came to. end: `locked`, or how it ended; watch: no pictures of an opened screen."""

    attack: str
    made: int
    watch: Watch
    reached: list[str]
    end: str
    took_s: float

    @property
    def exposed(self) -> int:
        """How many pixels of the window beneath were seen."""
        return sum(self.watch.counts)

    @property
    def every_ms(self) -> float:
        """The median time between two pictures."""
        return statistics.median(self.watch.gaps_ms() or [0.0])

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

    @property
    def home(self) -> Path:
        """Where everything of the person lies whose screen it is."""
        return self.stage.directory / "home"

    def words(self) -> list[str]:
        """Return what to start the lock with; made before it is."""
        return []

    def variables(self) -> dict[str, str]:
        """Return the environment to start the lock with; made before it is. There nothing is enrolled."""
        self.home.mkdir(mode=0o700)
        return {
            "HOME": str(self.home),
            "XDG_DATA_HOME": f"{self.home}/data",
            "XDG_CONFIG_HOME": f"{self.home}/c",
        }

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
