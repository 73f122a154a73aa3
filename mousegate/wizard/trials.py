"""Rehearsals on the real screen: the rhythm five times, and attempts judged as the lock judges them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from mousegate.capture.rehearsal import check_presented, rehearsal_screen
from mousegate.core import rhythm as rhythms
from mousegate.core.manifest import Manifest
from mousegate.core.probe import Probe, Rhythm, encode
from mousegate.core.rhythm import RhythmReference
from mousegate.errors import FailureToEnrol
from mousegate.storage import hashing
from mousegate.storage.config import Config
from mousegate.storage.judge import Judge, Missing, Verdict
from mousegate.storage.store import Store

OWN_TRIES: Final = 3
OTHERS_TRIES: Final = 1
_MOST_ASKED: Final = 8
"""Attempts in one go, those with too little movement included."""


@dataclass(frozen=True, slots=True)
class RepetitionTold:
    """One repetition: those that were taken before it, itself, and why it was refused (empty: it was taken).

    spread: per click, how much of the allowed variation all of them together use; above 1 is too much. Empty
    where it clicked something else.
    """

    taken: tuple[Rhythm, ...]
    rhythm: Rhythm
    problem: str
    spread: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at the copy of the lock. rhythm: whether it agreed, None where there was none to compare;
    motion_llr, threshold: of the movement, None where there was too little.
    """

    by_owner: bool
    passed: bool
    rhythm: bool | None
    motion_llr: float | None
    threshold: float | None
    missing: Missing


def take_rhythm(
    key: bytes, allow_synthetic: bool, told: Callable[[RepetitionTold], None]
) -> tuple[list[Probe], RhythmReference]:
    """Take five repetitions; return them, and what may be stored. Raises FailureToEnrol or DisplayError."""

    def hear(taken: Sequence[Probe], probe: Probe, problem: str) -> None:
        before = tuple(one.rhythm for one in taken)
        told(RepetitionTold(before, probe.rhythm, problem, rhythms.spread([*before, probe.rhythm])))

    with rehearsal_screen() as rehearsal:
        probes = rehearsal.collect(allow_synthetic, hear)
        try:
            sketch = rhythms.enrol([probe.rhythm for probe in probes])
        except FailureToEnrol as error:
            rehearsal.finish(str(error))
            raise
        rehearsal.finish("Your rhythm is taken.")
    return probes, hashing.protect(sketch, key)


def try_out(
    store: Store, config: Config, manifest: Manifest, by_owner: bool, told: Callable[[Attempt], None]
) -> int:
    """Judge attempts on the rehearsal screen until enough were made, and return how many were.

    The password is not checked: whoever tries is assumed to know it. One with too little to compare does
    not count. Raises FailureToEnrol when the screen is left before the first, and DisplayError.
    """
    judge = Judge(store, config, manifest, place="setup")
    wanted, made = (OWN_TRIES if by_owner else OTHERS_TRIES), 0
    try:
        with rehearsal_screen() as rehearsal:
            rehearsal.begin(_invitation(by_owner))
            for _ in range(_MOST_ASKED):
                probe = rehearsal.take(f"Attempt {made + 1} of {wanted}" if wanted > 1 else "Attempt")
                check_presented(probe, config.allow_synthetic)
                verdict = judge.judge(True, encode(probe), time.time())
                judge.note(verdict)
                attempt = _attempt(verdict, by_owner)
                if attempt.missing is Missing.NOTHING:
                    made += 1
                    told(attempt)
                if made == wanted:
                    break
                rehearsal.say("info" if attempt.passed else "error", describe(attempt))
            rehearsal.finish("Thank you." if made < wanted or not by_owner else describe(attempt))
    except FailureToEnrol:
        if not made:
            raise
    return made


def describe(attempt: Attempt) -> str:
    """Say what came of an attempt (here only: the lock itself never says which factor failed)."""
    if attempt.missing is Missing.MOVEMENT:
        return "Too little movement to compare. Move about for some seconds, then click your rhythm."
    if attempt.missing is Missing.RHYTHM:
        return "There were too few clicks. Click your rhythm, ending on Submit."
    if attempt.passed:
        return "That matched."
    if attempt.rhythm is False:
        return "The rhythm was another one."
    return (
        "The movement was not like yours." if attempt.by_owner else "The movement was not like the owner's."
    )


def _invitation(by_owner: bool) -> str:
    if by_owner:
        return "Do it as you would at the real lock: move to it, click your rhythm. Type anything or nothing."
    return "Try to get in: you know the password already. Copy the owner's clicks as well as you can."


def _attempt(verdict: Verdict, by_owner: bool) -> Attempt:
    entry = verdict.entry
    return Attempt(
        by_owner, verdict.unlocks, entry.rhythm, entry.motion_llr, entry.threshold, verdict.missing
    )
