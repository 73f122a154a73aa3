"""The rhythm: an ordered signature of clicks and how long each is held, kept as one salted hash.

The idea is the click-hold signature of the 2008 IBM developerWorks article on mouse signatures: where one
clicks, in which order, and how long each button stays down. Here it is enrolled from five repetitions and
kept as a public helper (core.sketch) and ONE Argon2id hash over salt, targets and bins, never as hold times.
The hash itself is made by storage.hashing; this module says what goes into it.
"""

import json
import math
import statistics
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from mousegate.core.probe import MAX_CLICKS, Rhythm, Target
from mousegate.core.sketch import HoldScale
from mousegate.core.strength import guessing_bits
from mousegate.errors import BadInput, FailureToEnrol

MIN_CLICKS: Final = 2
REPETITIONS: Final = 5
"""The article takes five."""

_DOMAIN: Final = b"mousegate rhythm 1\0"
_NAMES: Final = {
    Target.BACKGROUND: "the background",
    Target.FACE: "the picture",
    Target.PASSWORD: "the password box",
    Target.SUBMIT: "Submit",
}


@dataclass(frozen=True, slots=True)
class RhythmSketch:
    """What enrolment found. Only `scale` and `offsets` may be stored; `message` is the secret to be hashed.

    offsets: one public helper per click; strength_bits: see core.strength.
    """

    scale: HoldScale
    offsets: tuple[int, ...]
    message: bytes
    strength_bits: float

    def __repr__(self) -> str:
        """Say nothing that must not be logged."""
        return f"RhythmSketch({len(self.offsets)} clicks, {self.strength_bits:.1f} bits)"


@dataclass(frozen=True, slots=True)
class RhythmReference:
    """What is stored of a rhythm: the public helper, and the hash that decides.

    profile: name of the Argon2id parameters in storage.hashing; salt and digest: bytes.
    The helper leaks the number of clicks and each hold modulo the bin width (core.sketch), nothing else.
    """

    scale: HoldScale
    offsets: tuple[int, ...]
    profile: str
    salt: bytes
    digest: bytes
    strength_bits: float

    def __post_init__(self) -> None:
        """Raise BadInput on a reference that enrolment would not have written."""
        sound = (
            MIN_CLICKS <= len(self.offsets) <= MAX_CLICKS
            and all(0 <= offset < self.scale.step for offset in self.offsets)
            and len(self.salt) >= 16
            and len(self.digest) >= 16
            and math.isfinite(self.strength_bits)
            and self.strength_bits >= 0
        )
        if not sound:
            raise BadInput("A stored rhythm is damaged; delete that reference and enrol again.")

    def to_json(self) -> str:
        """Return the stored form."""
        return json.dumps(
            {
                "version": 1,
                "tolerance": self.scale.tolerance,
                "crossover_ms": self.scale.crossover_ms,
                "offsets": list(self.offsets),
                "profile": self.profile,
                "salt": self.salt.hex(),
                "digest": self.digest.hex(),
                "strength_bits": self.strength_bits,
            }
        )

    @classmethod
    def from_json(cls, untrusted_text: str) -> "RhythmReference":
        """Parse the stored form. Raises BadInput on anything that `to_json` would not have written."""
        try:
            stored = json.loads(untrusted_text)
            if not isinstance(stored, dict) or stored.pop("version", None) != 1:
                raise ValueError("version")
            return cls(
                scale=HoldScale(_whole(stored.pop("tolerance")), _whole(stored.pop("crossover_ms"))),
                offsets=tuple(_whole(offset) for offset in stored.pop("offsets")),
                profile=str(stored.pop("profile")),
                salt=bytes.fromhex(stored.pop("salt")),
                digest=bytes.fromhex(stored.pop("digest")),
                strength_bits=float(stored.pop("strength_bits")),
            )
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as cause:
            raise BadInput("A stored rhythm is damaged; delete that reference and enrol again.") from cause


def enrol(repetitions: Sequence[Rhythm], scale: HoldScale | None = None) -> RhythmSketch:
    """Find the helper and the secret message of a rhythm from its repetitions.

    The enrolled position of each click is the midpoint of its repetitions, so that all of them verify.
    Raises FailureToEnrol naming the click and the repetition when the clicks are too few or too many, do not
    land on the same targets in the same order, or are held too unevenly to be told apart from a guess.
    """
    scale = scale or HoldScale()
    if len(repetitions) < REPETITIONS:
        raise FailureToEnrol(f"{REPETITIONS} repetitions are needed, not {len(repetitions)}. Do it again.")
    first = repetitions[0]
    for number, repetition in enumerate(repetitions, 1):
        check_same_clicks(first, repetition, number)
    centres = [_centre(scale, repetitions, click) for click in range(len(first))]
    offsets = tuple(scale.offset(centre) for centre in centres)
    bins = [(centre - offset) // scale.step for centre, offset in zip(centres, offsets, strict=True)]
    message = _message([click.target for click in first], bins)
    return RhythmSketch(scale, offsets, message, guessing_bits(scale, offsets, bins))


def secret_message(reference: RhythmReference, rhythm: Rhythm) -> bytes:
    """Return what to hash for `rhythm`; equal to the enrolled message only within every tolerance.

    A rhythm of another number of clicks gives a message that no enrolment writes, so that the caller does
    the same work for it. Pure; raises nothing.
    """
    if len(rhythm) != len(reference.offsets):
        return _DOMAIN + b"another number of clicks"
    scale = reference.scale
    bins = [scale.bin(click.hold_ms, offset) for click, offset in zip(rhythm, reference.offsets, strict=True)]
    return _message([click.target for click in rhythm], bins)


def check_same_clicks(first: Rhythm, rhythm: Rhythm, number: int) -> None:
    """Raise FailureToEnrol when repetition `number` does not click what the first did, in that order."""
    if not MIN_CLICKS <= len(rhythm) <= MAX_CLICKS:
        raise FailureToEnrol(
            f"Repetition {number} has {_count(len(rhythm))}; a rhythm has {MIN_CLICKS} to {MAX_CLICKS}. "
            "Do it again."
        )
    for place, (expected, click) in enumerate(zip(first, rhythm, strict=False), 1):
        if click.target != expected.target:
            raise FailureToEnrol(
                f"Click {place} of repetition {number} was on {_NAMES[click.target]}, not on "
                f"{_NAMES[expected.target]} as in the first. "
                "Click the same places in the same order each time."
            )
    if len(rhythm) != len(first):
        raise FailureToEnrol(
            f"Repetition {number} has {_count(len(rhythm))}, the first has {len(first)}: click "
            f"{min(len(rhythm), len(first)) + 1} is "
            f"{'missing' if len(rhythm) < len(first) else 'one too many'}. Do the same each time."
        )


def check_fits(taken: Sequence[Rhythm], rhythm: Rhythm) -> None:
    """Raise FailureToEnrol, saying why, when `rhythm` cannot be the next repetition after those taken.

    So a rehearsal can refuse one repetition at once rather than all of them at the end.
    """
    check_same_clicks(taken[0] if taken else rhythm, rhythm, len(taken) + 1)
    for click in range(len(rhythm)):
        _centre(HoldScale(), [*taken, rhythm], click)


def spread(repetitions: Sequence[Rhythm]) -> tuple[float, ...]:
    """Return per click how much of the variation that is allowed these repetitions use: above 1 is too much.

    Empty where they do not all click the same targets in the same order.
    """
    scale = HoldScale()
    if len({tuple(click.target for click in repetition) for repetition in repetitions}) != 1:
        return ()
    positions = [[scale.position(click.hold_ms) for click in repetition] for repetition in repetitions]
    return tuple((max(one) - min(one)) / (2 * scale.tolerance) for one in zip(*positions, strict=True))


def _centre(scale: HoldScale, repetitions: Sequence[Rhythm], click: int) -> int:
    """Return the enrolled position of one click. Raises FailureToEnrol when its holds vary too much."""
    holds_ms = [repetition[click].hold_ms for repetition in repetitions]
    positions = [scale.position(hold_ms) for hold_ms in holds_ms]
    if max(positions) - min(positions) > 2 * scale.tolerance:
        name = f"Click {click + 1}, on {_NAMES[repetitions[0][click].target]},"
        raise FailureToEnrol(
            f"{name} varied from {min(holds_ms)} to {max(holds_ms)} ms; {_odd_one(holds_ms)}"
        )
    return (min(positions) + max(positions)) // 2


def _odd_one(holds_ms: Sequence[int]) -> str:
    """Say which repetition stands out, where there are enough to tell."""
    if len(holds_ms) < 3:
        return "hold it as long each time."
    middle_ms = statistics.median(holds_ms)
    odd = max(range(len(holds_ms)), key=lambda number: abs(holds_ms[number] - middle_ms))
    return (
        f"most were near {middle_ms:.0f} ms, and repetition {odd + 1} was the furthest off. "
        "Hold it as long each time."
    )


def _message(targets: Sequence[Target], bins: Sequence[int]) -> bytes:
    pairs = (struct.pack("<Bh", target, own) for target, own in zip(targets, bins, strict=True))
    return _DOMAIN + bytes([len(bins)]) + b"".join(pairs)


def _whole(untrusted_value: Any) -> int:
    if type(untrusted_value) is not int:
        raise ValueError("not a whole number")
    return untrusted_value


def _count(clicks: int) -> str:
    return f"{clicks} click" if clicks == 1 else f"{clicks} clicks"
