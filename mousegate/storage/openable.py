"""Where a lock is asked for, and whether what is stored could open it again. Standard library only.

Both `mousegate lock` and the keeper that waits for it need these, and the first must know them within a few
milliseconds: nothing but `os` is imported until `could_open` is called.
"""

import os


def lock_socket() -> str | None:
    """Return the path of the socket on which the waiting keeper of $DISPLAY is asked to lock.

    None where there is no display or no $XDG_RUNTIME_DIR, the one directory that is private and local.
    """
    runtime, display = os.environ.get("XDG_RUNTIME_DIR", ""), os.environ.get("DISPLAY", "")
    if not runtime.startswith("/") or not display:
        return None
    return f"{runtime}/mousegate-lock{display.replace('/', '_')}"


def could_open() -> bool:
    """Return whether the store surely holds what opens a lock: a reference, a recovery code, or `disable`.

    False is no verdict: whoever asks then looks at store and configuration in full, and says what is wrong.
    """
    import sqlite3

    from mousegate.errors import StoreError
    from mousegate.storage import files
    from mousegate.storage.paths import data_directory

    directory = data_directory()
    try:
        private = [directory / "key", directory / "store.sqlite"]
        if not (files.check_directory(directory) and all(files.check_file(path) for path in private)):
            return False
        store = sqlite3.connect(f"{private[1].as_uri()}?mode=ro", uri=True, timeout=0.2)
        try:
            (found,) = store.execute(
                "SELECT EXISTS (SELECT 1 FROM reference) OR EXISTS (SELECT 1 FROM recovery)"
                " OR EXISTS (SELECT 1 FROM setting WHERE name = 'armed' AND value = 'no')"
            ).fetchone()
        finally:
            store.close()
    except (StoreError, sqlite3.Error):
        return False
    return bool(found)
