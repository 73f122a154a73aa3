"""The draft: a setup that is not finished, kept apart from the store. Nothing in it locks or opens.

It lies in `setup/` in the store's directory: `choices.json`, recordings of the pointer (never keys), and a
store of its own, with the same key as the real one, so that what was enrolled in it can be moved over at the
end. Throwing it away leaves everything as it was.
"""

import os
import shutil
from pathlib import Path
from typing import Final

from mousegate.capture import formats
from mousegate.core.events import Events
from mousegate.core.reference import Reference
from mousegate.errors import BadInput, StoreError
from mousegate.storage import files
from mousegate.storage.paths import data_directory
from mousegate.storage.store import KEY_NAME, STORE_NAME, Store
from mousegate.wizard.choices import Choices

NAME: Final = "setup"
_CHOICES: Final = "choices.json"
_RECORDING: Final = "movement-{:03d}.mouse"


class Draft:
    """The files of a setup. `directory` is the real store's."""

    def __init__(self, directory: Path | None = None) -> None:
        self.real_directory = directory or data_directory()
        self.directory = self.real_directory / NAME

    def exists(self) -> bool:
        """Whether a setup was begun and not finished. Raises StoreError where its files are not private."""
        return files.check_directory(self.directory) and files.check_file(self.directory / _CHOICES)

    def load(self) -> Choices:
        """Return the choices kept. Raises BadInput or StoreError when they cannot be read."""
        files.check_file(self.directory / _CHOICES)
        try:
            return Choices.from_json((self.directory / _CHOICES).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as cause:
            raise BadInput("What was kept of the last setup cannot be read. Begin anew.") from cause

    def save(self, choices: Choices) -> None:
        """Keep the choices. Raises StoreError."""
        self._make()
        aside = self.directory / f".{_CHOICES}.{os.getpid()}"
        aside.unlink(missing_ok=True)
        files.make_file(aside, choices.to_json().encode())
        aside.replace(self.directory / _CHOICES)

    def store(self) -> Store:
        """Open the draft's own store, making it where it is missing, under the real store's key."""
        self._make()
        own = self.directory / "store"
        files.make_directory(own)
        key_file = self.real_directory / KEY_NAME
        if files.check_file(key_file) and not files.check_file(own / KEY_NAME):
            files.make_file(own / KEY_NAME, files.read_key(key_file))
        return Store.create(own)

    def reference(self) -> Reference | None:
        """Return what has been enrolled in this draft so far."""
        if not (self.directory / "store" / STORE_NAME).exists():
            return None
        with self.store() as store:
            return next(iter(store.references.all()), None)

    def keep(self, reference: Reference) -> None:
        """Put `reference` in place of whatever the draft holds."""
        with self.store() as store, store.transaction() as connection:
            connection.execute("DELETE FROM reference")
            store.references.put(reference, provenance="setup")

    # ---- recordings

    def recordings(self) -> list[Events]:
        """Return the recordings kept, oldest first. Raises BadInput."""
        return [formats.read(path) for path in self._recordings()]

    def next_recording(self) -> int:
        """Return the number of a recording that begins now."""
        return 1 + max((int(path.stem.rpartition("-")[2]) for path in self._recordings()), default=0)

    def keep_recording(self, number: int, events: Events) -> None:
        """Keep a recording, in the place of what it was before. Raises BadInput or StoreError."""
        self._make()
        formats.write(self.directory / _RECORDING.format(number), events)

    def drop_recordings(self) -> None:
        """Forget all recorded movement."""
        for path in self._recordings():
            path.unlink(missing_ok=True)

    def _recordings(self) -> list[Path]:
        return sorted(self.directory.glob("movement-[0-9]*.mouse"))

    # ---- its end

    def discard(self) -> None:
        """Remove the draft, and the store's directory if it is empty then. Raises StoreError."""
        try:
            if self.directory.exists():
                shutil.rmtree(self.directory)
            if self.real_directory.is_dir() and not any(self.real_directory.iterdir()):
                self.real_directory.rmdir()
        except OSError as cause:
            raise StoreError(f"{self.directory} cannot be removed: {cause.strerror}. Delete it.") from cause

    def _make(self) -> None:
        files.make_directory(self.real_directory)
        files.make_directory(self.directory)
