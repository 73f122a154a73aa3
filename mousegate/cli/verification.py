"""What `mousegate verify` does: compare the movement in recordings with a reference."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mousegate.cli.output import Facts
from mousegate.core.decision import Comparison, Decision, OperatingPoint, Policy, decide
from mousegate.core.motion import MeanProbe
from mousegate.core.reference import Reference
from mousegate.errors import NotEnrolled
from mousegate.storage import config as configuration
from mousegate.storage.decisions import LoggedDecision
from mousegate.storage.store import Store

_EXIT = {Decision.MATCH: 0, Decision.NON_MATCH: 1, Decision.INCONCLUSIVE: 2}


@dataclass(frozen=True, slots=True)
class Verification:
    """The comparison and its decision at an operating point. moved: what there was to compare."""

    reference: Reference
    moved: MeanProbe
    llr: float | None
    point: OperatingPoint
    decision: Decision

    @property
    def exit_status(self) -> int:
        """0 match, 1 non-match, 2 inconclusive."""
        return _EXIT[self.decision]

    def facts(self) -> Facts:
        """Return it for a program."""
        return {
            "decision": self.decision.value,
            "condition": self.reference.motion.condition.value if self.reference.motion else None,
            "motion_llr": self.llr,
            "threshold": self.point.threshold,
            "operating_point": self.point.name,
            "fmr": self.point.fmr,
            "fnmr": self.point.fnmr,
            "label": self.reference.label,
            "device": self.reference.device.name.lower(),
            "windows": self.moved.windows,
            "active_s": self.moved.active_s,
            "quality": self.moved.quality,
        }

    def line(self) -> str:
        """Return it for a person."""
        if self.llr is None:
            return f"inconclusive: {self.moved.active_s:.1f} s of movement are too little to compare."
        return (
            f"{self.decision.value}: score {self.llr:+.2f}, threshold {self.point.threshold:+.2f} "
            f"({self.point.name}: a stranger passes {100 * self.point.fmr:.2g} % of the time, "
            f"{self.reference.label!r} is refused {100 * self.point.fnmr:.2g} %)."
        )


def verify(recordings: Sequence[Path], label: str) -> Verification:
    """Compare recordings with the newest reference that holds movement and is called `label` (empty: any).

    Raises NotEnrolled, BadInput, ModelError or StoreError. The decision is written down in the store.
    """
    store = Store.open()
    if store is None:
        raise NotEnrolled("Nobody is enrolled here. `mousegate enrol --from REC` makes a reference.")
    with store:
        reference = _find(store, label)
        from mousegate.cli.movement import read_recordings
        from mousegate.embedding.model import load_recogniser

        config = configuration.load()
        recogniser = load_recogniser()
        assert reference.motion is not None
        condition = reference.motion.condition
        sample = recogniser.sample(read_recordings(recordings), condition)
        llr = recogniser.score(reference.motion, sample, store.key)
        scale = recogniser.manifest.scale(condition)
        point = scale.operating_point(config.operating_point, sample.movement.active_s)
        decision = decide(Comparison(rhythm=None, motion_llr=llr), Policy.MOTION, point)
        store.decisions.append(
            LoggedDecision(
                time_s=time.time(),
                place="verify",
                decision=decision.value,
                accepted=decision is Decision.MATCH,
                password=None,
                rhythm=None,
                motion_llr=llr,
                attack="",
                label=reference.label,
                policy=Policy.MOTION.value,
                operating_point=point.name,
                threshold=point.threshold,
            )
        )
        return Verification(reference, sample.movement, llr, point, decision)


def _find(store: Store, label: str) -> Reference:
    for reference in store.references.all():
        if label in ("", reference.label) and reference.motion is not None:
            return reference
    name = f" called {label!r}" if label else ""
    raise NotEnrolled(f"There is no reference{name} with movement. `mousegate enrol --from REC` makes one.")
