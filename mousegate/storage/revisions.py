"""How a reference came to be what it is, revision by revision, with what each added; any can be gone back to.

The first revision is the reference as enrolled. Each later one keeps the reference it made and the windows it
learned (turned, as everything stored). At most KEPT revisions are kept beside the first; a reference that was
enrolled or rehearsed anew begins anew.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from mousegate.core.adaptation import LearnedStretch, LearnedWindows
from mousegate.core.events import PointerDevice
from mousegate.core.manifest import Condition
from mousegate.core.motion import MotionReference
from mousegate.core.reference import Reference
from mousegate.errors import BadInput, NotEnrolled

if TYPE_CHECKING:
    from mousegate.storage.store import Store

KEPT: Final = 24
ENROLLED: Final = "enrolled"
_CONDITIONS: Final = {Condition.NATURAL: "natural", Condition.LOCK: "lock"}


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a reference. origin: `enrolled`, `trusted` or `confirmed`; detail: until when it was made;
    active_s: seconds of movement it added; current: whether it is the one compared with.
    """

    number: int
    label: str
    device: PointerDevice
    time_s: float
    origin: str
    detail: str
    active_s: float
    current: bool


class Revisions:
    """Reads and writes revisions of the references in a store."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def history(self, label: str = "") -> list[Revision]:
        """Return the revisions of a label, or of all, oldest first. References never extended have none."""
        rows = self._store.query(
            "SELECT number, label, device, time_s, origin, v.detail, active_s, v.motion = r.motion"
            " FROM revision v JOIN reference r USING (label, device)"
            " WHERE ? IN ('', label) ORDER BY v.number",
            label,
        )
        return [Revision(n, la, PointerDevice(d), t, o, w, a, bool(c)) for n, la, d, t, o, w, a, c in rows]

    def anchor(self, reference: Reference) -> tuple[MotionReference, list[LearnedStretch]]:
        """Return the reference as enrolled and what was learned since. Raises NotEnrolled."""
        if reference.motion is None:
            raise NotEnrolled(f"The reference {reference.label!r} holds no movement that could be extended.")
        rows = self._rows(reference)
        if not rows or rows[-1][1] != reference.motion.to_bytes():
            return reference.motion, []
        learned = [_stretch(row, reference.motion) for row in rows[1:]]
        return MotionReference.from_bytes(rows[0][1]), learned

    def extend(
        self, reference: Reference, motion: MotionReference, stretch: LearnedStretch, origin: str, detail: str
    ) -> Reference:
        """Store `motion` as the next revision of a reference, with the stretch that it learned."""
        assert reference.motion is not None
        extended = replace(reference, motion=motion, updated_s=time.time())
        key = (reference.label, int(reference.device))
        with self._store.transaction() as connection:
            _, known = self.anchor(reference)
            if not known:
                connection.execute("DELETE FROM revision WHERE label = ? AND device = ?", key)
                first = (*key, reference.updated_s, ENROLLED, "", reference.motion.active_s)
                self._insert(first, reference.motion, None)
            self._insert((*key, extended.updated_s, origin, detail, stretch.active_s), motion, stretch)
            connection.execute(
                "DELETE FROM revision WHERE label = ? AND device = ? AND origin != ? AND number <= "
                "(SELECT max(number) FROM revision WHERE label = ? AND device = ?) - ?",
                (*key, ENROLLED, *key, KEPT),
            )
            self._store.references.put(extended, f"{self._store.references.provenance(reference)}, {origin}")
        return extended

    def revert(self, label: str, number: int | None = None) -> Revision:
        """Go back to a revision, by default to the one before the newest; what came later is forgotten.

        Raises NotEnrolled or BadInput when there is no such revision.
        """
        known = self.history(label)
        if not known:
            raise NotEnrolled(f"Nothing was learned for {label!r} since it was enrolled.")
        wanted = known[-2] if number is None and len(known) > 1 else None
        chosen = next((one for one in known if one.number == number), wanted)
        if chosen is None:
            raise BadInput(f"{label!r} has no such revision: `mousegate references history` shows them.")
        found = self._store.references.find(label, chosen.device)
        assert found is not None
        key = (label, int(chosen.device))
        ((blob,),) = self._store.query("SELECT motion FROM revision WHERE number = ?", chosen.number)
        with self._store.transaction() as connection:
            connection.execute(
                "DELETE FROM revision WHERE label = ? AND device = ? AND number > ?", (*key, chosen.number)
            )
            reference = replace(found, motion=MotionReference.from_bytes(blob), updated_s=time.time())
            self._store.references.put(reference, f"reverted to revision {chosen.number}")
        return chosen

    def _rows(self, reference: Reference) -> list[tuple[Any, ...]]:
        return self._store.query(
            "SELECT active_s, motion, natural, natural_weight, lock, lock_weight FROM revision"
            " WHERE label = ? AND device = ? ORDER BY number",
            reference.label,
            int(reference.device),
        )

    def _insert(
        self, facts: tuple[Any, ...], motion: MotionReference, stretch: LearnedStretch | None
    ) -> None:
        blobs = [None] * 4 if stretch is None else _blobs(stretch.windows)
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT INTO revision (label, device, time_s, origin, detail, active_s, motion, natural,"
                " natural_weight, lock, lock_weight) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*facts, motion.to_bytes(), *blobs),
            )


def _blobs(windows: Mapping[Condition, LearnedWindows]) -> list[bytes]:
    parts = (part for one in _CONDITIONS for part in (windows[one].rows, windows[one].weight))
    return [part.astype("<f2").tobytes() for part in parts]


def _stretch(row: tuple[Any, ...], motion: MotionReference) -> LearnedStretch:
    size = len(motion.lock.weights)
    arrays = [np.frombuffer(blob, "<f2").astype(np.float16) for blob in row[2:]]
    return LearnedStretch(
        float(row[0]),
        {
            Condition.NATURAL: LearnedWindows(arrays[0].reshape(-1, size), arrays[1]),
            Condition.LOCK: LearnedWindows(arrays[2].reshape(-1, size), arrays[3]),
        },
    )
