"""From recorded events to the encoded probe, in a thread of its own."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mousegate.core.events import EVENT_DTYPE, Events, Kind, PointerDevice
from mousegate.core.motion import MeanProbe
from mousegate.core.probe import MAX_CLICKS, AttackFlag, Probe, encode
from mousegate.core.windows import Windows, extract, movement_alone
from mousegate.errors import ModelError
from mousegate.greeter.capture import Capture
from mousegate.greeter.cut import Cut, Release, cut_events, elapsed_ms, rhythm_of
from mousegate.greeter.layout import Rect

_log = logging.getLogger("mousegate.greeter")
NO_MODEL: Final = bytes(8)
_REHEARSED: Final = 500
"""Moves in a rehearsal: enough for a whole window."""
_WITHOUT_WINDOWS: Final = 0.9
"""As far as it seems while there is time enough, but too little movement in it."""


@dataclass(frozen=True, slots=True)
class ProbeParameters:
    """Bounds on what becomes a probe.

    wait_s: how long the recorder may lag behind the window (measured: 25 ms at most; 2 s is a broken server).
    pause_ms: what was done before a pause of this length belongs to whoever was there before it.
    motion_events: newest events embedded; 20,000 are over two minutes of movement at 125 events/s.
    """

    wait_s: float = 2.0
    pause_ms: int = 30_000
    motion_events: int = 20_000


@dataclass(frozen=True, slots=True)
class Model:
    """The model's identity, what it makes of windows, and how much active movement to ask for, in seconds."""

    model_id: bytes
    embed: Callable[[Windows], MeanProbe]
    least_active_s: float


class ProbeMaker:
    """Makes probes in its own thread, so that the window lives on; the model is loaded there too."""

    def __init__(
        self,
        *,
        capture: Capture,
        load_model: Callable[[], Model],
        is_straight: Callable[[Events], bool],
        translate: Callable[[str], str] = str,
        parameters: ProbeParameters = ProbeParameters(),
    ) -> None:
        self._source, self._devices, self._flaw = capture.source, capture.devices, capture.flaw
        self._is_straight, self._tr, self._parameters = is_straight, translate, parameters
        self._load_model = load_model
        self._counted_since_ms: int | None = None
        self._model: Model | None = None
        self._thread = ThreadPoolExecutor(1, "mousegate-probe")

    def warm_up(self, warn: Callable[[str], None]) -> None:
        """Load the model now, in the thread; `warn` is called there with what the person should know."""
        self._thread.submit(self._warm_up, warn)

    def begin(self, server_time_ms: Callable[[], int]) -> int:
        """A new attempt: count its events anew from the X time that is returned.

        The devices are cleared first, so that records which arrive late do not look like warps.
        """
        self._devices.clear()
        self._counted_since_ms = server_time_ms()
        return self._counted_since_ms

    def make(self, cut: Cut, done: Callable[[str, str], None]) -> None:
        """Make the probe of `cut`; `done(encoded, note)` is called in the thread."""
        self._thread.submit(self._make_safely, cut, done)

    def measure(self, cut: Cut, done: Callable[[float], None]) -> None:
        """Measure how much of the movement that can be compared `cut` holds; `done(share, 0 to 1)` is called
        in the thread.
        """
        self._thread.submit(self._measure_safely, cut, done)

    def close(self, wait: bool = False) -> None:
        """Let the thread end; `wait` until it has done what it was given."""
        self._thread.shutdown(wait=wait, cancel_futures=not wait)

    def _make_safely(self, cut: Cut, done: Callable[[str, str], None]) -> None:
        """Whatever goes wrong, an answer is given: one without rhythm or movement cannot match."""
        try:
            done(*self._make(cut))
        except Exception:  # noqa: BLE001 - an answer must be given, and this one never matches
            _log.exception("The probe could not be made; an empty one is sent.")
            done(
                encode(_empty()),
                self._tr("Your movement could not be read. Try again, or use a recovery code."),
            )

    def _measure_safely(self, cut: Cut, done: Callable[[float], None]) -> None:
        """Where nothing can be measured it is enough: what is there is sent, and never matches."""
        try:
            done(self._share(cut))
        except Exception:  # noqa: BLE001 - the person must not be asked to move for ever
            _log.exception("The movement could not be measured.")
            done(1.0)

    def _share(self, cut: Cut) -> float:
        model = self._load()
        if model is None or self._flaw:
            return 1.0
        windows = extract(movement_alone(self._moved(self._source.snapshot(), cut)))
        share = min(1.0, windows.active_s / model.least_active_s)
        return share if len(windows) else min(share, _WITHOUT_WINDOWS)

    def _warm_up(self, warn: Callable[[str], None]) -> None:
        model = self._load()
        if model is None:
            warn(self._no_model())
            return
        self._rehearse(model)
        if self._flaw:
            warn(self._flaw)

    def _rehearse(self, model: Model) -> None:
        """Go once through what a probe takes: numpy and onnxruntime load parts of themselves on first use,
        for which nobody should wait after Submit.
        """
        movement = [(10 * step, Kind.MOVE, 0, step, step % 7) for step in range(_REHEARSED)]
        click = [(10 * _REHEARSED, Kind.PRESS, 1, 0, 0), (10 * _REHEARSED + 90, Kind.RELEASE, 1, 0, 0)]
        events = np.array(movement + click, EVENT_DTYPE)
        rhythm_of(events, Rect(0, 0, 800, 600))
        self._is_straight(events)
        model.embed(extract(movement_alone(events)))

    def _no_model(self) -> str:
        return self._tr("The model is missing or altered: reinstall mousegate, or use a recovery code.")

    def _load(self) -> Model | None:
        if self._model is None:
            try:
                self._model = self._load_model()
            except (ModelError, ImportError) as error:
                _log.error("%s", error)
        return self._model

    def _make(self, cut: Cut) -> tuple[str, str]:
        note = self._flaw
        limits = self._parameters
        self._wait(cut.release)
        events = self._source.snapshot()
        moved = self._moved(events, cut)
        clicked = cut_events(events, cut.rhythm_since_ms, cut.until_ms, limits.pause_ms)
        rhythm = rhythm_of(clicked, cut.monitor)
        if len(rhythm) > MAX_CLICKS:
            rhythm = ()
            note = self._tr("More than {0} clicks cannot be compared.").format(MAX_CLICKS)
        device = self._devices.dominant()
        probe = replace(_empty(), rhythm=rhythm, device=device, attack=self._attack(events, moved))
        model = self._load()
        if model is None:
            note = self._no_model()
        else:
            motion = model.embed(extract(movement_alone(moved)))
            probe = replace(
                probe,
                model_id=model.model_id,
                embedding=motion.embedding,
                windows=motion.windows,
                active_s=motion.active_s,
                quality=motion.quality,
            )
        return encode(probe), note

    def _moved(self, events: Events, cut: Cut) -> Events:
        """Return the events in which the cut's movement is."""
        until_ms = None if cut.more else cut.until_ms
        moved = cut_events(events, cut.motion_since_ms, until_ms, self._parameters.pause_ms)
        return moved[-self._parameters.motion_events :]

    def _wait(self, release: Release | None) -> None:
        if release is None:
            return
        limit_s = self._parameters.wait_s
        if not self._source.wait_for(Kind.RELEASE, release.button, release.time_ms, limit_s):
            _log.warning("The recorder did not see the release at X time %d.", release.time_ms)

    def _attack(self, events: Events, moved: Events) -> AttackFlag:
        since_ms = self._counted_since_ms
        late = events if since_ms is None else events[elapsed_ms(events["time_ms"], since_ms) > 0]
        synthetic = self._devices.saw_synthetic(len(late))
        flag = AttackFlag.SYNTHETIC_DEVICE if synthetic else AttackFlag.NONE
        return flag | (AttackFlag.MACHINE_STRAIGHT if self._is_straight(moved) else AttackFlag.NONE)


def _empty() -> Probe:
    return Probe(
        model_id=NO_MODEL,
        device=PointerDevice.UNKNOWN,
        rhythm=(),
        embedding=np.zeros(0, np.float32),
        windows=0,
        active_s=0.0,
        quality=0.0,
    )
