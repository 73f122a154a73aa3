"""What is stored about a person, for people and programs."""

import base64
import json
from pathlib import Path

import click

from mousegate.cli.output import Facts
from mousegate.core.reference import Reference
from mousegate.errors import BadInput, NotEnrolled, UsageError
from mousegate.storage import files
from mousegate.storage.revisions import Revision
from mousegate.storage.store import Store


def reference_facts(reference: Reference) -> dict[str, Facts]:
    """Return what may be told about a reference: nothing that helps to imitate its person."""
    rhythm, motion = reference.rhythm, reference.motion
    return {
        "label": reference.label,
        "device": reference.device.name.lower(),
        "clicks": len(rhythm.offsets) if rhythm else None,
        "strength_bits": round(rhythm.strength_bits, 1) if rhythm else None,
        "movement_s": round(motion.active_s, 1) if motion else None,
        "model_id": motion.model_id.hex() if motion else None,
        "created_s": reference.created_s,
        "updated_s": reference.updated_s,
    }


def delete(label: str) -> int:
    """Delete a label's references and return how many.

    Raises NotEnrolled; UsageError when they are the last ones and the lock asks for them, since then nothing
    could match any more.
    """
    with _store() as store:
        left = [reference for reference in store.references.all() if reference.label != label]
        if not left and store.settings.armed and store.references.all():
            raise UsageError("The lock asks for that reference. Run `mousegate disable` first.")
        return store.references.delete(label)


def revisions(label: str) -> list[Revision]:
    """Return what was learned for a label, or for all, oldest first."""
    with _store() as store:
        return store.revisions.history(label)


def revision_facts(one: Revision) -> dict[str, Facts]:
    """Return one revision for a program."""
    return {
        "number": one.number,
        "label": one.label,
        "device": one.device.name.lower(),
        "time_s": one.time_s,
        "origin": one.origin,
        "detail": one.detail,
        "movement_s": round(one.active_s, 1),
        "current": one.current,
    }


def revert(label: str, number: int | None) -> Revision:
    """Go back to a revision, by default the one before the newest. Raises NotEnrolled or BadInput."""
    with _store() as store:
        return store.revisions.revert(label, number)


def rename(label: str, new_label: str) -> int:
    """Rename a label's references and return how many. Raises NotEnrolled or BadInput."""
    with _store() as store:
        return store.references.rename(label, new_label)


def export(label: str, out: Path | None) -> None:
    """Write a label's references as JSON to `out`, or to standard output. Raises NotEnrolled or BadInput."""
    with _store() as store:
        chosen = [reference for reference in store.references.all() if reference.label == label]
        if not chosen:
            raise NotEnrolled(
                f"There is no reference called {label!r}. `mousegate references list` shows them."
            )
        text = json.dumps([_stored(store, reference) for reference in chosen], indent=1) + "\n"
    if out is None:
        click.echo(text, nl=False)
    elif out.exists():
        raise BadInput(f"{out} exists already: choose another name.")
    else:
        files.make_file(out, text.encode())


def _stored(store: Store, reference: Reference) -> Facts:
    facts = reference_facts(reference)
    assert isinstance(facts, dict)
    return facts | {
        "provenance": store.references.provenance(reference),
        "rhythm": json.loads(reference.rhythm.to_json()) if reference.rhythm else None,
        "motion": base64.b64encode(reference.motion.to_bytes()).decode() if reference.motion else None,
    }


def _store() -> Store:
    store = Store.open()
    if store is None:
        raise NotEnrolled("Nobody is enrolled here. `mousegate enrol` makes a reference.")
    return store
