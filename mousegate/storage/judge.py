"""Judges one attempt: password, and probe or recovery code. Plain logic over a store; no socket, no PAM.

Every attempt costs the same work whichever factor is wrong, and only `Verdict.unlocks` ever opens anything.
"""

import logging
import math
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from mousegate.core import motion
from mousegate.core.decision import Comparison, Decision, OperatingPoint, Policy, decide
from mousegate.core.events import PointerDevice
from mousegate.core.manifest import Manifest
from mousegate.core.probe import RECOVERY_PREFIX, AttackFlag, Probe, decode
from mousegate.core.reference import Reference
from mousegate.core.rhythm import MIN_CLICKS
from mousegate.errors import BadInput
from mousegate.storage import hashing
from mousegate.storage.config import Config
from mousegate.storage.decisions import LoggedDecision
from mousegate.storage.store import Store

_LOG: Final = logging.getLogger(__name__)
_NEEDS: Final = {
    Policy.ALL: ("rhythm", "motion"),
    Policy.FUSED: ("rhythm", "motion"),
    Policy.RHYTHM: ("rhythm",),
    Policy.MOTION: ("motion",),
}


class Missing(Enum):
    """What a probe has too little of. More movement can be made in the same attempt; a rhythm cannot."""

    NOTHING = "nothing"
    RHYTHM = "rhythm"
    MOVEMENT = "movement"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one attempt.

    unlocks: the whole decision. missing: what the probe itself held too little of to be compared. It depends
        on nothing but the probe, so that saying it tells nobody whether the password was right.
    entry: for the log. digest: of the probe, by which its replay is known; empty where there is none.
    """

    unlocks: bool
    missing: Missing
    entry: LoggedDecision
    digest: bytes = b""

    @property
    def too_little(self) -> bool:
        """Whether the probe held too little of something."""
        return self.missing is not Missing.NOTHING

    def with_accepted(self, opens: bool) -> "Verdict":
        """Return this verdict with what came of it in the end: PAM may still refuse the account."""
        return replace(self, entry=replace(self.entry, accepted=opens))


@dataclass(frozen=True, slots=True)
class _Compared:
    """A probe's comparison, with what it was compared."""

    label: str
    digest: bytes
    comparison: Comparison
    point: OperatingPoint


@dataclass(frozen=True, slots=True)
class Judge:
    """Compares what one person presents with what the store holds.

    manifest: of the model, or None when it is missing or altered: then motion cannot be compared, and
    never matches. place: what is guarded (`lock`, `login`); a probe seen there before is a replay.
    """

    store: Store
    config: Config
    manifest: Manifest | None
    place: str = "lock"

    def judge(self, password_ok: bool, untrusted_answer: str, now_s: float) -> Verdict:
        """Return the verdict on a password result and the answer to `mousegate-probe:1`.

        A recovery code that unlocks is spent. Raises StoreError when the store cannot be read or written.
        """
        if untrusted_answer.startswith(RECOVERY_PREFIX):
            return self._judge_code(password_ok, untrusted_answer.removeprefix(RECOVERY_PREFIX), now_s)
        return self._judge_probe(password_ok, untrusted_answer, now_s)

    def conclude(self, verdict: Verdict) -> None:
        """Write a verdict down, and forget earlier failures if it opens the screen. Raises StoreError."""
        with self.store.transaction():
            self.note(verdict)
            if verdict.entry.accepted:
                self.store.attempts.clear()

    def note(self, verdict: Verdict) -> None:
        """Write a verdict down, and know its probe again. Raises StoreError."""
        with self.store.transaction():
            if verdict.digest:
                self.store.seen.note(verdict.digest, self.place)
            self.store.decisions.append(verdict.entry)

    def _judge_code(self, password_ok: bool, untrusted_code: str, now_s: float) -> Verdict:
        found = self.store.recovery.find(untrusted_code)
        unlocks = password_ok is True and found is not None and self.store.recovery.spend(found)
        word = "recovery" if unlocks else Decision.NON_MATCH.value
        return Verdict(unlocks, Missing.NOTHING, self._entry(now_s, word, unlocks, password_ok))

    def _judge_probe(self, password_ok: bool, untrusted_answer: str, now_s: float) -> Verdict:
        probe = _parse(untrusted_answer)
        compared = self._compare(probe)
        policy = Policy(self.config.policy)
        decision = decide(compared.comparison, policy, compared.point)
        if self.asks_for_signature():
            unlocks, word = password_ok is True and decision is Decision.MATCH, decision.value
            missing = _missing(policy, probe, self.manifest)
        else:
            unlocks, word, missing = password_ok is True, "password", Missing.NOTHING
        entry = self._entry(now_s, word, unlocks, password_ok, compared)
        return Verdict(unlocks, missing, entry, compared.digest)

    def asks_for_signature(self) -> bool:
        """Tell whether more than the password is needed. Anything unclear needs more."""
        if self.store.settings.disarmed:
            return False
        return self.config.unenrolled != "password" or bool(self.store.references.all())

    def notice(self) -> str:
        """Return what is wrong with what is stored, in one line, or nothing.

        It is shown before the password is asked, so that it says nothing about it. A recovery code, which the
        line names, still works.
        """
        if not self.asks_for_signature():
            return ""
        references = [r for r in self.store.references.all() if self.config.reference in ("", r.label)]
        needs = _NEEDS[Policy(self.config.policy)]
        if not references:
            return "Nothing is enrolled that could match. Use a recovery code."
        if "motion" in needs:
            if self.manifest is None:
                return "The model is missing or altered, so movement cannot be compared. Use a recovery code."
            motions = [r.motion for r in references if r.motion]
            if not any(reference.model_id == self.manifest.model_id for reference in motions):
                return "Your movement is not enrolled with this model. Use a recovery code, then enrol again."
        if "rhythm" in needs and not any(r.rhythm for r in references):
            return "Your rhythm is not enrolled. Use a recovery code, then run `mousegate enrol --rhythm`."
        return ""

    def _compare(self, probe: Probe | None) -> _Compared:
        """Compare every factor, with the same work whatever there is to compare."""
        device = probe.device if probe else PointerDevice.UNKNOWN
        reference = self.store.references.find(self.config.reference, device, self._suits)
        enrolled = reference.rhythm if reference else None
        rhythm, llr = None, None
        if enrolled is None or probe is None:
            hashing.waste(self.store.key)
        else:
            agrees = hashing.matches(enrolled, probe.rhythm, self.store.key)
            rhythm = agrees if len(probe.rhythm) >= MIN_CLICKS else None
        if probe is not None and reference is not None and reference.motion is not None and self.manifest:
            llr = motion.score(reference.motion, probe, self.manifest, self.store.key)
        digest = self._digest(probe) if probe else b""
        comparison = Comparison(
            rhythm=rhythm,
            motion_llr=llr,
            rhythm_bits=enrolled.strength_bits if enrolled else 0.0,
            attack=self._attack(probe, digest) if probe else "",
        )
        point = self._operating_point(probe.active_s if probe else 0.0)
        return _Compared(reference.label if reference else "", digest, comparison, point)

    def _suits(self, reference: Reference) -> bool:
        """Tell whether a reference holds what the policy needs, made with this model."""
        needs = _NEEDS[Policy(self.config.policy)]
        model_id = self.manifest.model_id if self.manifest else b""
        moves = reference.motion is not None and reference.motion.model_id == model_id
        return (reference.rhythm is not None or "rhythm" not in needs) and (moves or "motion" not in needs)

    def _digest(self, probe: Probe) -> bytes:
        """Return what a replay of the probe is known by; a rhythm alone can honestly recur to the ms."""
        if not len(probe.embedding):
            return b""
        clicks = (bytes([click.target]) + click.hold_ms.to_bytes(2, "little") for click in probe.rhythm)
        return self.store.seen.digest(probe.embedding.tobytes() + b"".join(clicks))

    def _attack(self, probe: Probe, digest: bytes) -> str:
        """Return why the probe is an attack, or nothing."""
        synthetic = AttackFlag.SYNTHETIC_DEVICE in probe.attack or probe.device is PointerDevice.XTEST
        if digest and self.store.seen.holds(digest, self.place):
            return "replayed"
        if AttackFlag.MACHINE_STRAIGHT in probe.attack:
            return "machine-straight"
        if synthetic and not self.config.allow_synthetic:
            return "synthetic"
        return ""

    def _operating_point(self, active_s: float) -> OperatingPoint:
        """Return the operating point, or one that no score reaches where there is no model."""
        if self.manifest is None:
            return OperatingPoint(self.config.operating_point, math.inf, 1.0, 1.0, 0.0)
        return self.manifest.lock.operating_point(self.config.operating_point, active_s)

    def _entry(
        self, now_s: float, word: str, accepted: bool, password_ok: bool, compared: _Compared | None = None
    ) -> LoggedDecision:
        comparison = compared.comparison if compared else Comparison(None, None)
        threshold = compared.point.threshold if compared else math.inf
        return LoggedDecision(
            time_s=now_s,
            place=self.place,
            decision=word,
            accepted=accepted,
            password=password_ok,
            rhythm=comparison.rhythm,
            motion_llr=comparison.motion_llr,
            attack=comparison.attack,
            label=compared.label if compared else "",
            policy=self.config.policy,
            operating_point=self.config.operating_point,
            threshold=threshold if math.isfinite(threshold) else None,
        )


def _parse(untrusted_answer: str) -> Probe | None:
    try:
        return decode(untrusted_answer)
    except BadInput as error:
        _LOG.warning("the probe is not one: %s", error)
        return None


def _missing(policy: Policy, probe: Probe | None, manifest: Manifest | None) -> Missing:
    """Return what the policy needs and the probe has too little of, whatever there is to compare it with."""
    if probe is None or manifest is None:
        return Missing.NOTHING
    if len(probe.rhythm) < MIN_CLICKS and policy is not Policy.MOTION:
        return Missing.RHYTHM
    enough = probe.windows > 0 and probe.active_s >= manifest.head.least_probe_s
    return Missing.NOTHING if enough or policy is Policy.RHYTHM else Missing.MOVEMENT
