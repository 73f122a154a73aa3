"""What is at a machine's seat: its screen, and hands at its mouse and keyboard.

The mouse is the X server's own device and not the XTEST one, as far as any client can tell
(`tests.x11.devicehand`): the programs run with their ordinary configuration, in which XTEST is an attack.
"""

import contextlib
import os
import subprocess
from pathlib import Path
from typing import Final

import numpy as np

from mousegate.capture.display import CONNECTION_LOST, open_display
from mousegate.core.events import EVENT_DTYPE, Events
from mousegate.errors import DisplayError
from tests.e2e.driver import Driver
from tests.e2e.screen import Witness
from tests.system.machine import Machine, await_fact
from tests.x11.devicehand import DeviceHand

SIZE: Final = (1280, 800)
_BRIGHT_PX: Final = 20_000
_COOKIES: Final = "/run/lightdm/root"


class DeviceDriver(Driver):
    """A driver whose mouse is the device."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._hand = DeviceHand(name)
        self._hand.__enter__()

    def play(self, events: Events) -> None:
        """Send `events` at their own pace, counted from now."""
        if len(events):
            self._hand.play(events, speed=1.0)

    def move(self, x: int, y: int) -> None:
        """Move the pointer at once."""
        self._hand.play(np.array([(0, 0, 0, x, y)], EVENT_DTYPE))

    def click(self, x: int, y: int, button: int = 1, held_ms: int = 80) -> None:
        """Click there."""
        rows = [(0, 0, 0, x, y), (40, 1, button, x, y), (40 + held_ms, 2, button, x, y)]
        self.play(np.array(rows, EVENT_DTYPE))

    def close(self) -> None:
        """Close the connections."""
        self._hand.__exit__(None, None, None)
        super().close()


class Seat:
    """The X server that LightDM has started last. `pictures`: where screenshots go."""

    def __init__(self, machine: Machine, pictures: Path) -> None:
        self._machine = machine
        self._pictures = pictures
        self._authority = pictures.parent / "xauthority"
        pictures.mkdir(parents=True, exist_ok=True)
        self.connect()

    def connect(self) -> None:
        """Look at the display that is there now, after a logout another one than before."""
        await_fact(self._try_to_connect, 60, "LightDM's X server")

    def _try_to_connect(self) -> bool:
        cookies = sorted(self._machine.path(_COOKIES).glob(":*"), key=lambda path: path.stat().st_mtime)
        if not cookies:
            return False
        self.display = cookies[-1].name
        self._permit(cookies[-1])
        try:
            open_display(self.display).close()
        except DisplayError:
            return False
        self.driver, self.witness = DeviceDriver(self.display), Witness(self.display)
        return True

    def _permit(self, cookies: Path) -> None:
        """Write the server's cookie under the name by which this side would look for it."""
        copy = self._authority.with_suffix(".machine")
        copy.write_bytes(cookies.read_bytes())
        listed = subprocess.run(
            ["xauth", "-f", str(copy), "list"], capture_output=True, text=True, check=True
        )
        copy.unlink()
        cookie = listed.stdout.split()[2]
        self._authority.unlink(missing_ok=True)
        words = ["xauth", "-q", "-f", str(self._authority), "add", self.display, ".", cookie]
        subprocess.run(words, check=True, capture_output=True)
        os.environ["XAUTHORITY"] = str(self._authority)

    def is_drawn(self, wm_class: str) -> bool:
        """Tell whether a window of this class hint is there, with something bright in it to type into."""
        if self.witness.find(wm_class) is None:
            return False
        brightness = self.witness.screenshot().convert("L").histogram()
        return sum(brightness[200:]) > _BRIGHT_PX

    def picture(self, name: str) -> None:
        """Save what the screen shows."""
        slug = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
        self.witness.save(self._pictures / f"{len(list(self._pictures.glob('*.png'))) + 1:02d}-{slug}.png")

    def close(self) -> None:
        """Close the connections; the server may be gone already."""
        for one in (self.driver, self.witness):
            with contextlib.suppress(*CONNECTION_LOST):
                one.close()
