"""Where things lie, by the XDG Base Directory Specification (0.8). Standard library only."""

import os
import pwd
from pathlib import Path
from typing import Final

_NAME: Final = "mousegate"
LOGIN_STORES: Final = Path("/var/lib/mousegate")
"""Folder of the stores for login, one for each person: root's alone."""
LOGIN_CONFIG_NAME: Final = "config.toml"
"""Beside a store for login: what of the person's settings holds there."""


def data_directory() -> Path:
    """Return the directory of the store, `$XDG_DATA_HOME/mousegate`. It need not exist."""
    return _base("XDG_DATA_HOME", ".local/share") / _NAME


def config_file() -> Path:
    """Return `$XDG_CONFIG_HOME/mousegate/config.toml`. It need not exist."""
    return _base("XDG_CONFIG_HOME", ".config") / _NAME / "config.toml"


def _base(variable: str, default: str) -> Path:
    """Return an XDG base directory; the specification says to ignore a value that is not absolute."""
    value = os.environ.get(variable, "")
    return Path(value) if Path(value).is_absolute() else home_directory() / default


def home_directory() -> Path:
    """Return $HOME, else the home directory of the password database."""
    value = os.environ.get("HOME", "")
    return Path(value) if Path(value).is_absolute() else Path(pwd.getpwuid(os.getuid()).pw_dir)
