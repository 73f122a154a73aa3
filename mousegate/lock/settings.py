"""How a keeper behaves: named sets of parameters, and the programs that it starts."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from mousegate.lock.grabs import GrabPatience


@dataclass(frozen=True)
class Commands:
    """The two programs of a pair. Tests name others on the command line; the environment never does."""

    greeter: tuple[str, ...] = (sys.executable, "-P", "-m", "mousegate.greeter")
    auth: tuple[str, ...] = (sys.executable, "-P", "-m", "mousegate.auth")


@dataclass(frozen=True)
class Limits:
    """How a pair is judged. Seconds of the monotonic clock, which stands still while the machine sleeps."""

    silence_s: float = 10.0  # ARCHITECTURE.md
    first_sign_s: float = 30.0  # a cold start of Qt and onnxruntime from a slow disk
    address_space_bytes: int = (
        4 << 30
    )  # auth: Argon2id takes 64 MiB and numpy reserves far more than it touches
    last_words_s: float = 2.0  # auth may end its PAM session after the nonce


@dataclass(frozen=True)
class Backoff:
    """How long to wait before a pair is started again: doubled by each failure, forgotten when one lived."""

    first_s: float = 0.2
    last_s: float = 5.0
    healthy_s: float = 30.0

    def next_s(self, previous_s: float, lived_s: float) -> float:
        """Return the wait after a pair that lived `lived_s`, when the wait before it was `previous_s`."""
        if lived_s >= self.healthy_s or previous_s == 0.0:
            return self.first_s
        return min(self.last_s, previous_s * 2)


@dataclass(frozen=True)
class Settings:
    """How a keeper behaves. `report` tells the supervisor `locked`, then `alive` at least once a tick."""

    report: Callable[[str], None]
    commands: Commands = field(default_factory=Commands)
    limits: Limits = field(default_factory=Limits)
    patience: GrabPatience = field(default_factory=GrabPatience)
    backoff: Backoff = field(default_factory=Backoff)
    succession_s: float = 0.5
    """How long a predecessor that is just dying may still own the selection."""
