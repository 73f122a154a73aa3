"""The model and the person's store, composed: windows to embeddings to scores and references."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mousegate.core import motion
from mousegate.core.decision import Comparison, Decision, Policy, decide
from mousegate.core.events import Events, PointerDevice
from mousegate.core.probe import Probe
from mousegate.core.reference import Reference
from mousegate.core.windows import extract, merge, movement_alone
from mousegate.embedding.manifest import load_cohort, load_manifest, movement_directory
from mousegate.embedding.onnx import OnnxEmbedder
from mousegate.errors import NotEnrolled
from mousegate.storage.store import Store

_LOG = logging.getLogger(__name__)
PROVENANCE: Final = "enrolled over D-Bus"


@dataclass(frozen=True, slots=True)
class Score:
    """How alike a stretch of movement is to its best reference. llr: nats, None for INCONCLUSIVE."""

    llr: float | None
    active_s: float
    label: str = ""


class Recogniser:
    """Compares movement with the person's references and makes new ones.

    The model is loaded when first needed. Every method may raise ModelError or StoreError.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._embedder: OnnxEmbedder | None = None
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
        probe = self._probe(recordings, device)
        references, key = self.comparable(device), self._load()[1]
        scored = [
            (llr, reference.label)
            for reference in references
            if reference.motion is not None
            and (llr := motion.score(reference.motion, probe, self._manifest, key)) is not None
        ]
        if not scored:
            return Score(None, probe.active_s)
        llr, label = max(scored)
        return Score(llr, probe.active_s, label)

    def decide(self, score: Score, operating_point: str) -> Decision:
        """Return the decision of motion alone at a named operating point."""
        self._ready()
        point = self._manifest.operating_point(operating_point, score.active_s)
        return decide(Comparison(rhythm=None, motion_llr=score.llr), Policy.MOTION, point)

    def enrol(self, label: str, recordings: Sequence[Events], device: PointerDevice) -> Reference:
        """Store a reference made of this movement, keeping the label's rhythm. Raises FailureToEnrol."""
        embedder = self._ready()
        windows = merge([extract(movement_alone(events)) for events in recordings])
        embeddings = embedder.embed(windows.values)
        with Store.create(self._directory) as store:
            made = motion.enrol(
                embeddings,
                windows,
                self._manifest,
                load_cohort(self._manifest, movement_directory()),
                store.key,
            )
            now_s = time.time()
            old = [one for one in store.references.all() if (one.label, one.device) == (label, device)]
            base = old[0] if old else Reference(label, device, None, None, now_s, now_s)
            reference = replace(base, motion=made, updated_s=now_s)
            store.references.put(reference, PROVENANCE)
        self._known = None
        return reference

    def _probe(self, recordings: Sequence[Events], device: PointerDevice) -> Probe:
        windows = merge([extract(movement_alone(events)) for events in recordings])
        mean = motion.mean_probe(self._ready().embed(windows.values), windows)
        return Probe(
            self._manifest.model_id, device, (), mean.embedding, mean.windows, mean.active_s, mean.quality
        )

    def _ready(self) -> OnnxEmbedder:
        if self._embedder is None:
            self._manifest = load_manifest(movement_directory())
            self._embedder = OnnxEmbedder(self._manifest)
        return self._embedder

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
