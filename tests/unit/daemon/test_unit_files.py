"""What is installed for systemd, D-Bus and desktops."""

import configparser
from pathlib import Path

from mousegate.bus import names

ROOT = Path(__file__).parents[3]
UNIT = ROOT / "systemd/mousegate.service"


def read(path: Path) -> configparser.ConfigParser:
    """Read a file of this kind; keys keep their case."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text())
    return parser


def test_all_files_mean_the_same_daemon() -> None:
    """Bus name, unit and command agree between unit, activation file and autostart."""
    unit, activation = read(UNIT), read(ROOT / f"mousegate/data/{names.NAME}.service")
    autostart = read(ROOT / "mousegate/data/mousegate-autostart.desktop")
    assert unit["Service"]["BusName"] == activation["D-BUS Service"]["Name"] == names.NAME
    assert activation["D-BUS Service"]["SystemdService"] == UNIT.name
    assert unit["Service"]["ExecStart"] == activation["D-BUS Service"]["Exec"]
    assert names.NAME in autostart["Desktop Entry"]["Exec"]
