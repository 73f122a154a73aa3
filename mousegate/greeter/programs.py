"""The few programs that may be started from a locked screen. No Qt.

Whoever stands before the screen may be anybody, so what is run is written here: whole commands, of which the
first that is installed is taken. Nothing typed, configured or sent by anyone becomes part of one; there is no
shell. The i3lock-color way, sending media keys on to the window manager, would hand it real key events.
"""

import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Final, TypeAlias

_log = logging.getLogger("mousegate.greeter")

Command: TypeAlias = tuple[str, ...]


class MediaKey(Enum):
    """A key that changes what is heard or how bright it is, and nothing else."""

    VOLUME_UP = "volume up"
    VOLUME_DOWN = "volume down"
    MUTE = "mute"
    MICROPHONE_MUTE = "microphone mute"
    PLAY = "play"
    STOP = "stop"
    NEXT = "next"
    PREVIOUS = "previous"
    BRIGHTER = "brighter"
    DARKER = "darker"


_SINK, _SOURCE = "@DEFAULT_AUDIO_SINK@", "@DEFAULT_AUDIO_SOURCE@"
MEDIA_COMMANDS: Final[Mapping[MediaKey, tuple[Command, ...]]] = {
    MediaKey.VOLUME_UP: (
        ("wpctl", "set-volume", "--limit", "1.0", _SINK, "5%+"),
        ("pactl", "set-sink-volume", "@DEFAULT_SINK@", "+5%"),
        ("amixer", "-q", "sset", "Master", "5%+"),
    ),
    MediaKey.VOLUME_DOWN: (
        ("wpctl", "set-volume", _SINK, "5%-"),
        ("pactl", "set-sink-volume", "@DEFAULT_SINK@", "-5%"),
        ("amixer", "-q", "sset", "Master", "5%-"),
    ),
    MediaKey.MUTE: (
        ("wpctl", "set-mute", _SINK, "toggle"),
        ("pactl", "set-sink-mute", "@DEFAULT_SINK@", "toggle"),
        ("amixer", "-q", "sset", "Master", "toggle"),
    ),
    MediaKey.MICROPHONE_MUTE: (
        ("wpctl", "set-mute", _SOURCE, "toggle"),
        ("pactl", "set-source-mute", "@DEFAULT_SOURCE@", "toggle"),
        ("amixer", "-q", "sset", "Capture", "toggle"),
    ),
    MediaKey.PLAY: (("playerctl", "play-pause"),),
    MediaKey.STOP: (("playerctl", "stop"),),
    MediaKey.NEXT: (("playerctl", "next"),),
    MediaKey.PREVIOUS: (("playerctl", "previous"),),
    MediaKey.BRIGHTER: (("brightnessctl", "-q", "set", "5%+"), ("light", "-A", "5")),
    MediaKey.DARKER: (("brightnessctl", "-q", "--min-value=1", "set", "5%-"), ("light", "-U", "5")),
}

_FIRST_SEAT: Final = "/org/freedesktop/DisplayManager/Seat0"

Find: TypeAlias = Callable[[str], str | None]


def switch_user_command(
    environment: Mapping[str, str] = os.environ, find: Find = shutil.which, run: Path = Path("/run")
) -> Command | None:
    """Return what brings up the login screen beside this session; None where nothing can.

    LightDM says that it is there by XDG_SEAT_PATH (dm-tool(1)), which a session's own programs have but not
    those that its user manager starts, and by its directory below /run; GDM by its directory. Without the
    variable the first seat is meant, as on every machine that has one.
    """
    if (program := find("dm-tool")) is not None:
        if environment.get("XDG_SEAT_PATH"):
            return (program, "switch-to-greeter")
        if (run / "lightdm").is_dir() and (env := find("env")) is not None:
            return (env, f"XDG_SEAT_PATH={_FIRST_SEAT}", program, "switch-to-greeter")
    if (run / "gdm3").is_dir() and (program := find("gdmflexiserver")):
        return (program,)
    return None


@dataclass
class Programs:
    """Starts programs, none again while it still runs, so that a key held down starts no crowd of them."""

    find: Find = shutil.which
    _running: dict[Command, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def press(self, key: MediaKey) -> bool:
        """Do what a media key is for; return whether anything installed can."""
        for name, *words in MEDIA_COMMANDS[key]:
            if (program := self.find(name)) is not None:
                self.start((program, *words))
                return True
        _log.info("No program for the key %r is installed.", key.value)
        return False

    def is_idle(self) -> bool:
        """Return whether everything that was started has ended."""
        return all(process.poll() is not None for process in self._running.values())

    def start(self, command: Command) -> None:
        """Start it without waiting, with no descriptor but /dev/null and none of the lock's variables."""
        earlier = self._running.get(command)
        if earlier is not None and earlier.poll() is None:
            return
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MOUSEGATE_")}
        try:
            self._running[command] = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            _log.warning("%s cannot be started: %s", command[0], error)
