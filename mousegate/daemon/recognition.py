"""The model and the person's store, composed: movement to scores and references."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mousegate.core.adaptation import extend, learned_stretch
from mousegate.core.decision import Comparison, Decision, Policy, decide
from mousegate.core.events import Events, PointerDevice
from mousegate.core.manifest import Condition
from mousegate.core.recogniser import Recogniser
from mousegate.core.reference import Reference
from mousegate.embedding.model import load_recogniser
from mousegate.errors import NotEnrolled
from mousegate.storage.store import Store

_LOG = logging.getLogger(__name__)
PROVENANCE: Final = "enrolled over D-Bus"


@dataclass(frozen=True, slots=True)
class Score:
    """How alike a stretch of movement is to its best reference.

    llr: nats, None for INCONCLUSIVE; condition: under which it was compared.
    """

    llr: float | None
    active_s: float
    label: str = ""
    condition: Condition = Condition.NATURAL


class Recognition:
    """Compares movement with the person's references and makes new ones.

    The model is loaded when first needed. Every method may raise ModelError or StoreError.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._model: Recogniser | None = None
        self._known: tuple[tuple[float, int], list[Reference], bytes] | None = None

    def references(self) -> list[Reference]:
        """Return every reference, newest first; none where there is no store."""
        return self._load()[0]

    def comparable(self, device: PointerDevice) -> list[Reference]:
        """Return the references that hold movement of this device class, or of one that is not known."""
        fitting = (device, PointerDevice.UNKNOWN)
        return [one for one in self.references() if one.motion is not None and one.device in fitting]

    def delete(self, label: str) -> int:
        """Delete the references of a label and return how many. Raises NotEnrolled."""
        store = Store.open(self._directory)
        if store is None:
            raise NotEnrolled(f"There is no reference called {label!r}: nobody is enrolled here.")
        with store:
            count = store.references.delete(label)
        self._known = None
        return count

    def score(self, recordings: Sequence[Events], device: PointerDevice) -> Score:
        """Compare movement with each fitting reference and return the best score."""
        model, key = self._ready(), self._load()[1]
        samples = {condition: model.sample(recordings, condition) for condition in Condition}
        scores = []
        for reference in self.comparable(device):
            assert reference.motion is not None
            sample = samples[reference.motion.condition]
            llr = model.score(reference.motion, sample, key)
            if llr is not None:
                active_s = sample.movement.active_s
                scores.append(Score(llr, active_s, reference.label, sample.condition))
        nothing = Score(None, samples[Condition.NATURAL].movement.active_s)
        return max(scores, key=lambda score: score.llr or 0.0, default=nothing)

    def decide(self, score: Score, operating_point: str) -> Decision:
        """Return the decision of motion alone at a named operating point."""
        scale = self._ready().manifest.scale(score.condition)
        point = scale.operating_point(operating_point, score.active_s)
        return decide(Comparison(rhythm=None, motion_llr=score.llr), Policy.MOTION, point)

    def enrol(self, label: str, recordings: Sequence[Events], device: PointerDevice) -> Reference:
        """Store a reference made of this movement, keeping the label's rhythm. Raises FailureToEnrol."""
        model = self._ready()
        with Store.create(self._directory) as store:
            old = [one for one in store.references.all() if (one.label, one.device) == (label, device)]
            made = model.enrol(recordings, store.key, old[0].motion if old else None)
            now_s = time.time()
            base = old[0] if old else Reference(label, device, None, None, now_s, now_s)
            reference = replace(base, motion=made, updated_s=now_s)
            store.references.put(reference, PROVENANCE)
        self._known = None
        return reference

    def extend(
        self, label: str, recordings: Sequence[Events], device: PointerDevice, origin: str, detail: str
    ) -> Reference:
        """Extend the reference of a label by movement that was proven to be the person's.

        Raises NotEnrolled where it has gone, or was made by another model.
        """
        model = self._ready()
        store = Store.open(self._directory)
        if store is None:
            raise NotEnrolled("Nobody is enrolled here any more.")
        with store:
            known = [one for one in self.comparable(device) if one.label == label and one.motion is not None]
            if not known or known[0].motion is None or known[0].motion.model_id != model.manifest.model_id:
                raise NotEnrolled(f"The reference {label!r} cannot be extended: enrol again.")
            anchor, learned = store.revisions.anchor(known[0])
            stretch = learned_stretch(model, recordings, store.key)
            extended = extend(anchor, [*learned, stretch], model, store.key)
            reference = store.revisions.extend(known[0], extended, stretch, origin, detail)
        self._known = None
        return reference

    def _ready(self) -> Recogniser:
        if self._model is None:
            self._model = load_recogniser()
        return self._model

    def _load(self) -> tuple[list[Reference], bytes]:
        """Return references and key, read again when the store's file has changed."""
        stamp = self._stamp()
        if self._known is None or self._known[0] != stamp:
            store = Store.open(self._directory)
            if store is None:
                return [], b""
            with store:
                self._known = (stamp, store.references.all(), store.key)
        return self._known[1], self._known[2]

    def _stamp(self) -> tuple[float, int]:
        from mousegate.storage.paths import data_directory
        from mousegate.storage.store import STORE_NAME

        try:
            facts = ((self._directory or data_directory()) / STORE_NAME).stat()
        except OSError:
            self._known = None
            return (0.0, 0)
        return (facts.st_mtime, facts.st_size)
