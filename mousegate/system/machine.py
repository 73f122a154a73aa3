"""Where the pieces of a login lie on a machine. Standard library only."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mousegate.storage.paths import LOGIN_STORES

SERVICE: Final = "mousegate-login"
"""PAM service of our own, so that the display manager's file stays as it is."""
GREETER: Final = "mousegate-greeter"
MODULE: Final = "pam_mousegate.so"
_MODULE_PLACES: Final = ("lib/*/security", "usr/lib/*/security", "lib/security", "usr/lib/security")


def display_managers() -> frozenset[str]:
    """Return one mark for each LightDM that runs: it reads its settings only when it starts.

    A mark names one process for all time: boot, process number and moment of its start (proc(5)).
    """
    boot = _text(Path("/proc/sys/kernel/random/boot_id"))
    found = {}
    for folder in Path("/proc").iterdir():
        head, _, rest = _text(folder / "stat").rpartition(")") if folder.name.isdigit() else ("", "", "")
        fields = rest.split()
        if head.endswith("(lightdm") and len(fields) > 19 and _same_root(folder):
            found[folder.name] = (fields[1], f"{boot} {folder.name} {fields[19]}")
    # A child of LightDM's is one person's session, and reads nothing.
    return frozenset(mark for parent, mark in found.values() if parent not in found)


def _same_root(folder: Path) -> bool:
    """Tell whether a process lives on this machine, and not in a container of it."""
    try:
        return (folder / "root").samefile("/")
    except OSError:
        return False


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""


@dataclass(frozen=True, slots=True)
class Machine:
    """One computer.

    root: where its files are, `/` but in tests. program: the installation that is to judge logins, itself not
    below `root`. running: returns the marks of the display managers that run. greeter_user: as whom LightDM
    runs a greeter.
    """

    root: Path = Path("/")
    program: Path = Path(sys.prefix)
    running: Callable[[], frozenset[str]] = display_managers
    greeter_user: str = "lightdm"

    def under(self, path: str) -> Path:
        """Return where an absolute path of the machine is."""
        return self.root / path.lstrip("/")

    def named(self, path: Path) -> str:
        """Return the path as it is called on the machine."""
        return f"/{path.relative_to(self.root)}"

    @property
    def stores(self) -> Path:
        """The folder of all stores for login."""
        return self.under(str(LOGIN_STORES))

    @property
    def state(self) -> Path:
        """What was changed here, and how it was before. No user is called so: no name has a leading dot."""
        return self.stores / ".system"

    @property
    def pam(self) -> Path:
        """The folder of PAM's service files."""
        return self.under("/etc/pam.d")

    @property
    def service(self) -> Path:
        """Our service file for login."""
        return self.pam / SERVICE

    @property
    def lightdm(self) -> Path:
        """LightDM's own folder of settings."""
        return self.under("/etc/lightdm")

    @property
    def drop_in(self) -> Path:
        """Our settings for LightDM: the last file that it reads before lightdm.conf."""
        return self.lightdm / "lightdm.conf.d/99-mousegate.conf"

    @property
    def entries(self) -> tuple[Path, ...]:
        """Where LightDM looks for our greeter, as it is found with no $XDG_DATA_DIRS."""
        folders = ("/usr/local/share/xgreeters", "/usr/share/xgreeters")
        return tuple(self.under(folder) / f"{GREETER}.desktop" for folder in folders)

    @property
    def helper(self) -> Path:
        """The program that the PAM module starts."""
        return self.program / "bin/mousegate-verify"

    def module(self, name: str) -> Path | None:
        """Return where a PAM module is, None where it is missing."""
        if name.startswith("/"):
            return Path(name) if Path(name).is_file() else None
        return next((path for place in _MODULE_PLACES for path in self.root.glob(f"{place}/{name}")), None)

    def people(self) -> list[str]:
        """Return whose copies there are for login. Empty where they cannot be seen."""
        try:
            return sorted(one.name for one in self.stores.iterdir() if one.name[0] != ".")
        except OSError:
            return []
