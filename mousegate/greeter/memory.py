"""Who logged in last, and into which desktop: kept by the login screen for the next time. No Qt.

It is a convenience: a file that cannot be read or written changes only what is shown first.
"""

import json
import logging
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final

from mousegate.storage.paths import data_directory

_log = logging.getLogger("mousegate.greeter")
_LARGEST_BYTES: Final = 64 * 1024
_MOST_PEOPLE: Final = 200


@dataclass(frozen=True, slots=True)
class Memory:
    """user: who logged in last. sessions: the key of each person's desktop."""

    user: str = ""
    sessions: dict[str, str] = field(default_factory=dict)

    def after(self, user: str, session: str) -> "Memory":
        """Return what to remember once `user` has logged in; "" for the desktop they had before."""
        kept = {name: key for name, key in self.sessions.items() if name != user or not session}
        latest = dict([*kept.items(), *([(user, session)] if session else [])][-_MOST_PEOPLE:])
        return replace(self, user=user, sessions=latest)


def recall(path: Path | None = None) -> Memory:
    """Return what is remembered, nothing where that cannot be read."""
    try:
        with (path or _file()).open("rb") as file:
            stored = json.loads(file.read(_LARGEST_BYTES))
        user, sessions = stored["user"], stored["sessions"]
        if isinstance(user, str) and all(isinstance(key, str) for key in sessions.values()):
            return Memory(user, sessions)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    return Memory()


def remember(memory: Memory, path: Path | None = None) -> None:
    """Write it, whole or not at all."""
    path = path or _file()
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh.write_text(json.dumps(asdict(memory)))
        fresh.replace(path)
    except OSError as error:
        _log.warning("Who logged in last is not remembered: %s", error)


def _file() -> Path:
    return data_directory() / "login.json"
