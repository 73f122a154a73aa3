"""Recovery codes: the way in when the hand is in plaster. Single use, kept as Argon2id digests."""

import hmac
import os
import secrets
import string
from typing import TYPE_CHECKING, Final

from mousegate.storage.hashing import OWASP_46, PROFILES, SALT_BYTES, stretch

if TYPE_CHECKING:
    from mousegate.storage.store import Store

CODES: Final = 8
_ALPHABET: Final = "".join(c for c in string.ascii_lowercase + string.digits if c not in "01ilo")
_GROUPS: Final = 3
_GROUP_LENGTH: Final = 4
"""Twelve of 31 characters are 59 bits: beyond guessing even for whoever steals the store."""


class RecoveryCodes:
    """A batch of codes under one salt, so that checking one costs a single Argon2id computation."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def renew(self) -> list[str]:
        """Throw all codes away and return CODES new ones, which cannot be shown again."""
        codes = [_draw() for _ in range(CODES)]
        salt = os.urandom(SALT_BYTES)
        rows = [(salt, stretch(_normal(code), salt, self._store.key), OWASP_46.name) for code in codes]
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM recovery")
            connection.executemany("INSERT INTO recovery VALUES (?, ?, ?)", rows)
        return codes

    def take_over(self, other: "RecoveryCodes") -> None:
        """Hold the codes of another store instead, which must have the same key."""
        rows = other._store.query("SELECT salt, digest, profile FROM recovery")
        with self._store.transaction() as connection:
            connection.execute("DELETE FROM recovery")
            connection.executemany("INSERT INTO recovery VALUES (?, ?, ?)", rows)

    def count(self) -> int:
        """Return how many codes are left."""
        return int(self._store.query("SELECT count(*) FROM recovery")[0][0])

    def find(self, untrusted_code: str) -> bytes | None:
        """Return the digest of the unused code that this is, or None. One Argon2id computation always."""
        rows = self._store.query("SELECT salt, digest, profile FROM recovery")
        salt, profile = (
            (rows[0][0], PROFILES.get(rows[0][2], OWASP_46)) if rows else (bytes(SALT_BYTES), OWASP_46)
        )
        given = stretch(_normal(untrusted_code), salt, self._store.key, profile)
        found = [digest for _, digest, _ in rows if hmac.compare_digest(given, digest)]
        return found[0] if found else None

    def spend(self, digest: bytes) -> bool:
        """Use a found code up; False when another process was faster."""
        with self._store.transaction() as connection:
            return connection.execute("DELETE FROM recovery WHERE digest = ?", (digest,)).rowcount == 1


def _draw() -> str:
    letters = [[secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)] for _ in range(_GROUPS)]
    return "-".join("".join(group) for group in letters)


def _normal(untrusted_code: str) -> bytes:
    """Return a code as it is hashed: case, spaces and hyphens do not matter."""
    kept = untrusted_code.lower().replace("-", "").replace(" ", "").strip()
    return kept[:64].encode("utf-8", "replace")
