"""Claims about the programs that a locked screen may start."""

import os
import sys
from pathlib import Path

import pytest

from mousegate.greeter.programs import MEDIA_COMMANDS, MediaKey, Programs, switch_user_command
from tests.gui.peer import wait_until


def fake_program(directory: Path, name: str) -> Path:
    """Install a program that notes its words, its environment's names and its descriptors."""
    noted = directory / f"{name}.noted"
    path = directory / name
    code = "import os, sys; print(sys.argv[1:], *os.environ, sorted(map(int, os.listdir('/proc/self/fd'))))"
    path.write_text(f'#!/bin/sh\n{sys.executable} -c "{code}" "$@" >> {noted}.new; mv {noted}.new {noted}\n')
    path.chmod(0o700)
    return noted


@pytest.mark.parametrize("key", MediaKey)
def test_every_key_has_commands_without_a_shell(key: MediaKey) -> None:
    """Each key runs whole, fixed commands of one purpose; none of them can be made to run another."""
    assert MEDIA_COMMANDS[key]
    for command in MEDIA_COMMANDS[key]:
        assert command[0] in {"wpctl", "pactl", "amixer", "playerctl", "brightnessctl", "light"}
        assert not set("".join(command)) & set("$`;|&<>\n")


def test_the_first_program_that_is_installed_is_started(tmp_path: Path) -> None:
    """With the next one's words, no descriptor of ours, and nothing of the lock's environment."""
    noted = fake_program(tmp_path, "pactl")
    os.environ["MOUSEGATE_PEER_FD"] = "7"
    try:
        programs = Programs(lambda name: str(tmp_path / name) if name == "pactl" else None)
        assert programs.press(MediaKey.VOLUME_UP)
    finally:
        del os.environ["MOUSEGATE_PEER_FD"]
    wait_until(lambda: noted.exists() and programs.is_idle(), "the program to run")
    words = noted.read_text()
    assert "['set-sink-volume', '@DEFAULT_SINK@', '+5%']" in words
    assert "MOUSEGATE_PEER_FD" not in words
    assert "[0, 1, 2, 3]" in words  # 3 is what lists the directory
    assert not Programs(lambda name: None).press(MediaKey.PLAY)


def test_a_key_held_down_starts_no_crowd(tmp_path: Path) -> None:
    """While the program runs, the key starts no other."""
    slow = tmp_path / "playerctl"
    slow.write_text(f"#!/bin/sh\necho started >> {tmp_path}/starts\nread line < {tmp_path}/gate\n")
    slow.chmod(0o700)
    os.mkfifo(tmp_path / "gate")
    programs = Programs(lambda name: str(slow))
    for _ in range(50):
        programs.press(MediaKey.NEXT)
    wait_until((tmp_path / "starts").exists, "the program to run")
    (tmp_path / "gate").write_text("go on\n")
    wait_until(programs.is_idle, "the program to end")
    assert (tmp_path / "starts").read_text().count("started") == 1


def test_switching_needs_a_display_manager(tmp_path: Path) -> None:
    """dm-tool where LightDM has started the session, gdmflexiserver where GDM runs, else nothing."""
    here = {"XDG_SEAT_PATH": "/org/freedesktop/DisplayManager/Seat0"}

    def found(name: str) -> str:
        return f"/usr/bin/{name}"

    assert switch_user_command(here, found, tmp_path) == ("/usr/bin/dm-tool", "switch-to-greeter")
    assert switch_user_command({}, found, tmp_path) is None
    assert switch_user_command(here, lambda name: None, tmp_path) is None
    (tmp_path / "lightdm").mkdir()
    words = ("/usr/bin/env", "XDG_SEAT_PATH=/org/freedesktop/DisplayManager/Seat0", "/usr/bin/dm-tool")
    assert switch_user_command({}, found, tmp_path) == (*words, "switch-to-greeter")
    (tmp_path / "lightdm").rmdir()
    (tmp_path / "gdm3").mkdir()
    assert switch_user_command({}, found, tmp_path) == ("/usr/bin/gdmflexiserver",)
