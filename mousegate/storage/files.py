"""Opening private files safely: our own directory and files, nobody else's, never through a link."""

import os
import stat
from pathlib import Path
from typing import Final

from mousegate.errors import StoreError

DIRECTORY_MODE: Final = 0o700
FILE_MODE: Final = 0o600
KEY_BYTES: Final = 32
_OTHERS: Final = 0o077


def check_directory(path: Path) -> bool:
    """Return whether `path` exists. Raises StoreError when it does and is not a private directory of ours."""
    found = _status(path)
    if found is None:
        return False
    if not stat.S_ISDIR(found.st_mode):
        raise StoreError(f"{path} is not a directory (perhaps a link): move it away and enrol again.")
    _check_private(path, found, DIRECTORY_MODE)
    return True


def check_file(path: Path) -> bool:
    """Return whether `path` exists. Raises StoreError when it is no private plain file of ours."""
    found = _status(path)
    if found is None:
        return False
    if stat.S_ISLNK(found.st_mode):
        raise StoreError(
            f"{path} is a symbolic link, which mousegate does not follow: put the file itself there."
        )
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise StoreError(f"{path} is not a plain file with one name: move it away and enrol again.")
    _check_private(path, found, FILE_MODE)
    return True


def make_directory(path: Path) -> None:
    """Create `path` with mode 0700 unless it is there already. Raises StoreError as check_directory does."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
    except OSError as cause:
        raise StoreError(f"{path} cannot be made: {cause.strerror}.") from cause
    check_directory(path)


def make_file(path: Path, content: bytes) -> None:
    """Create `path` with mode 0600 and this content. Raises StoreError when it exists or cannot be made."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(path, flags, FILE_MODE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as cause:
        raise StoreError(f"{path} cannot be made: {cause.strerror}.") from cause


def read_key(path: Path) -> bytes:
    """Return the store's 32-byte secret. Raises StoreError when it is missing, unsafe or damaged."""
    if not check_file(path):
        raise StoreError(
            f"{path} is missing, and no reference can be read without it: delete them and enrol again."
        )
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            key = file.read(KEY_BYTES + 1)
    except OSError as cause:
        raise StoreError(f"{path} cannot be read: {cause.strerror}.") from cause
    if len(key) != KEY_BYTES:
        raise StoreError(f"{path} is damaged ({len(key)} bytes, not {KEY_BYTES}): restore it or enrol again.")
    return key


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except FileNotFoundError:
        return None
    except OSError as cause:
        raise StoreError(f"{path} cannot be looked at: {cause.strerror}.") from cause


def _check_private(path: Path, found: os.stat_result, mode: int) -> None:
    if found.st_uid != os.geteuid():
        raise StoreError(f"{path} belongs to user {found.st_uid}, not to you: move it away and enrol again.")
    if found.st_mode & _OTHERS:
        raise StoreError(f"{path} can be read or changed by others: run `chmod {mode:o} {path}`.")
