"""The battery, read from sysfs. No Qt."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

POWER_SUPPLIES: Final = Path("/sys/class/power_supply")


@dataclass(frozen=True, slots=True)
class Battery:
    """Charge in percent, and whether it is being charged (or full on mains)."""

    percent: int
    charging: bool


def read_battery(directory: Path = POWER_SUPPLIES) -> Battery | None:
    """Return the machine's first battery; None where there is none or it cannot be read.

    Source: Linux, Documentation/ABI/testing/sysfs-class-power. A mouse's own battery has the scope "Device".
    """
    try:
        supplies = sorted(directory.iterdir())
    except OSError:
        return None
    for supply in supplies:
        if _word(supply / "type") == "Battery" and _word(supply / "scope") != "Device":
            percent = _word(supply / "capacity")
            if percent.isdecimal():
                return Battery(min(int(percent), 100), _word(supply / "status") in {"Charging", "Full"})
    return None


def _word(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
