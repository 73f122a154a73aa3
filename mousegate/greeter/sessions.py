"""Which desktops can be started, and in which language. No Qt.

Desktop entries are read as the Desktop Entry Specification 1.5 has them, from where display managers look.
"""

import configparser
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

X_SESSIONS: Final = Path("/usr/share/xsessions")
WAYLAND_SESSIONS: Final = Path("/usr/share/wayland-sessions")
_LOCALES_LIMIT_S: Final = 5.0
_MAX_ENTRY_BYTES: Final = 256 * 1024
_ENTRY: Final = "Desktop Entry"


@dataclass(frozen=True, slots=True)
class Session:
    """One desktop. `key`: its entry's name without the ending. `words`: its command, empty where a display
    manager finds that by itself. `desktops`: $XDG_CURRENT_DESKTOP. is_wayland: it brings its own display.
    """

    key: str
    name: str
    words: tuple[str, ...] = ()
    desktops: str = ""
    is_wayland: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """A locale that is installed, by its name for LANG and by what a person reads."""

    code: str
    name: str


def read_sessions(x_folder: Path = X_SESSIONS, wayland: Path = WAYLAND_SESSIONS) -> tuple[Session, ...]:
    """Return the desktops that can be started, by name; an entry that cannot be read is left out."""
    found = [*_folder(x_folder, is_wayland=False), *_folder(wayland, is_wayland=True)]
    return tuple(sorted(found, key=lambda session: (session.name.casefold(), session.is_wayland)))


def _folder(folder: Path, *, is_wayland: bool) -> Iterator[Session]:
    for path in sorted(folder.glob("*.desktop")):
        session = _entry(path, is_wayland)
        if session is not None:
            yield session


def _entry(path: Path, is_wayland: bool) -> Session | None:
    parser = configparser.RawConfigParser(strict=False, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    try:
        with path.open("rb") as file:
            parser.read_string(file.read(_MAX_ENTRY_BYTES).decode("utf-8", "replace"))
        entry = dict(parser[_ENTRY])
        words = tuple(word for word in shlex.split(entry["Exec"]) if not word.startswith("%"))
    except (OSError, configparser.Error, KeyError, ValueError):
        return None
    hidden = "true" in (entry.get("Hidden"), entry.get("NoDisplay"))
    if hidden or not words or (entry.get("TryExec") and not shutil.which(entry["TryExec"])):
        return None
    desktops = entry.get("DesktopNames", "").strip(";").replace(";", ":")
    return Session(path.stem, entry.get("Name", path.stem), words, desktops, is_wayland)


def installed_locales() -> tuple[str, ...]:
    """Return the UTF-8 locales that `locale -a` lists, without C and POSIX; none where it fails."""
    try:
        listed = subprocess.run(
            ["locale", "-a"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_LOCALES_LIMIT_S,
            check=True,
            env={"PATH": os.environ.get("PATH", os.defpath)},
        )
    except (OSError, subprocess.SubprocessError):
        return ()
    names = listed.stdout.decode("utf-8", "replace").split()
    return tuple(name for name in names if "_" in name and name.lower().endswith((".utf8", ".utf-8")))
