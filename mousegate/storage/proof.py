"""That a session was opened with the signature: told by root's helper to the daemon that starts in it.

A file in /run, which only root can write and which no boot outlives. It holds the time of the proof by
CLOCK_BOOTTIME, which nobody can set, so that a daemon that is started again later in the day has none.
"""

import logging
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_log = logging.getLogger("mousegate.proof")
PROOFS: Final = Path("/run/mousegate")
FRESH_S: Final = 120.0
"""From the proof to the daemon's start: the desktop starts in between."""
_LARGEST_BYTES: Final = 64


def boot_time_s() -> float:
    """Return seconds since the machine was started, those in which it slept included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def leave(user: str, folder: Path = PROOFS, clock: Callable[[], float] = boot_time_s) -> None:
    """Write, as root, that `user` has just proved who they are; what fails is logged and proves nothing."""
    fresh = folder / f".{user}.new"
    try:
        folder.mkdir(mode=0o755, exist_ok=True)
        folder.chmod(0o755)
        fresh.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(fresh, flags, 0o644), "w") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(f"{clock():.3f}\n")
        fresh.replace(folder / user)
    except OSError as error:
        _log.warning("The daemon is not told of the login with the signature: %s", error)


def is_fresh(
    user: str, folder: Path = PROOFS, clock: Callable[[], float] = boot_time_s, root_uid: int = 0
) -> bool:
    """Return whether root has written, a short while ago, that `user` proved who they are."""
    try:
        with os.fdopen(os.open(folder / user, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
            for found in (os.fstat(file.fileno()), folder.lstat()):
                if found.st_uid != root_uid or found.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                    return False
            age_s = clock() - float(file.read(_LARGEST_BYTES))
    except (OSError, ValueError):
        return False
    return 0.0 <= age_s <= FRESH_S
