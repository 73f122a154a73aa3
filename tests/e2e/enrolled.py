"""A person who is enrolled on a private desktop at once: without rehearsal, from a made-up recording."""

from dataclasses import replace
from pathlib import Path

from mousegate.capture import synthetic
from mousegate.capture.formats import write
from mousegate.core import rhythm
from mousegate.core.events import PointerDevice
from mousegate.core.probe import Click, Target
from mousegate.core.reference import Reference
from mousegate.storage import hashing
from mousegate.storage.store import Store
from tests.e2e.desktop import Desktop
from tests.e2e.story import RHYTHM, Beat

LABEL = "me"


def enrol_rhythm(desktop: Desktop, beats: tuple[Beat, ...] = RHYTHM) -> None:
    """Give this desktop's person a rhythm, beside the movement that may be enrolled already."""
    clicks = tuple(Click(Target[target.upper()], hold_ms) for target, hold_ms in beats)
    with Store.create(desktop.store) as store:
        protected = hashing.protect(rhythm.enrol([clicks] * rhythm.REPETITIONS), store.key)
        found = store.references.find(LABEL, PointerDevice.UNKNOWN)
        blank = Reference(LABEL, PointerDevice.UNKNOWN, None, None, 1.0, 1.0)
        store.references.put(replace(found or blank, rhythm=protected), "test")
        store.settings.arm()


def enrol_movement(desktop: Desktop, directory: Path, seed: int) -> None:
    """Enrol the movement of the synthetic person `seed`."""
    recording = directory / "owner.csv"
    size = (desktop.width, desktop.height)
    write(recording, synthetic.session(synthetic.hand(seed), 180, size, seed=7), "native")
    done = desktop.run("enrol", "--label", LABEL, "--from", str(recording))
    assert done.returncode == 0, done.stderr
