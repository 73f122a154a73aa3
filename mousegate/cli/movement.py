"""From recordings to what enrolment and verification compare: windows, embeddings, a probe."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mousegate.capture import formats
from mousegate.cli.output import progress
from mousegate.core import motion
from mousegate.core.events import Events, PointerDevice
from mousegate.core.manifest import Manifest
from mousegate.core.motion import MotionReference
from mousegate.core.probe import Probe
from mousegate.core.windows import Windows, extract, merge, movement_alone
from mousegate.embedding.manifest import load_cohort, load_manifest, movement_directory
from mousegate.embedding.onnx import OnnxEmbedder


@dataclass(frozen=True, slots=True)
class Movement:
    """Windows of active movement, and the embedding of each (float32, n by dimensions)."""

    windows: Windows
    embeddings: NDArray[np.float32]
    manifest: Manifest


def read_recordings(paths: Sequence[Path]) -> list[Events]:
    """Read recordings. Raises BadInput naming the file, line and reason."""
    with progress("Reading", len(paths)) as steps:
        events = []
        for path in paths:
            events.append(formats.read(path))
            steps.advance()
    return events


def embed(recordings: Sequence[Events]) -> Movement:
    """Cut and embed recordings; none of their windows spans two. Raises ModelError."""
    manifest = load_manifest(movement_directory())
    embedder = OnnxEmbedder(manifest)
    windows = merge([extract(movement_alone(events)) for events in recordings])
    return Movement(windows, embedder.embed(windows.values), manifest)


def enrol_movement(recordings: Sequence[Events], secret: bytes) -> MotionReference:
    """Make a motion reference under the person's secret. Raises FailureToEnrol or ModelError."""
    movement = embed(recordings)
    cohort = load_cohort(movement.manifest, movement_directory())
    return motion.enrol(movement.embeddings, movement.windows, movement.manifest, cohort, secret)


def probe_from(movement: Movement) -> Probe:
    """Return a probe of movement alone; recordings do not tell the device nor where clicks landed."""
    mean = motion.mean_probe(movement.embeddings, movement.windows)
    return Probe(
        model_id=movement.manifest.model_id,
        device=PointerDevice.UNKNOWN,
        rhythm=(),
        embedding=mean.embedding,
        windows=mean.windows,
        active_s=mean.active_s,
        quality=mean.quality,
    )
