"""References in the store, one per label and pointer device class."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mousegate.core.events import PointerDevice
from mousegate.core.motion import MotionReference
from mousegate.core.reference import Reference
from mousegate.core.rhythm import RhythmReference
from mousegate.errors import BadInput, MousegateError, NotEnrolled, StoreError

if TYPE_CHECKING:
    from mousegate.storage.store import Store

_COLUMNS: Final = "label, device, rhythm, motion, created_s, updated_s"
MAX_LABEL: Final = 64


class References:
    """Reads and writes references; a damaged one is a StoreError, never silently skipped."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def all(self) -> list[Reference]:
        """Return every reference, the most recently updated first."""
        rows = self._store.query(f"SELECT {_COLUMNS} FROM reference ORDER BY updated_s DESC, label, device")
        return [_parse(row) for row in rows]

    def find(
        self, label: str, device: PointerDevice, suits: Callable[[Reference], bool] = lambda reference: True
    ) -> Reference | None:
        """Return the reference that a probe made with `device` is compared with, or None.

        An empty label means any. A reference that suits (holds what the policy needs) comes before one that
        does not; then the device's own; then one of an unknown device (enrolled from recordings, which do not
        tell); then the most recently updated one: with a device that is not enrolled its owner may still try.
        """

        def rank(reference: Reference) -> tuple[bool, int]:
            order = (device, PointerDevice.UNKNOWN)
            place = order.index(reference.device) if reference.device in order else len(order)
            return not suits(reference), place

        candidates = [reference for reference in self.all() if label in ("", reference.label)]
        return min(candidates, key=rank, default=None)

    def put(self, reference: Reference, provenance: str) -> None:
        """Store a reference in place of the one of its label and device. provenance: what made it."""
        check_label(reference.label)
        rhythm = reference.rhythm.to_json() if reference.rhythm else None
        motion = reference.motion.to_bytes() if reference.motion else None
        model_id = bytes(reference.motion.model_id) if reference.motion else None
        with self._store.transaction() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO reference VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    reference.label, int(reference.device), rhythm, motion, model_id, provenance,
                    reference.created_s, reference.updated_s,
                ),
            )  # fmt: skip

    def replace_device(self, reference: Reference, device: PointerDevice) -> Reference:
        """Move a reference to another device class, once that is known, and return it."""
        with self._store.transaction() as connection:
            connection.execute(
                "UPDATE OR REPLACE reference SET device = ? WHERE label = ? AND device = ?",
                (int(device), reference.label, int(reference.device)),
            )
            connection.execute(
                "UPDATE revision SET device = ? WHERE label = ? AND device = ?",
                (int(device), reference.label, int(reference.device)),
            )
        return replace(reference, device=device)

    def delete(self, label: str, device: PointerDevice | None = None) -> int:
        """Delete the references of a label (of one device, or all) and return how many.

        Raises NotEnrolled when there is none.
        """
        with self._store.transaction() as connection:
            count = connection.execute(
                "DELETE FROM reference WHERE label = ? AND (? IS NULL OR device = ?)",
                (label, None if device is None else int(device), None if device is None else int(device)),
            ).rowcount
            connection.execute(
                "DELETE FROM revision WHERE label = ? AND (? IS NULL OR device = ?)",
                (label, None if device is None else int(device), None if device is None else int(device)),
            )
        if not count:
            raise NotEnrolled(
                f"There is no reference called {label!r}. `mousegate references list` shows them."
            )
        return count

    def rename(self, label: str, new_label: str) -> int:
        """Rename a label and return how many references it had. Raises NotEnrolled or BadInput."""
        check_label(new_label)
        if label != new_label and self._store.query("SELECT 1 FROM reference WHERE label = ?", new_label):
            raise BadInput(f"There is already a reference called {new_label!r}: choose another name.")
        with self._store.transaction() as connection:
            count = connection.execute(
                "UPDATE reference SET label = ? WHERE label = ?", (new_label, label)
            ).rowcount
            connection.execute("UPDATE revision SET label = ? WHERE label = ?", (new_label, label))
        if not count:
            raise NotEnrolled(
                f"There is no reference called {label!r}. `mousegate references list` shows them."
            )
        return count

    def provenance(self, reference: Reference) -> str:
        """Return what a reference was made from."""
        rows = self._store.query(
            "SELECT provenance FROM reference WHERE label = ? AND device = ?",
            reference.label,
            int(reference.device),
        )
        return str(rows[0][0]) if rows else ""


def check_label(untrusted_label: str) -> None:
    """Raise BadInput unless a label has 1 to MAX_LABEL printable characters."""
    if not 1 <= len(untrusted_label) <= MAX_LABEL or not untrusted_label.isprintable():
        raise BadInput(f"A label has 1 to {MAX_LABEL} printable characters: choose another.")


def _parse(row: tuple[Any, ...]) -> Reference:
    label, device, rhythm, motion, created_s, updated_s = row
    try:
        return Reference(
            label=str(label),
            device=PointerDevice(device),
            rhythm=None if rhythm is None else RhythmReference.from_json(rhythm),
            motion=None if motion is None else MotionReference.from_bytes(motion),
            created_s=float(created_s),
            updated_s=float(updated_s),
        )
    except (MousegateError, ValueError, TypeError) as cause:
        raise StoreError(
            f"The reference {label!r} is damaged: run `mousegate references delete {label}` and enrol again."
        ) from cause
