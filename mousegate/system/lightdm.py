"""LightDM's settings: which file wins, and what has to be said where. Standard library only.

The order in which files are read, of which the last wins, is that of LightDM 1.26 (`lightdm --show-config`):
lightdm.conf.d below /usr/share, /usr/local/share, /etc/xdg and /etc/lightdm, then /etc/lightdm/lightdm.conf.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mousegate.system import disk
from mousegate.system.disk import MachineError
from mousegate.system.machine import GREETER, SERVICE, Machine

WANTED: Final = {"greeter-session": GREETER, "pam-service": SERVICE}
"""Keys that must be so for every seat, or the signature is not asked for."""
DROP_IN: Final = f"""# Login with password and mouse signature. Written by `mousegate system enable`, and
# taken away again by `sudo mousegate system disable`, which works on a text console, too. Without it: rm
# this file, restart LightDM.
[Seat:*]
# The greeter that can ask for the signature.
greeter-session={GREETER}
# /etc/pam.d/{SERVICE}: the password first, then the signature.
pam-service={SERVICE}
# People choose their face; Debian hides them. To hide them, set it to true in /etc/lightdm/lightdm.conf.
greeter-hide-users=false
"""
_SECTION: Final = re.compile(r"\s*\[(.+)\]\s*$")
_SETTING: Final = re.compile(r"\s*([a-z-]+)\s*=\s*(.*?)\s*$")
_EVERY_SEAT: Final = ("Seat:*", "SeatDefaults")
_ASIDE: Final = "# Set aside by `mousegate system enable`: "
_FOLDERS: Final = (
    "/usr/share/lightdm/lightdm.conf.d", "/usr/local/share/lightdm/lightdm.conf.d",
    "/etc/xdg/lightdm/lightdm.conf.d", "/etc/lightdm/lightdm.conf.d",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One setting in a file of LightDM's. number: of the line, from 0."""

    path: Path
    number: int
    section: str
    key: str
    value: str

    @property
    def is_for_every_seat(self) -> bool:
        """Whether it is said of every seat, not of some."""
        return self.section in _EVERY_SEAT


def files(machine: Machine) -> list[Path]:
    """Return LightDM's files in the order in which it reads them; our own is not there yet, or is."""
    found = [path for folder in _FOLDERS for path in sorted(machine.under(folder).glob("*.conf"))]
    return [*found, machine.lightdm / "lightdm.conf"]


def settings(path: Path) -> Iterator[Line]:
    """Return the settings in a file, none where it is missing. Raises MachineError."""
    section = ""
    for number, text in enumerate(_lines(path)):
        if found := _SECTION.match(text):
            section = found[1].strip()
        elif found := _SETTING.match(text):
            yield Line(path, number, section, found[1], found[2])


def effective(machine: Machine, key: str) -> str:
    """Return what LightDM takes for every seat; empty where no file says it."""
    lines = (line for path in files(machine) for line in settings(path))
    return next((line.value for line in [*lines][::-1] if line.key == key and line.is_for_every_seat), "")


def is_ours(machine: Machine) -> bool:
    """Tell whether LightDM asks for the signature, from its next start."""
    return all(effective(machine, key) == value for key, value in WANTED.items())


def names_service(machine: Machine) -> Path | None:
    """Return a file that names our PAM service or greeter, on whatever seat; None where none does."""
    for path in files(machine):
        if any(WANTED.get(line.key) == line.value for line in settings(path)):
            return path
    return None


def overrides(machine: Machine) -> dict[Path, bytes]:
    """Return files that would win over ours, each with its text without the lines that do.

    Raises MachineError where a single seat is set up on its own: what was meant there is not ours to guess.
    """
    changed = {}
    for path in files(machine):
        wrong = [line for line in settings(path) if line.key in WANTED and line.value != WANTED[line.key]]
        for line in wrong:
            if line.section.startswith("Seat:") and not line.is_for_every_seat:
                raise MachineError(
                    f"{machine.named(path)} sets {line.key} for [{line.section}] alone: take that out first, "
                    "or this seat would not ask for the signature."
                )
        numbers = {line.number for line in wrong if line.is_for_every_seat}
        if numbers and _is_read_after_ours(machine, path):
            texts = [_ASIDE + text if at in numbers else text for at, text in enumerate(_lines(path))]
            changed[path] = "\n".join(texts).encode("utf-8", "surrogateescape")
    return changed


def logs_in_by_itself(machine: Machine) -> str:
    """Return who is logged in without any question, empty where nobody is."""
    return effective(machine, "autologin-user")


def _is_read_after_ours(machine: Machine, path: Path) -> bool:
    ours = machine.drop_in
    return path == machine.lightdm / "lightdm.conf" or (path.parent == ours.parent and path.name > ours.name)


def _lines(path: Path) -> list[str]:
    return (disk.read(path) or b"").decode("utf-8", "surrogateescape").split("\n")
