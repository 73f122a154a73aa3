"""Every change that is made to a machine's files: each is whole and on the disk, or has not happened.

Standard library only.
"""

import ctypes
import errno
import hashlib
import os
import shutil
import stat
from pathlib import Path
from typing import Final

from mousegate.errors import MousegateError

LARGEST: Final = 1 << 20
"""Bytes of a settings file; larger ones are none."""
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


class MachineError(MousegateError):
    """A file of the machine is not what it should be, or cannot be changed."""


def digest(content: bytes | None) -> str | None:
    """Return the SHA-256 of a file's content in hexadecimal digits; None for no file."""
    return None if content is None else hashlib.sha256(content).hexdigest()


def read(path: Path) -> bytes | None:
    """Return what is in a file, None where there is none. Raises MachineError for a link or anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as cause:
        if cause.errno == errno.ELOOP:
            raise MachineError(f"{path} is a symbolic link: put the file itself there.") from cause
        raise MachineError(f"{path} cannot be read: {cause.strerror}.") from cause
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise MachineError(f"{path} is not a plain file: move it away.")
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise MachineError(f"{path} has more than {LARGEST} bytes: move it away.")
    return content


def mode_of(path: Path) -> int:
    """Return the permission bits of a file."""
    return stat.S_IMODE(path.lstat().st_mode)


def write(path: Path, content: bytes, mode: int) -> None:
    """Put `content` in the place of the file, at once. Raises MachineError; then nothing has changed."""
    aside = _aside(path)
    try:
        aside.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(aside, flags, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        aside.replace(path)
        _settle(path.parent)
    except OSError as cause:
        aside.unlink(missing_ok=True)
        raise MachineError(f"{path} cannot be written: {cause.strerror}.") from cause


def discard(path: Path) -> None:
    """Remove what a `write` that was cut off has left beside a file. Raises MachineError."""
    remove(_aside(path))


def _aside(path: Path) -> Path:
    return path.with_name(f".{path.name}.mousegate")


def remove(path: Path) -> None:
    """Remove a file. Raises MachineError."""
    try:
        if path.exists() or path.is_symlink():
            path.unlink()
            _settle(path.parent)
    except OSError as cause:
        raise MachineError(f"{path} cannot be removed: {cause.strerror}.") from cause


def make_folder(path: Path, mode: int) -> list[Path]:
    """Make a folder and those above it; return the new ones, the deepest first. Raises MachineError."""
    missing = [one for one in (path, *path.parents) if not one.exists()]
    try:
        for one in reversed(missing):
            one.mkdir(mode=mode)
            one.chmod(mode)
    except OSError as cause:
        raise MachineError(f"{path} cannot be made: {cause.strerror}.") from cause
    return missing


def remove_folder(path: Path) -> None:
    """Remove a folder where it is empty."""
    if path.is_dir() and not any(path.iterdir()):
        path.rmdir()


def remove_tree(path: Path) -> None:
    """Remove a folder with all that is in it, where it is there. Raises MachineError."""
    try:
        if path.is_symlink():
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)
    except OSError as cause:
        raise MachineError(f"{path} cannot be removed: {cause.strerror}.") from cause


def move(old: Path, new: Path) -> None:
    """Rename a folder to a name that is free. Raises MachineError."""
    try:
        old.rename(new)
        _settle(new.parent)
    except OSError as cause:
        raise MachineError(f"{old} cannot be renamed: {cause.strerror}.") from cause


def exchange(one: Path, other: Path) -> None:
    """Exchange two folders, at once: at no moment is either name free (renameat2(2), Linux 3.15).

    Raises MachineError; then nothing has changed.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    paths = (os.fsencode(one), os.fsencode(other))
    if libc.renameat2(_AT_FDCWD, paths[0], _AT_FDCWD, paths[1], ctypes.c_uint(_RENAME_EXCHANGE)) != 0:
        reason = os.strerror(ctypes.get_errno())
        raise MachineError(f"{other} cannot be put in the place of {one}: {reason}.")
    _settle(one.parent)


def _settle(folder: Path) -> None:
    """Have the names of a folder written to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
