"""One Argon2id hash decides about a rhythm."""

from dataclasses import replace

import pytest

from mousegate.core.probe import Click
from mousegate.core.rhythm import RhythmReference, enrol
from mousegate.errors import StoreError
from mousegate.storage import hashing
from tests.unit.people import RHYTHM, WRONG_RHYTHM

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def enrolled() -> RhythmReference:
    """RHYTHM, enrolled."""
    return hashing.protect(enrol([RHYTHM] * 5), KEY)


def test_the_rhythm_matches(enrolled: RhythmReference) -> None:
    """The same rhythm, and one within the tolerance, match."""
    near = tuple(Click(click.target, click.hold_ms - 45) for click in RHYTHM)
    assert hashing.matches(enrolled, RHYTHM, KEY) is True
    assert hashing.matches(enrolled, near, KEY) is True


def test_another_rhythm_does_not(enrolled: RhythmReference) -> None:
    """A hold beyond the tolerance, fewer clicks, none at all, another order: no match."""
    for other in (WRONG_RHYTHM, RHYTHM[:3], (), tuple(reversed(RHYTHM)), (*RHYTHM, RHYTHM[0])):
        assert hashing.matches(enrolled, other, KEY) is False


def test_helper_and_hash_suffice(enrolled: RhythmReference) -> None:
    """What was stored, read back by another process with the key, decides the same."""
    read = RhythmReference.from_json(enrolled.to_json())
    assert hashing.matches(read, RHYTHM, KEY) is True
    assert hashing.matches(read, WRONG_RHYTHM, KEY) is False


def test_the_database_alone_is_not_enough(enrolled: RhythmReference) -> None:
    """Under another key nothing matches."""
    assert hashing.matches(enrolled, RHYTHM, bytes(32)) is False


def test_enrolling_again_gives_another_hash() -> None:
    """A fresh salt each time: equal rhythms cannot be told from what is stored."""
    sketch = enrol([RHYTHM] * 5)
    one, other = hashing.protect(sketch, KEY), hashing.protect(sketch, KEY)
    assert one.salt != other.salt
    assert one.digest != other.digest


def test_unknown_parameters_are_refused(enrolled: RhythmReference) -> None:
    """A reference hashed by a later version is an error that says so."""
    with pytest.raises(StoreError, match="upgrade"):
        hashing.matches(replace(enrolled, profile="argon3"), RHYTHM, KEY)


def test_the_profile_is_argon2id_as_owasp_names_it() -> None:
    """The parameters are those of the source named beside them."""
    profile = hashing.OWASP_46
    assert (profile.memory_kib, profile.time_cost, profile.lanes) == (47104, 1, 1)
    assert hashing.PROFILES[profile.name] is profile


def test_the_reference_implementation_agrees() -> None:
    """Argon2id test vector of the reference implementation: the library computes the real thing."""
    from argon2.low_level import Type, hash_secret_raw

    digest = hash_secret_raw(b"password", b"somesalt", 2, 65536, 1, 32, Type.ID)
    assert digest.hex() == "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
