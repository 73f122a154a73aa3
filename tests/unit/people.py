"""People, references and probes for the tests, made up from a seed."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mousegate.core import head, motion, rhythm
from mousegate.core.events import PointerDevice
from mousegate.core.manifest import Calibration, CohortWindows, Manifest, OperatingCurve, ScoreScale, Trend
from mousegate.core.motion import KeptWindows, MotionReference, Rotations
from mousegate.core.probe import AttackFlag, Click, Probe, Rhythm, Target
from mousegate.core.reference import Reference
from mousegate.core.windows import INPUT_VERSION, PARAMETERS
from mousegate.storage import hashing

DIMENSIONS = 16
RHYTHM: Rhythm = (
    Click(Target.FACE, 140),
    Click(Target.FACE, 140),
    Click(Target.PASSWORD, 620),
    Click(Target.SUBMIT, 330),
)
WRONG_RHYTHM: Rhythm = (Click(Target.FACE, 420), *RHYTHM[1:])


def curve(name: str, threshold: float) -> OperatingCurve:
    """Return an operating point that is the same for every duration."""
    return OperatingCurve(name, Trend(threshold), Trend(-3.0), Trend(-2.0))


def scale(slope: float = 1.0, offset: float = 0.0) -> ScoreScale:
    """Return a score scale that is the same for every duration."""
    curves = (
        curve("fmr1", 5.0), curve("fmr0.1", 6.0), curve("fnmr3", 4.0), curve("fnmr10", 4.2),
        curve("eer", 4.5),
    )  # fmt: skip
    return ScoreScale(1.0, 60.0, Calibration(Trend(slope), Trend(offset)), curves)


_RAW = Manifest(
    model_id=b"modelid8",
    sha256=b"modelid8".hex() + "00" * 24,
    cohort_sha256="00" * 32,
    dimensions=DIMENSIONS,
    input_version=INPUT_VERSION,
    channels=8,
    steps=PARAMETERS.steps,
    natural=scale(),
    lock=scale(),
)


@dataclass
class Person:
    """Somebody whose window embeddings lie around a direction of their own."""

    seed: int
    rng: np.random.Generator = field(init=False)
    centre: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        direction = self.rng.standard_normal(DIMENSIONS)
        self.centre = 4 * direction / np.linalg.norm(direction)

    def embeddings(self, count: int) -> NDArray[np.float32]:
        """Return window embeddings (count, DIMENSIONS) of this person."""
        return (self.centre + 0.5 * self.rng.standard_normal((count, DIMENSIONS))).astype(np.float32)

    def probe(
        self,
        clicks: Rhythm = RHYTHM,
        device: PointerDevice = PointerDevice.MOUSE,
        attack: AttackFlag = AttackFlag.NONE,
        windows: int = 20,
        active_s: float = 12.0,
    ) -> Probe:
        """Return what this person presents, different each time."""
        mean = self.embeddings(max(windows, 1)).mean(axis=0) if windows else np.zeros(0, np.float32)
        return Probe(_RAW.model_id, device, clicks, mean, windows, active_s, 0.9, attack)


def cohort(people: int = 12, windows: int = 20) -> CohortWindows:
    """Return window embeddings of other people."""
    parts = [Person(1000 + number).embeddings(windows) for number in range(people)]
    return CohortWindows(np.concatenate(parts), np.repeat(np.arange(people, dtype=np.int32), windows))


def motion_reference(person: Person, key: bytes, manifest: Manifest = _RAW) -> MotionReference:
    """Enrol a person's movement, made without clicks."""
    own, turn = person.embeddings(60), Rotations.of(key, DIMENSIONS).embeddings
    weight = np.ones(len(own))
    made = head.fit(own, weight, cohort().embeddings, manifest.head.regularisation).turned(turn)
    kept = KeptWindows((own @ turn.T).astype(np.float16), weight.astype(np.float16))
    return MotionReference(manifest.model_id, made, None, None, kept, 120.0, len(own))


def _calibrated(stranger: int = 8, same: float = 10.0) -> Manifest:
    """Return the made-up model, calibrated so that Person(1) scores `same` and the stranger 0 against it."""
    key = bytes(32)
    enrolled = motion_reference(Person(1), key)
    raw = [motion.score(enrolled, Person(seed).probe(), _RAW, key) or 0.0 for seed in (1, stranger)]
    slope = same / (raw[0] - raw[1])
    return replace(_RAW, lock=scale(slope, -slope * raw[1]))


def reference(
    person: Person, key: bytes, label: str = "me", device: PointerDevice = PointerDevice.MOUSE
) -> Reference:
    """Enrol a person's movement and RHYTHM."""
    protected = hashing.protect(rhythm.enrol([RHYTHM] * 5), key)
    return Reference(label, device, protected, motion_reference(person, key), 1.0, 1.0)


MANIFEST = _calibrated()
