"""A way on when the store itself is broken: put it aside, untouched, and begin a new one."""

import time
from pathlib import Path

from mousegate.errors import StoreError
from mousegate.storage.paths import data_directory
from mousegate.storage.store import Store


def open_or_replace(directory: Path | None = None) -> tuple[Store, Path | None]:
    """Open the store, or move a broken one aside and create a new one; return it and where the old one went.

    Only for a person who has just given the password. Raises StoreError when even that fails.
    """
    directory = directory or data_directory()
    try:
        return Store.create(directory), None
    except StoreError:
        aside = directory.with_name(f"{directory.name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}")
        try:
            directory.rename(aside)
        except OSError as cause:
            raise StoreError(f"{directory} cannot be moved aside: {cause.strerror}.") from cause
        return Store.create(directory), aside
