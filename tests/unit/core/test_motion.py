"""The motion factor: what is stored is kept under a secret, and nothing passes that cannot be compared."""

import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core.holds import HOLD_BINS
from mousegate.core.manifest import Calibration, OperatingCurve, ScoreScale, Trend
from mousegate.core.motion import MotionReference, Rotations, score
from mousegate.core.probe import Probe, decode, encode
from mousegate.errors import BadInput, ModelError
from tests.unit.people import DIMENSIONS, MANIFEST, Person, motion_reference

SECRET = bytes(range(32))
ME, STRANGER = Person(1), Person(8)
SCALE = ScoreScale(
    5.0,
    60.0,
    Calibration(Trend(1.0, 0.5), Trend(-1.0, 0.25)),
    (OperatingCurve("fmr1", Trend(3.0, -0.5), Trend(-4.6), Trend(0.0, -1.0)),),
)


def whole() -> MotionReference:
    """Return a reference that holds everything there can be."""
    made = motion_reference(ME, SECRET)
    kept = replace(made.kept, rehearsals=5)
    return replace(made, natural=made.lock, holds=np.ones(HOLD_BINS, np.float32), kept=kept)


def test_own_probe_scores_above_a_strangers() -> None:
    """The person's own movement scores higher than another's, also after the probe's wire form."""
    reference = motion_reference(ME, SECRET)
    own, other = (score(reference, decode(encode(hand.probe())), MANIFEST, SECRET) for hand in (ME, STRANGER))
    assert own is not None and other is not None
    assert own > other


def test_without_the_secret_it_says_nothing() -> None:
    """References under two secrets are not alike, and the wrong secret does not score."""
    other_secret = bytes(range(1, 33))
    one, two = motion_reference(Person(1), SECRET), motion_reference(Person(1), other_secret)
    lengths = np.linalg.norm(one.lock.weights) * np.linalg.norm(two.lock.weights)
    assert abs(float(one.lock.weights @ two.lock.weights / lengths)) < 0.9
    right = score(one, ME.probe(), MANIFEST, SECRET)
    wrong = score(one, ME.probe(), MANIFEST, other_secret)
    assert right is not None and wrong is not None
    assert right > wrong


def test_rotations_are_orthonormal() -> None:
    """They keep lengths and angles, whatever the secret, and the same secret draws the same."""
    for name in ("embeddings", "holds"):
        turn = getattr(Rotations.of(SECRET, DIMENSIONS), name)
        np.testing.assert_allclose(turn @ turn.T, np.eye(len(turn)), atol=1e-12)
        np.testing.assert_array_equal(turn, getattr(Rotations.of(SECRET, DIMENSIONS), name))


@pytest.mark.parametrize(
    "probe",
    [
        replace(ME.probe(), model_id=b"another!"),
        ME.probe(active_s=0.5),
        ME.probe(windows=0),
        replace(ME.probe(), embedding=np.full(DIMENSIONS, np.nan, np.float32)),
        replace(ME.probe(), embedding=np.ones(8, np.float32)),
    ],
    ids=["other model", "too short", "no windows", "not a number", "other length"],
)
def test_incomparable_is_none(probe: Probe) -> None:
    """What cannot be compared has no score at all."""
    assert score(motion_reference(ME, SECRET), probe, MANIFEST, SECRET) is None


@pytest.mark.parametrize("reference", [motion_reference(ME, SECRET), whole()], ids=["lock alone", "whole"])
def test_bytes_round_trip(reference: MotionReference) -> None:
    """A reference reads back as it was written."""
    again = MotionReference.from_bytes(reference.to_bytes())
    assert again.to_bytes() == reference.to_bytes()
    np.testing.assert_array_equal(again.lock.weights, reference.lock.weights)
    np.testing.assert_array_equal(again.kept.rows, reference.kept.rows)
    assert (again.natural is None, again.holds is None) == (
        reference.natural is None,
        reference.holds is None,
    )
    assert (again.model_id, again.windows, again.rehearsals) == (
        reference.model_id, reference.windows, reference.rehearsals,
    )  # fmt: skip


def test_version_2_is_read_for_the_lock() -> None:
    """A reference that an earlier mousegate stored, which had one head, still serves the lock."""
    new = motion_reference(ME, SECRET)
    body = struct.pack("<4s8sHHff", b"MGM2", MANIFEST.model_id, DIMENSIONS, 60, new.lock.bias, 120.0)
    body += new.lock.weights.astype("<f4").tobytes()
    old = MotionReference.from_bytes(body + struct.pack("<I", zlib.crc32(body)))
    assert (old.natural, old.rehearsals, old.windows, old.active_s) == (None, 0, 60, 120.0)
    probe = ME.probe()
    known = score(new, probe, MANIFEST, SECRET)
    assert score(old, probe, MANIFEST, SECRET) == pytest.approx(known, abs=1e-3)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_damage_is_refused(position: int, value: int) -> None:
    """Any changed byte, or any cut, is refused rather than read."""
    stored = bytearray(whole().to_bytes())
    position %= len(stored)
    with pytest.raises(BadInput):
        MotionReference.from_bytes(bytes(stored[:position]))
    if stored[position] != value:
        stored[position] = value
        with pytest.raises(BadInput):
            MotionReference.from_bytes(bytes(stored))


@given(st.binary(min_size=1, max_size=60))
def test_rubbish_with_a_right_checksum_is_refused(rubbish: bytes) -> None:
    """Bytes whose checksum holds but that `to_bytes` did not write are refused, whatever they are."""
    for magic in (b"MGM3", b"MGM2", b"MGM9"):
        body = magic + rubbish
        with pytest.raises(BadInput):
            MotionReference.from_bytes(body + struct.pack("<I", zlib.crc32(body)))


def test_operating_point_by_duration() -> None:
    """Threshold and rates go over in log duration and hold beyond the ends; unknown names are refused."""
    assert SCALE.operating_point("fmr1", 5.0).threshold == pytest.approx(3.0 - 0.5 * np.log(5.0))
    assert SCALE.operating_point("fmr1", 1.0) == SCALE.operating_point("fmr1", 5.0)
    assert SCALE.operating_point("fmr1", 500.0) == SCALE.operating_point("fmr1", 60.0)
    assert SCALE.operating_point("fmr1", 60.0).fnmr == pytest.approx(1 / 61, rel=1e-3)
    with pytest.raises(ModelError, match="fnmr3"):
        SCALE.operating_point("fmr9", 5.0)


def test_calibration_interpolates() -> None:
    """Slope and offset are linear in log duration, and hold beyond the ends."""
    assert SCALE.llr(2.0, 10.0) == pytest.approx(2.0 * (1 + 0.5 * np.log(10)) - 1 + 0.25 * np.log(10))
    assert SCALE.llr(1.0, 1000.0) == SCALE.llr(1.0, 60.0)
    assert SCALE.llr(1.0, 0.1) == SCALE.llr(1.0, 5.0)
