"""Where the files of an installation belong: for one person, for everybody, or in a package."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from mousegate.storage.paths import home_directory


@dataclass(frozen=True, slots=True)
class Places:
    """Directories of one installation.

    program: the virtual environment. share: man pages, icons, desktop files, documentation. units: of the
    systemd user manager. pam: service files, None where only root could install them. completions of each
    shell lie where that shell looks for them.
    """

    program: Path
    bin: Path
    share: Path
    units: Path
    dbus: Path
    autostart: Path
    catalog: Path | None
    pam: Path | None
    bash: Path
    zsh: Path
    fish: Path

    @property
    def record(self) -> Path:
        """The list of what was installed, by which it is taken away again."""
        return self.program / "installed.json"


def for_one() -> Places:
    """Under the home directory, by the XDG Base Directory Specification and file-hierarchy(7)."""
    home = home_directory()
    share = _absolute("XDG_DATA_HOME", home / ".local/share")
    config = _absolute("XDG_CONFIG_HOME", home / ".config")
    return Places(
        program=share / "mousegate-program",
        bin=home / ".local/bin",
        share=share,
        units=share / "systemd/user",
        dbus=share / "dbus-1/services",
        autostart=config / "autostart",
        catalog=None,
        pam=None,
        bash=share / "bash-completion/completions",
        zsh=share / "zsh/site-functions",
        fish=config / "fish/completions",
    )


def for_everybody() -> Places:
    """Under /usr/local, as an administrator installs what no package manager knows."""
    return _system(Path("/usr/local"))


def for_package() -> Places:
    """Under /usr, as a distribution's package has it."""
    return _system(Path("/usr"))


def _system(prefix: Path) -> Places:
    share = prefix / "share"
    return Places(
        program=prefix / "lib/mousegate",
        bin=prefix / "bin",
        share=share,
        units=prefix / "lib/systemd/user",
        dbus=share / "dbus-1/services",
        autostart=Path("/etc/xdg/autostart"),
        catalog=Path("/usr/lib/systemd/catalog"),
        pam=Path("/etc/pam.d"),
        bash=share / "bash-completion/completions",
        zsh=share / ("zsh/vendor-completions" if prefix == Path("/usr") else "zsh/site-functions"),
        fish=share / "fish/vendor_completions.d",
    )


KINDS = {"me": for_one, "everybody": for_everybody, "package": for_package}


def installed() -> Places | None:
    """Return the places of the installation that runs; None in a checkout or after a bare pip install."""
    program = Path(sys.prefix)
    return next((places for make in KINDS.values() if (places := make()).program == program), None)


def _absolute(variable: str, default: Path) -> Path:
    value = Path(os.environ.get(variable, ""))
    return value if value.is_absolute() else default
