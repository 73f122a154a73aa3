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

    def note(self, content: bytes, place: str) -> bool:
        """Remember a probe presented at `place` and return whether it had been presented there before."""
        digest = hashlib.blake2b(
            content, key=self._store.key, digest_size=32, person=b"mousegate-seen"
        ).digest()
        with self._store.transaction() as connection:
            found = connection.execute(
                "SELECT 1 FROM seen WHERE digest = ? AND place = ?", (digest, place)
            ).fetchone()
            if found is None:
                connection.execute("INSERT INTO seen (digest, place) VALUES (?, ?)", (digest, place))
                connection.execute(
                    "DELETE FROM seen WHERE number <= (SELECT max(number) FROM seen) - ?", (KEPT,)
                )
        return found is not None
