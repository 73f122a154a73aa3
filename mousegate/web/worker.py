"""What runs in the model's own process: the only part of the web package that loads the network.

Called through concurrent.futures by web.model; every function is stateless but for the model itself.
"""

import functools
import os
import signal
import threading
from collections.abc import Sequence
from multiprocessing import connection, parent_process
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events, PointerDevice
from mousegate.core.manifest import Condition
from mousegate.core.motion import MotionReference, Sample
from mousegate.core.probe import Probe
from mousegate.core.recogniser import Movement, Recogniser
from mousegate.errors import ModelError


def prepare() -> None:
    """Leave Ctrl-C to the process that was started by a person, and end when it has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow_parent, daemon=True).start()


def _follow_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(0)


@functools.cache
def _recogniser(directory: Path | None) -> Recogniser:
    # Imported here, so that whoever only asks does not load onnxruntime.
    from mousegate.embedding.model import load_recogniser

    return load_recogniser(directory)


def ready(directory: Path | None) -> int:
    """Load the model and return this process's id. Raises ModelError."""
    _recogniser(directory)
    return os.getpid()


def embed(directory: Path | None, recordings: Sequence[Events], condition: Condition) -> Movement:
    """Cut and embed recordings."""
    return _recogniser(directory).movement(recordings, condition)


def embed_windows(directory: Path | None, values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Embed windows that were cut already."""
    return _recogniser(directory).embed_windows(values)


def enrol(
    directory: Path | None, recordings: Sequence[Events], secret: bytes, before: MotionReference | None
) -> MotionReference:
    """Make a reference. Raises FailureToEnrol."""
    return _recogniser(directory).enrol(recordings, secret, before)


def probe(directory: Path | None, recordings: Sequence[Events], device: PointerDevice) -> Probe:
    """Return the movement of an attempt, without its rhythm."""
    return _recogniser(directory).lock_probe(recordings, device)


def score(
    directory: Path | None, reference: MotionReference, recordings: Sequence[Events], secret: bytes
) -> tuple[Sample, float | None]:
    """Compare ordinary use with a reference. Raises ModelError where another model made the reference."""
    recogniser = _recogniser(directory)
    if reference.model_id != recogniser.manifest.model_id:
        raise ModelError("Another model made this reference: enrol again.")
    sample = recogniser.sample(recordings, reference.condition)
    return sample, recogniser.score(reference, sample, secret)
