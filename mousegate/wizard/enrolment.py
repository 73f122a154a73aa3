"""Movement recorded while somebody sets up, and what is learned from it on the way."""

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

import numpy as np

from mousegate.capture.devices import DeviceWatcher
from mousegate.capture.xrecord import Recorder
from mousegate.core.events import Events, PointerDevice
from mousegate.core.manifest import Condition
from mousegate.core.motion import MotionReference
from mousegate.core.outlook import Bench, Outlook, Own, outlook
from mousegate.core.recogniser import Recogniser
from mousegate.core.reference import Reference
from mousegate.core.windows import PARAMETERS, movement_alone
from mousegate.embedding.model import load_recogniser
from mousegate.errors import DisplayError, FailureToEnrol
from mousegate.wizard.draft import Draft

LEAST_S: Final = 30.0
"""Seconds of movement below which one cannot go on."""
GOOD_S: Final = 180.0
"""Seconds after which more helps little: three minutes are what the error rates were measured with."""
GAP_MS: Final = PARAMETERS.gap_ms


@dataclass(frozen=True, slots=True)
class Learned:
    """What all movement so far amounts to.

    motion: the reference, None while there is too little. active_s: seconds of movement; quality: 0 to 1;
    outlook: who else would pass, None while there is too little.
    """

    motion: MotionReference | None
    active_s: float
    quality: float
    outlook: Outlook | None


class Teacher:
    """Makes references from recordings; the model is loaded when first needed."""

    def __init__(self) -> None:
        self._recogniser: Recogniser | None = None

    def recogniser(self) -> Recogniser:
        """Return the model. Raises ModelError."""
        if self._recogniser is None:
            self._recogniser = load_recogniser()
        return self._recogniser

    def learn(self, draft: Draft, before: Reference | None, point: str) -> Learned:
        """Enrol the movement kept in the draft. Raises ModelError, BadInput or StoreError."""
        recordings = draft.recordings()
        recogniser = self.recogniser()
        moved = recogniser.movement(recordings, Condition.LOCK)
        windows = moved.windows
        quality = float(windows.quality.mean()) if len(windows) else 0.0
        with draft.store() as store:
            key = store.key
        try:
            motion = recogniser.enrol(recordings, key, before.motion if before else None)
        except FailureToEnrol:
            return Learned(None, windows.active_s, quality, None)
        manifest = recogniser.manifest
        cohort, ridge = recogniser.cohort.lock, manifest.head.regularisation
        bench = Bench.at(cohort, manifest.lock, point, ridge)
        seen = outlook(Own(moved.embeddings, windows.quality), bench)
        return Learned(motion if windows.active_s >= LEAST_S else None, windows.active_s, quality, seen)


class Listening:
    """Records the pointer (never keys) from entering until leaving, and knows which device moved it."""

    def __init__(self, allow_synthetic: bool) -> None:
        self._allow_synthetic = allow_synthetic
        self._stack = ExitStack()

    def start(self) -> None:
        """Begin. Raises DisplayError."""
        with ExitStack() as stack:
            self._recorder = stack.enter_context(Recorder())
            self._devices = stack.enter_context(DeviceWatcher())
            self._stack = stack.pop_all()

    def stop(self) -> None:
        """End; what was recorded stays readable."""
        self._stack.close()

    def events(self) -> Events:
        """Return what was recorded so far.

        Raises DisplayError when the X server went away, and FailureToEnrol when a program moved the pointer.
        """
        events = self._recorder.snapshot()
        if self._recorder.failure is not None:
            raise DisplayError(str(self._recorder.failure))
        if not self._allow_synthetic and self._devices.saw_synthetic(len(events)):
            raise FailureToEnrol("A program moves the pointer here. Stop it, then begin the movement anew.")
        return events

    @property
    def seen(self) -> int:
        """How many events have come in, without waiting for the newest."""
        return self._recorder.seen

    def device(self) -> PointerDevice:
        """Return the class of device that moved most."""
        device = self._devices.dominant()
        return PointerDevice.UNKNOWN if device is PointerDevice.XTEST else device


def active_s(events: Events) -> float:
    """Return the seconds of movement in `events`, idle gaps bounded as the windows bound them."""
    moves = movement_alone(events)
    if len(moves) < 2:
        return 0.0
    return float(np.clip(np.diff(moves["time_ms"]), 0, GAP_MS).sum()) / 1000.0
