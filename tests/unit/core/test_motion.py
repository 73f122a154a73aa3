"""The motion factor: heads against a cohort, kept under a secret, never accepting what it cannot compare."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mousegate.core.decision import OperatingPoint
from mousegate.core.events import PointerDevice
from mousegate.core.manifest import Calibration, Cohort, Manifest
from mousegate.core.motion import MotionReference, enrol, mean_probe, rotation, score
from mousegate.core.probe import Probe, decode, encode
from mousegate.core.windows import CHANNELS, INPUT_VERSION, PARAMETERS, Windows
from mousegate.errors import BadInput, FailureToEnrol, ModelError

DIMENSIONS = 16
SECRET = bytes(range(32))


def manifest() -> Manifest:
    """Return a manifest of a made-up model."""
    points = tuple(OperatingPoint("fmr1", t, 0.01, 0.2, s) for s, t in ((5.0, 3.0), (15.0, 2.0)))
    return Manifest(
        model_id=b"12345678",
        sha256="",
        cohort_sha256="",
        dimensions=DIMENSIONS,
        input_version=INPUT_VERSION,
        channels=len(CHANNELS),
        steps=PARAMETERS.steps,
        calibration=Calibration((5.0, 60.0), (1.0, 2.0), (0.0, -1.0)),
        operating_points=points,
    )


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return rows of length one."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def hand(seed: int, count: int = 60) -> NDArray[np.float32]:
    """Return window embeddings of a made-up person."""
    rng = np.random.default_rng(seed)
    return unit(rng.normal(0, 1, DIMENSIONS) + rng.normal(0, 0.7, (count, DIMENSIONS)))


def windows(count: int = 60, active_s: float = 60.0) -> Windows:
    """Return windows of full quality, whose values do not matter."""
    values = np.zeros((count, len(CHANNELS), PARAMETERS.steps), np.float32)
    return Windows(values, np.ones(count, np.float32), active_s)


def cohort() -> Cohort:
    """Return thirty made-up training people."""
    rows = np.concatenate([hand(100 + person, 20) for person in range(30)])
    return Cohort(rows, np.repeat(np.arange(30, dtype=np.int32), 20))


def probe_of(embeddings: NDArray[np.float32], model_id: bytes = b"12345678", active_s: float = 10.0) -> Probe:
    """Return the probe of window embeddings."""
    mean = mean_probe(embeddings, windows(len(embeddings), active_s))
    return Probe(model_id, PointerDevice.MOUSE, (), mean.embedding, mean.windows, mean.active_s, mean.quality)


def enrolled(seed: int = 1, secret: bytes = SECRET) -> MotionReference:
    """Return the reference of a made-up person."""
    return enrol(hand(seed), windows(), manifest(), cohort(), secret)


def test_own_probe_scores_above_others() -> None:
    """The person's later windows score above every stranger's."""
    reference = enrolled()
    own = score(reference, probe_of(hand(1, 90)[60:]), manifest(), SECRET)
    others = [score(reference, probe_of(hand(seed, 30)), manifest(), SECRET) for seed in range(200, 220)]
    assert own is not None
    assert all(other is not None and own > other for other in others)


def test_probe_survives_its_wire_form() -> None:
    """The 480-character form costs almost nothing of the score."""
    probe = probe_of(hand(1, 30))
    direct = score(enrolled(), probe, manifest(), SECRET)
    wired = score(enrolled(), decode(encode(probe)), manifest(), SECRET)
    assert direct is not None
    assert wired == pytest.approx(direct, abs=0.05)


def test_stored_form_depends_on_the_secret() -> None:
    """Two secrets store unlike weights, and the wrong secret does not recognise the person."""
    other_secret = bytes(32)
    one, two = enrolled(), enrolled(secret=other_secret)
    cosine = one.weights @ two.weights / np.linalg.norm(one.weights) / np.linalg.norm(two.weights)
    assert abs(cosine) < 0.9
    right = score(one, probe_of(hand(1, 30)), manifest(), SECRET)
    wrong = score(one, probe_of(hand(1, 30)), manifest(), other_secret)
    assert right is not None and wrong is not None
    assert right > wrong


def test_rotation_is_orthonormal() -> None:
    """The rotation keeps lengths and angles, whatever the secret."""
    turn = rotation(SECRET, DIMENSIONS)
    np.testing.assert_allclose(turn @ turn.T, np.eye(DIMENSIONS), atol=1e-12)


@pytest.mark.parametrize(
    "probe",
    [
        probe_of(hand(1, 30), model_id=b"another!"),
        probe_of(hand(1, 30), active_s=0.5),
        probe_of(np.zeros((0, DIMENSIONS), np.float32)),
        probe_of(np.full((5, DIMENSIONS), np.nan, np.float32)),
        probe_of(np.ones((5, 8), np.float32)),
    ],
    ids=["other model", "too short", "no windows", "not a number", "other length"],
)
def test_incomparable_is_none(probe: Probe) -> None:
    """What cannot be compared has no score at all."""
    assert score(enrolled(), probe, manifest(), SECRET) is None


def test_bytes_round_trip() -> None:
    """A reference reads back as it was written."""
    reference = enrolled()
    again = MotionReference.from_bytes(reference.to_bytes())
    np.testing.assert_array_equal(again.weights, reference.weights)
    assert again.bias == pytest.approx(reference.bias)
    assert (again.model_id, again.windows) == (reference.model_id, reference.windows)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_damage_is_refused(position: int, value: int) -> None:
    """Any changed byte, or any cut, is refused rather than read."""
    stored = bytearray(enrolled().to_bytes())
    position %= len(stored)
    with pytest.raises(BadInput):
        MotionReference.from_bytes(bytes(stored[:position]))
    if stored[position] != value:
        stored[position] = value
        with pytest.raises(BadInput):
            MotionReference.from_bytes(bytes(stored))


@pytest.mark.parametrize(("count", "active_s"), [(60, 5.0), (3, 60.0)])
def test_too_little_does_not_enrol(count: int, active_s: float) -> None:
    """Too little movement fails to enrol and says how much there was."""
    with pytest.raises(FailureToEnrol, match="at least"):
        enrol(hand(1, count), windows(count, active_s), manifest(), cohort(), SECRET)


def test_nan_does_not_enrol() -> None:
    """Embeddings that are not finite fail to enrol."""
    broken = hand(1)
    broken[0, 0] = np.nan
    with pytest.raises(FailureToEnrol):
        enrol(broken, windows(), manifest(), cohort(), SECRET)


def test_operating_point_by_duration() -> None:
    """The point is that of the longest measured duration not above the probe's; unknown names are refused."""
    made = manifest()
    assert made.operating_point("fmr1", 3.0).threshold == 3.0
    assert made.operating_point("fmr1", 14.9).threshold == 3.0
    assert made.operating_point("fmr1", 500.0).threshold == 2.0
    with pytest.raises(ModelError, match="fnmr3"):
        made.operating_point("fmr9", 5.0)


def test_calibration_interpolates() -> None:
    """Slope and offset go over in log duration, and hold beyond the ends."""
    calibration = manifest().calibration
    assert calibration.llr(1.0, 1.0) == pytest.approx(1.0)
    assert calibration.llr(1.0, 1000.0) == pytest.approx(1.0)
    middle = calibration.llr(2.0, float(np.sqrt(5.0 * 60.0)))
    assert middle == pytest.approx(1.5 * 2.0 - 0.5)
