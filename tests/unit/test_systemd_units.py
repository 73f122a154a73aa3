"""The systemd units that are installed."""

import os
import subprocess
from pathlib import Path
from typing import Final

import pytest

UNITS: Final = sorted((Path(__file__).parents[2] / "systemd").glob("*.service"))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: str(unit.name))
def test_systemd_accepts_the_unit(tmp_path: Path, unit: Path) -> None:
    """`systemd-analyze verify` has nothing to say about it."""
    tmp_path.chmod(0o700)
    said = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(unit)],
        env=dict(os.environ) | {"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
