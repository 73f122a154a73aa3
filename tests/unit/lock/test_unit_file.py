"""The systemd unit of the lock."""

import os
import subprocess
from pathlib import Path

UNIT = Path(__file__).parents[3] / "systemd/mousegate-lock.service"


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    """`systemd-analyze verify` has nothing to say about it."""
    tmp_path.chmod(0o700)
    said = subprocess.run(
        ["systemd-analyze", "--user", "verify", str(UNIT)],
        env=dict(os.environ) | {"XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (said.returncode, said.stdout + said.stderr) == (0, "")
