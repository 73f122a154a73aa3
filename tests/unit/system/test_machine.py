"""What is told of the machine itself: which display managers run."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mousegate.system.machine import display_managers


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is called lightdm, with a child that is called so, too."""
    shell = shutil.which("sh")
    assert shell
    shutil.copy(shell, tmp_path / "lightdm")
    own = tmp_path / "lightdm"
    process = subprocess.Popen(
        [own, "-c", f"exec 3<&0; {own} -c 'echo there; read -r end' <&3 & wait"],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"there\n"
    yield process
    process.communicate()


def test_a_display_manager_is_one_mark_for_all_time(manager: subprocess.Popen[bytes]) -> None:
    """A LightDM that runs is told once, without its sessions, and not any more when it has ended."""
    (mark,) = [one for one in display_managers() if one.split()[1] == str(manager.pid)]
    assert mark in display_managers()
    manager.kill()
    manager.wait()
    until = time.monotonic() + 20
    while mark in display_managers():
        assert time.monotonic() < until
