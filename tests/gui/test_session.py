"""Claims about what the locked screen does for the session: blanking, media keys, switching user."""

import os
from pathlib import Path

from Xlib.display import Display
from Xlib.ext import screensaver

from tests.gui.conftest import opened
from tests.gui.peer import wait_until

SAVER_ON = 1
"""ScreenSaverOn (MIT-SCREEN-SAVER protocol, ScreenSaverQueryInfo)."""


def configured(directory: Path, text: str) -> str:
    """Write config.toml; return what XDG_CONFIG_HOME has to be."""
    (directory / "mousegate").mkdir()
    (directory / "mousegate" / "config.toml").write_text(text)
    return str(directory)


def program(directory: Path, name: str) -> Path:
    """Install a program that writes its words down; return where."""
    (directory / "bin").mkdir(exist_ok=True)
    path, noted = directory / "bin" / name, directory / f"{name}.words"
    path.write_text(f'#!/bin/sh\necho "$@" >> {noted}\n')
    path.chmod(0o700)
    return noted


def path_with(directory: Path) -> str:
    """Return a PATH on which those programs come first."""
    return f"{directory}/bin:{os.environ['PATH']}"


AUDIO_RAISE_VOLUME = 0x1008FF13
"""XF86XK_AudioRaiseVolume (X11/XF86keysym.h)."""
VOLUME_KEY = 251
"""A key code that no keyboard of the tests has."""


def teach_volume_key(display_name: str) -> None:
    """Give the keyboard a volume key, before there is anyone who would have to learn of it."""
    display = Display(display_name)
    display.change_keyboard_mapping(VOLUME_KEY, [(AUDIO_RAISE_VOLUME,) * 4])
    display.sync()
    display.close()


def test_the_screen_goes_dark_and_the_first_key_only_lights_it(x_server: str, tmp_path: Path) -> None:
    """Blanked after blank_s, lit at once by a touch; a key pressed in the dark types nothing."""
    home = configured(tmp_path, "blank_s = 1\n")
    display = Display(x_server)
    root = display.screen().root
    with opened(x_server, XDG_CONFIG_HOME=home) as stage:
        stage.reach("ready")
        wait_until(lambda: screensaver.query_info(root).state == SAVER_ON, "the screen to go dark")
        stage.running.keeper_line()
        stage.running.keeper_line()
        stage.hands.type("x")
        wait_until(lambda: screensaver.query_info(root).state != SAVER_ON, "the screen to be lit")
        stage.hands.type("pw\r")
        assert stage.running.receive()["type"] == "create_session"
        assert stage.running.ask("secret", "Password:")["response"] == "pw"
    display.close()


def test_media_keys_work_where_they_are_let_through(x_server: str, tmp_path: Path) -> None:
    """A volume key runs one fixed command, and types nothing."""
    noted = program(tmp_path, "wpctl")
    home = configured(tmp_path, "media_keys = true\n")
    teach_volume_key(x_server)
    with opened(x_server, XDG_CONFIG_HOME=home, PATH=path_with(tmp_path)) as stage:
        stage.reach("ready")
        stage.hands.codes(VOLUME_KEY)
        wait_until(noted.exists, "the volume to change")
        stage.hands.type("pw\r")
        assert stage.running.receive()["type"] == "create_session"
        assert stage.running.ask("secret", "Password:")["response"] == "pw"
    assert noted.read_text() == "set-volume --limit 1.0 @DEFAULT_AUDIO_SINK@ 5%+\n"


def test_media_keys_do_nothing_by_default(x_server: str, tmp_path: Path) -> None:
    """Without the setting nothing is started."""
    noted = program(tmp_path, "wpctl")
    teach_volume_key(x_server)
    with opened(x_server, XDG_CONFIG_HOME=str(tmp_path), PATH=path_with(tmp_path)) as stage:
        stage.reach("ready")
        stage.hands.codes(VOLUME_KEY)
        stage.hands.type("pw\r")
        assert stage.running.receive()["type"] == "create_session"
    assert not noted.exists()


def test_another_person_may_log_in(x_server: str, tmp_path: Path) -> None:
    """Where LightDM is, a click on the link asks dm-tool for its greeter; the lock stays as it is."""
    noted = program(tmp_path, "dm-tool")
    seat = "/org/freedesktop/DisplayManager/Seat0"
    with opened(x_server, PATH=path_with(tmp_path), XDG_SEAT_PATH=seat) as stage:
        stage.reach("ready")
        stage.hands.click(stage.layout.switch)
        wait_until(noted.exists, "dm-tool")
        stage.reach("ready")
    assert noted.read_text() == "switch-to-greeter\n"
