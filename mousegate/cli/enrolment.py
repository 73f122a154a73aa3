"""What `mousegate enrol` does: compose capture, core, embedding and storage into one reference."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mousegate.cli.output import Facts, progress
from mousegate.cli.references import reference_facts
from mousegate.core import rhythm as rhythms
from mousegate.core.decision import Comparison, Decision, Policy, decide
from mousegate.core.events import Events, PointerDevice
from mousegate.core.manifest import Manifest
from mousegate.core.motion import MotionReference
from mousegate.core.probe import Probe
from mousegate.core.reference import Reference
from mousegate.core.rhythm import RhythmReference
from mousegate.errors import DisplayError, FailureToEnrol
from mousegate.storage import config as configuration
from mousegate.storage import hashing
from mousegate.storage.config import Config
from mousegate.storage.references import check_label
from mousegate.storage.store import Store

WEAK_BITS: Final = 7.0
"""Below about a hundred guesses a rhythm adds little; the attempt counter allows some 300 guesses a day."""

VERIFY_POINT: Final = "fnmr3"
"""Of five short rehearsals by the person enrolled, all fail here about never (0.03 to the fifth)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to enrol. record_s: seconds of live movement, or None. device: of the recordings, if told."""

    label: str
    recordings: tuple[Path, ...]
    rhythm: bool
    record_s: float | None
    device: PointerDevice = PointerDevice.UNKNOWN
    arm: bool = True


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What came of it.

    missing: factors that the policy needs and the reference lacks. unlike: the movement of the rehearsal did
    not match the movement enrolled, so the lock was not armed.
    """

    reference: Reference
    armed: bool
    missing: tuple[str, ...]
    unlike: bool
    codes: tuple[str, ...]

    def facts(self) -> Facts:
        """Return it for a program."""
        return {
            "reference": reference_facts(self.reference),
            "armed": self.armed,
            "missing": list(self.missing),
            "unlike": self.unlike,
            "codes": list(self.codes),
        }

    def lines(self) -> list[str]:
        """Return it for a person."""
        reference = self.reference
        lines = [f"Enrolled as {reference.label!r} ({reference.device.name.lower()} device)."]
        if reference.motion:
            lines.append(f"Movement: {reference.motion.active_s:.0f} s.")
        if reference.rhythm:
            bits = reference.rhythm.strength_bits
            lines.append(f"Rhythm: {len(reference.rhythm.offsets)} clicks, {bits:.1f} bits.")
            if bits < WEAK_BITS:
                lines.append("That is weak: add clicks, and hold some of them deliberately long or short.")
        if self.missing:
            lines.append(
                f"Your policy also needs {' and '.join(self.missing)}; until then the password alone unlocks."
            )
        elif self.unlike:
            lines.append(
                "Your movement while rehearsing did not match the movement enrolled, so the lock does not "
                "ask for it yet. Record more of it (mousegate enrol --record 180), and rehearse again."
            )
        elif self.armed:
            lines.append("From now on the lock asks for it besides your password.")
        if self.codes:
            lines.append("Recovery codes, each good once in place of the signature (print them now):")
            lines += [f"    {code}" for code in self.codes]
        return lines


def enrol(wish: Wish) -> Enrolment:
    """Enrol what `wish` names into one reference, all or nothing.

    Raises FailureToEnrol, BadInput, ModelError, DisplayError, StoreError or ConfigurationError, and changes
    nothing then.
    """
    check_label(wish.label)
    config = configuration.load()
    events, device = _gather(wish, config)
    with Store.create() as store:
        rhythm = None
        probes: list[Probe] = []
        if wish.rhythm:
            probes, rhythm = _take_rhythm(config, store.key)
            device = _most_seen(probes) or device
        with store.transaction():
            before = _predecessor(store, wish.label, device)
            learned = _learn(before.motion if before else None, events, probes, store.key)
            reference = _merge(store, wish.label, device, rhythm, learned.motion)
            return _finish(store, reference, config, wish.arm, learned.unlike)


@dataclass(frozen=True, slots=True)
class _Learned:
    """The new motion reference, None where nothing is new.

    unlike: the rehearsals were unlike the movement known before them; afterwards they are part of it.
    """

    motion: MotionReference | None
    unlike: bool = False


def _learn(
    before: MotionReference | None, events: Sequence[Events], probes: Sequence[Probe], key: bytes
) -> _Learned:
    """Make the motion reference of new recordings, of new rehearsals, or of both."""
    if not events and (before is None or not probes):
        return _Learned(None)
    from mousegate.embedding.model import load_recogniser

    recogniser = load_recogniser()
    known = recogniser.enrol(events, key, before) if events else before
    assert known is not None
    unlike = _is_unlike(known, probes, recogniser.manifest, key)
    return _Learned(recogniser.rehearse(known, probes, key), unlike)


def _gather(wish: Wish, config: Config) -> tuple[list[Events], PointerDevice]:
    """Return the recordings named and the one made now, and the device if it is known."""
    from mousegate.cli.movement import read_recordings

    events = read_recordings(wish.recordings) if wish.recordings else []
    if wish.record_s is None:
        return events, wish.device
    live, device = record_live(wish.record_s, config.allow_synthetic)
    return [*events, live], wish.device or device


def record_live(duration_s: float, allow_synthetic: bool) -> tuple[Events, PointerDevice]:
    """Record live movement. Raises DisplayError, or FailureToEnrol when a program moved the pointer."""
    from mousegate.capture.devices import DeviceWatcher
    from mousegate.capture.xrecord import Recorder

    with Recorder() as recorder, DeviceWatcher() as devices:
        end = time.monotonic() + duration_s
        with progress("Move your mouse as you always do", duration_s) as steps:
            while (remaining_s := end - time.monotonic()) > 0 and recorder.failure is None:
                tick_s = min(0.5, remaining_s)
                recorder.wait_until(lambda events: False, tick_s)
                steps.advance(tick_s)
        events = recorder.take()
        if recorder.failure is not None:
            raise DisplayError(str(recorder.failure))
        if devices.saw_synthetic(len(events)) and not allow_synthetic:
            raise FailureToEnrol("A program moved the pointer while you did. Stop it, and record again.")
        return events, devices.dominant()


def _take_rhythm(config: Config, key: bytes) -> tuple[list[Probe], RhythmReference]:
    """Take five repetitions on the rehearsal screen and hash them; check the last one against the hash."""
    from mousegate.capture.rehearsal import rehearsal_screen

    with rehearsal_screen() as rehearsal:
        probes = rehearsal.collect(config.allow_synthetic)
        try:
            sketch = rhythms.enrol([probe.rhythm for probe in probes])
        except FailureToEnrol as error:
            rehearsal.finish(str(error))
            raise
        rehearsal.finish("Your rhythm is enrolled.")
    reference = hashing.protect(sketch, key)
    if not hashing.matches(reference, probes[-1].rhythm, key):
        raise FailureToEnrol("The rhythm does not verify against itself. Please report this.")
    return probes, reference


def _most_seen(probes: Sequence[Probe]) -> PointerDevice:
    """Return the device class of most probes; UNKNOWN, which is false, without any."""
    devices = [probe.device for probe in probes]
    return max(devices, key=devices.count, default=PointerDevice.UNKNOWN)


def _merge(
    store: Store,
    label: str,
    device: PointerDevice,
    rhythm: RhythmReference | None,
    motion: MotionReference | None,
) -> Reference:
    """Put what is new beside what the label already holds, and store it.

    Recordings do not tell the device, so a reference of an unknown one becomes that of the first known one.
    """
    now_s = time.time()
    old = _predecessor(store, label, device)
    if old is None:
        reference = Reference(label, device, rhythm, motion, now_s, now_s)
    else:
        if old.device is PointerDevice.UNKNOWN and device is not PointerDevice.UNKNOWN:
            old = store.references.replace_device(old, device)
        reference = replace(old, rhythm=rhythm or old.rhythm, motion=motion or old.motion, updated_s=now_s)
    made = [name for name, part in (("rhythm", rhythm), ("movement", motion)) if part]
    store.references.put(reference, provenance=" and ".join(made))
    return reference


def _predecessor(store: Store, label: str, device: PointerDevice) -> Reference | None:
    own = [reference for reference in store.references.all() if reference.label == label]
    for reference in own:
        if device in (reference.device, PointerDevice.UNKNOWN):
            return reference
    return next((reference for reference in own if reference.device is PointerDevice.UNKNOWN), None)


def _finish(store: Store, reference: Reference, config: Config, arm: bool, unlike: bool) -> Enrolment:
    """Arm the lock once the reference holds what the policy needs; make recovery codes before that.

    It is not armed when movement counts and the repetitions just made were `unlike` it.
    """
    policy = Policy(config.policy)
    missing = []
    if reference.rhythm is None and policy is not Policy.MOTION:
        missing.append("a rhythm (mousegate enrol --rhythm)")
    if reference.motion is None and policy is not Policy.RHYTHM:
        missing.append("movement (mousegate enrol --record 60)")
    unlike = unlike and policy is not Policy.RHYTHM
    codes: list[str] = []
    if arm and not missing and not unlike:
        codes = [] if store.recovery.count() else store.recovery.renew()
        store.settings.arm()
    elif not store.settings.armed:
        store.settings.disarm()
    return Enrolment(reference, store.settings.armed, tuple(missing), unlike, tuple(codes))


def _is_unlike(reference: MotionReference, probes: Sequence[Probe], manifest: Manifest, key: bytes) -> bool:
    """Tell whether the movement in the probes could be compared, and none of it matched at VERIFY_POINT."""
    from mousegate.core import motion

    decisions = []
    for probe in probes:
        point = manifest.lock.operating_point(VERIFY_POINT, probe.active_s)
        comparison = Comparison(rhythm=None, motion_llr=motion.score(reference, probe, manifest, key))
        decisions.append(decide(comparison, Policy.MOTION, point))
    return Decision.NON_MATCH in decisions and Decision.MATCH not in decisions
