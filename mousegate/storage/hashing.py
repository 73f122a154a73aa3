"""Argon2id over rhythms and recovery codes: named parameters, one place that hashes, one that compares."""

import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Final

from argon2.low_level import Type, hash_secret_raw

from mousegate.core.probe import Rhythm
from mousegate.core.rhythm import RhythmReference, RhythmSketch, secret_message
from mousegate.errors import StoreError

SALT_BYTES: Final = 16
DIGEST_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class HashProfile:
    """Cost of one Argon2id (RFC 9106, version 0x13) computation."""

    name: str
    time_cost: int
    memory_kib: int
    lanes: int


OWASP_46: Final = HashProfile("owasp-argon2id-46MiB", time_cost=1, memory_kib=47104, lanes=1)
"""First of the equivalent Argon2id settings of the OWASP Password Storage Cheat Sheet (m=47104, t=1, p=1);
50 to 80 ms on a 2020s core. RFC 9106's second recommended setting (m=64 MiB, t=3, p=4) takes 140 ms on
two cores and would make each unlock that much slower."""

PROFILES: Final = {profile.name: profile for profile in (OWASP_46,)}
"""By the name kept beside each digest, so that a later default can still check what an earlier one wrote."""


def stretch(message: bytes, salt: bytes, key: bytes, profile: HashProfile = OWASP_46) -> bytes:
    """Return DIGEST_BYTES bytes of Argon2id over `message`, keyed with the store's secret.

    The key (BLAKE2b, RFC 7693) makes a copy of the database alone useless without the key file.
    """
    keyed = hashlib.blake2b(message, key=key, digest_size=64, person=b"mousegate-argon2").digest()
    return hash_secret_raw(
        keyed, salt, profile.time_cost, profile.memory_kib, profile.lanes, DIGEST_BYTES, Type.ID
    )


def protect(sketch: RhythmSketch, key: bytes, profile: HashProfile = OWASP_46) -> RhythmReference:
    """Hash an enrolled rhythm under a fresh salt and return what may be stored."""
    salt = os.urandom(SALT_BYTES)
    return RhythmReference(
        scale=sketch.scale,
        offsets=sketch.offsets,
        profile=profile.name,
        salt=salt,
        digest=stretch(sketch.message, salt, key, profile),
        strength_bits=sketch.strength_bits,
    )


def matches(reference: RhythmReference, rhythm: Rhythm, key: bytes) -> bool:
    """Tell whether `rhythm` is the enrolled one. One Argon2id computation whatever the rhythm.

    Raises StoreError when the reference names parameters that this version does not know.
    """
    profile = PROFILES.get(reference.profile)
    if profile is None:
        raise StoreError(
            f"A stored rhythm uses hash parameters that this version does not know ({reference.profile!r}): "
            "upgrade mousegate, or enrol again."
        )
    digest = stretch(secret_message(reference, rhythm), reference.salt, key, profile)
    return hmac.compare_digest(digest, reference.digest)


def waste(key: bytes) -> None:
    """Do the work of one comparison and throw it away, where skipping it would show in the time taken."""
    stretch(b"", bytes(SALT_BYTES), key)
