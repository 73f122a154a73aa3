"""Attacks with monitors that come and go, on Xorg with the dummy driver and the real greeter."""

import subprocess

from Xlib import XK, X
from Xlib.error import BadDrawable, BadWindow
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

from tests.e2e.attack_base import Attacker
from tests.windows import find_window
from tests.x11.dummy import MODE, OUTPUTS, plug
from tests.x11.stage import Lock, Stage, wait_until


class MonitorAttacker(Attacker):
    """Plugs and unplugs."""

    def plugs(self, _lock: Lock) -> int:
        """Plug and unplug monitors, down to none and back; the greeter follows to one that is there."""
        width, height = map(int, MODE.split("x"))
        plug(self.stage.name, OUTPUTS[:1])
        for number in range(self.extent.plugs):
            count = (0, 3, 1, 2)[number % 4]
            plug(self.stage.name, OUTPUTS[:count] if number % 8 < 4 else OUTPUTS[3 - count :])
            wait_until(self.stage.is_covered, f"covers over {count} monitors")
            self.poke()
        plug(self.stage.name, OUTPUTS)
        for monitor in (2, 0, 1):
            self.stage.root.warp_pointer(monitor * width + 20, height // 3)
            self.stage.display.sync()
            self._wait_greeter((monitor * width, 0, width, height))
        return self.extent.plugs

    def _wait_greeter(self, place: tuple[int, int, int, int]) -> None:
        def follows() -> bool:
            self.stage.key("Escape")  # what was begun at a monitor stays there
            return self._greeter_place() == place

        wait_until(follows, f"the greeter at {place}")

    def _greeter_place(self) -> tuple[int, int, int, int] | None:
        """Return where the greeter's window is on the root, or None while there is none."""
        found = greeter_window(self.stage)
        try:
            if found is None:
                return None
            place, size = self.stage.root.translate_coords(found.id, 0, 0), found.get_geometry()
        except (BadDrawable, BadWindow):
            return None
        return (int(place.x), int(place.y), int(size.width), int(size.height))

    def break_grabs(self, lock: Lock) -> int:
        """Break the grabs by XF86Ungrab and XF86ClearGrab (CVE-2012-0064), which Xorg obeys if told to."""
        options = ["setxkbmap", "-display", self.stage.name, "-option", "grab:break_actions"]
        subprocess.run(options, check=True, stderr=subprocess.DEVNULL)
        for number in range(4 * self.extent.rounds):
            wait_until(self._is_grabbed, "the grabs")
            keeper = lock.wait_keeper()
            keys = ("Control_L", "Alt_L", ("KP_Divide", "KP_Multiply")[number % 2])
            codes = [self.stage.display.keysym_to_keycode(XK.string_to_keysym(key)) for key in keys]
            for code in codes:
                xtest.fake_input(self.stage.display, X.KeyPress, code)
            for code in reversed(codes):
                xtest.fake_input(self.stage.display, X.KeyRelease, code)
            self.stage.display.sync()
            self.poke()
            if number % 2:
                lock.wait_keeper(other_than=keeper)  # its connection was closed by the server
            wait_until(self.stage.is_covered, "the covers")
        wait_until(lambda: "EMERGENCY" in lock.text(), "the emergency to be logged")
        return 4 * self.extent.rounds

    def _is_grabbed(self) -> bool:
        """Return whether somebody else holds the keyboard."""
        modes = (X.GrabModeAsync, X.GrabModeAsync)
        held = self.stage.root.grab_keyboard(False, *modes, X.CurrentTime) != X.GrabSuccess
        self.stage.display.ungrab_keyboard(X.CurrentTime)
        self.stage.display.sync()
        return bool(held)


def greeter_window(stage: Stage) -> Window | None:
    """Return the viewable window of the real greeter, or None while there is none."""
    return find_window(stage.display, "mousegate-greeter")
