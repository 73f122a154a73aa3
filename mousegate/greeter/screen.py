"""What the screen shows, as data; and what may be shown of a peer's text. No Qt."""

from dataclasses import dataclass
from enum import Enum
from typing import Final
from unicodedata import category

MAX_TEXT: Final = 220
"""Characters of a peer's text that are shown; more would not fit on the screen."""

_BREAKS: Final = frozenset({"Cc", "Zl", "Zp"})
_HIDDEN: Final = frozenset({"Cf", "Cs", "Co"})
"""Unicode general categories (UAX 44): what breaks a line, and what is not seen but may turn text around."""


class Phase(Enum):
    """Where the attempt is."""

    READY = "ready"  # nothing sent yet; the person types
    CHECKING = "checking"  # the peer, PAM or the recorder is at work
    PROMPT = "prompt"  # the peer asked the person something
    MOVING = "moving"  # the peer wants more movement than there was; it is being made
    CANCELLING = "cancelling"  # cancel_session sent; its answer is not a success
    WELCOME = "welcome"  # the peer said success; whoever started us will end us


class Tone(Enum):
    """How a message is meant."""

    INFO = "info"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Screen:
    """What the window shows now.

    prompt: what the first field asks for; empty means the password. secret: show dots for it.
    recovery: the second field is open. recovery_offered: the link to it is shown.
    failed: the last attempt came to nothing, and the next has not been submitted.
    gathered: while MOVING, how much of the movement that is needed has been made, 0 to 1.
    """

    phase: Phase = Phase.READY
    prompt: str = ""
    secret: bool = True
    message: str = ""
    tone: Tone = Tone.INFO
    recovery: bool = False
    recovery_offered: bool = False
    failed: bool = False
    gathered: float = 0.0

    @property
    def busy(self) -> bool:
        """Whether the person has to wait."""
        return self.phase in {Phase.CHECKING, Phase.CANCELLING}

    @property
    def state(self) -> str:
        """Where the attempt is: the phase, the prompt, or `recovery` or `failed` while READY."""
        if self.phase is Phase.PROMPT:
            return self.prompt
        if self.phase is not Phase.READY:
            return str(self.phase.value)
        if self.recovery:
            return "recovery"
        return "failed" if self.failed else "ready"


def wipe(secret: bytearray) -> None:
    """Overwrite and empty `secret`."""
    secret[:] = bytes(len(secret))
    secret.clear()


def readable(untrusted_text: str) -> str:
    """Return a peer's text as one line that can be shown: bounded, without controls or overrides."""
    spaced = (" " if category(c) in _BREAKS else c for c in untrusted_text[: 4 * MAX_TEXT])
    line = " ".join("".join(c for c in spaced if category(c) not in _HIDDEN).split())
    return line if len(line) <= MAX_TEXT else line[: MAX_TEXT - 1] + "…"
