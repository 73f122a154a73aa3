"""Writing config.toml: keys are changed or added; every other line, comments included, stays as it was."""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mousegate.errors import ConfigurationError
from mousegate.storage.config import parse
from mousegate.storage.paths import config_file

_LINE: Final = r"(?m)^[ \t]*{key}[ \t]*=.*$"


def write(changes: Mapping[str, str | int | bool], path: Path | None = None) -> None:
    """Set keys in config.toml, atomically; the file is made where it is missing.

    Raises ConfigurationError, and changes nothing, for a key or value that is not allowed, a file that has a
    mistake already, or one that cannot be written.
    """
    path = path or config_file()
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as cause:
        raise ConfigurationError(f"{path} cannot be read. Look at its owner and its text.") from cause
    replace(changed(before, changes, str(path)), path)


def replace(text: str, path: Path) -> None:
    """Put `text` in the place of the file, atomically. Raises ConfigurationError."""
    target = Path(os.path.realpath(path))
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = target.stat().st_mode & 0o777 if target.exists() else 0o600
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(target)
    except OSError as cause:
        aside.unlink(missing_ok=True)
        raise ConfigurationError(f"{path} cannot be written: {cause.strerror}.") from cause


def changed(text: str, changes: Mapping[str, str | int | bool], where: str = "config.toml") -> str:
    """Return the text of a config.toml with these keys set.

    Raises ConfigurationError where the text or a value is wrong, or where the text is written in so unusual a
    way that a key cannot be changed without touching others.
    """
    try:
        known = tomllib.loads(text)
    except tomllib.TOMLDecodeError as cause:
        raise ConfigurationError(f"{where} is not TOML: {cause}.") from cause
    wanted = known | dict(changes)
    parse(wanted, where)
    for key, value in changes.items():
        if known.get(key) == value and key in known:
            continue
        line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
        pattern = _LINE.format(key=re.escape(key))
        if re.search(pattern, text):
            text = re.sub(pattern, lambda found, line=line: line, text, count=1)  # type: ignore[misc]
        else:
            text += ("" if not text or text.endswith("\n") else "\n") + line + "\n"
    if tomllib.loads(text) != wanted:
        raise ConfigurationError(f"{where} cannot be changed safely: set {', '.join(changes)} there by hand.")
    return text
