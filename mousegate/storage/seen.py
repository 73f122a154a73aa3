"""Which probes have been presented already: an exact replay is an attack."""

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mousegate.storage.store import Store

KEPT: Final = 10_000
"""Digests kept: about ten years of unlocking three times a day; 1 MB."""


class SeenProbes:
    """Keyed digests of the probes presented at each place (`lock`, `login`), newest KEPT of them."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def digest(self, content: bytes) -> bytes:
        """Return the keyed digest under which a probe's content is remembered."""
        return hashlib.blake2b(
            content, key=self._store.key, digest_size=32, person=b"mousegate-seen"
        ).digest()

    def holds(self, digest: bytes, place: str) -> bool:
        """Return whether this probe was presented at `place` before."""
        return bool(self._store.query("SELECT 1 FROM seen WHERE digest = ? AND place = ?", digest, place))

    def take_over(self, other: "SeenProbes") -> None:
        """Know the probes that another store has seen, which must have the same key."""
        rows = other._store.query("SELECT digest, place FROM seen ORDER BY number")
        with self._store.transaction() as connection:
            connection.executemany("INSERT OR IGNORE INTO seen (digest, place) VALUES (?, ?)", rows)

    def note(self, digest: bytes, place: str) -> None:
        """Remember a probe presented at `place`."""
        with self._store.transaction() as connection:
            connection.execute("INSERT OR IGNORE INTO seen (digest, place) VALUES (?, ?)", (digest, place))
            connection.execute("DELETE FROM seen WHERE number <= (SELECT max(number) FROM seen) - ?", (KEPT,))
