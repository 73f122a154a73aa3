"""The wire form of a probe: small, exact, and closed to anything else."""

import base64
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core.events import PointerDevice
from mousegate.core.probe import MAX_CLICKS, MAX_ENCODED, AttackFlag, Click, Probe, Target, decode, encode
from mousegate.errors import BadInput

CLICKS = st.builds(Click, st.sampled_from(list(Target)), st.integers(0, 0xFFFF))
EMBEDDINGS = st.integers(0, 16).flatmap(
    lambda eighths: st.lists(st.floats(-60000, 60000, width=16), min_size=8 * eighths, max_size=8 * eighths)
)
PROBES = st.builds(
    Probe,
    model_id=st.binary(min_size=8, max_size=8),
    device=st.sampled_from(list(PointerDevice)),
    rhythm=st.lists(CLICKS, max_size=MAX_CLICKS).map(tuple),
    embedding=EMBEDDINGS.map(lambda values: np.asarray(values, np.float32)),
    windows=st.integers(0, 0xFFFF),
    active_s=st.integers(0, 0xFFFF).map(lambda tenths: tenths / 10),
    quality=st.integers(0, 255).map(lambda level: level / 255),
    attack=st.integers(0, 3).map(AttackFlag),
)
EXAMPLE = Probe(
    b"modelid8", PointerDevice.MOUSE, (Click(Target.FACE, 100),), np.ones(64, np.float32), 7, 12.5, 0.8
)


@given(PROBES)
def test_a_probe_survives_the_wire(probe: Probe) -> None:
    """Decoding what was encoded gives the same probe."""
    back = decode(encode(probe))
    assert np.array_equal(back.embedding, probe.embedding)
    nothing = np.zeros(0, np.float32)
    assert replace(back, embedding=nothing) == replace(probe, embedding=nothing) or _same(back, probe)


def _same(one: Probe, other: Probe) -> bool:
    names = ("model_id", "device", "rhythm", "windows", "active_s", "quality", "attack")
    return all(getattr(one, name) == getattr(other, name) for name in names)


@given(PROBES)
def test_a_probe_fits_one_pam_answer(probe: Probe) -> None:
    """However full, the wire form stays under 480 characters of ASCII."""
    text = encode(probe)
    assert len(text) < MAX_ENCODED
    assert text.isascii()


@given(PROBES, st.data())
def test_any_changed_character_is_refused(probe: Probe, data: st.DataObject) -> None:
    """There is one text per probe: no other character in any place decodes to anything."""
    text = encode(probe)
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != text[place]))
    with pytest.raises(BadInput):
        decode(text[:place] + other + text[place + 1 :])


@given(st.text(max_size=600))
def test_rubbish_is_refused(untrusted_text: str) -> None:
    """Text from anywhere is a BadInput, never another exception."""
    with pytest.raises(BadInput):
        decode(untrusted_text)


@given(st.binary(max_size=360))
def test_rubbish_bytes_are_refused(raw: bytes) -> None:
    """Bytes in the right alphabet are refused by their checksum and lengths."""
    with pytest.raises(BadInput):
        decode(base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


def test_padding_and_blanks_are_refused() -> None:
    """The form is canonical: what `encode` would not write is not read."""
    text = encode(EXAMPLE)
    for other in (text + "=", text + "\n", " " + text, text.replace("-", "+").replace("_", "/") + "="):
        with pytest.raises(BadInput):
            decode(other)


@pytest.mark.parametrize(
    "probe",
    [
        replace(EXAMPLE, embedding=np.full(64, np.nan, np.float32)),
        replace(EXAMPLE, embedding=np.full(64, 1e9, np.float32)),
        replace(EXAMPLE, embedding=np.zeros(136, np.float32)),
        replace(EXAMPLE, embedding=np.zeros(65, np.float32)),
        replace(EXAMPLE, rhythm=(Click(Target.FACE, 1),) * 13),
        replace(EXAMPLE, model_id=b"short"),
        replace(EXAMPLE, active_s=float("nan")),
        replace(EXAMPLE, quality=float("inf")),
    ],
)
def test_what_does_not_fit_is_not_encoded(probe: Probe) -> None:
    """Too many clicks or dimensions, and numbers that are not finite, are refused with what to do."""
    with pytest.raises(BadInput, match="again"):
        encode(probe)


def test_numbers_beyond_their_field_saturate() -> None:
    """A hold of two minutes, negative counts and the like become the nearest that fits."""
    probe = replace(EXAMPLE, rhythm=(Click(Target.FACE, 120_000),), windows=-3, active_s=-1.0, quality=7.0)
    back = decode(encode(probe))
    assert (back.rhythm[0].hold_ms, back.windows, back.active_s, back.quality) == (0xFFFF, 0, 0.0, 1.0)


def test_the_embedding_stays_out_of_logs() -> None:
    """A probe's representation does not print its embedding."""
    assert "embedding" not in repr(EXAMPLE)
