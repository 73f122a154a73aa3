"""Attacks with monitors that come and go, on Xorg with the dummy driver and the real greeter."""

from Xlib import X
from Xlib.error import BadWindow
from Xlib.xobject.drawable import Window

from tests.e2e.attack_base import Attacker
from tests.x11.dummy import MODE, OUTPUTS, plug
from tests.x11.stage import Lock, wait_until


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
        cover = self.stage.display.create_resource_object("window", self.stage.listed_covers()[-1])
        try:
            for window in cover.query_tree().children:
                found = _named(window)
                if found is not None:
                    place, size = self.stage.root.translate_coords(found.id, 0, 0), found.get_geometry()
                    return (int(place.x), int(place.y), int(size.width), int(size.height))
        except BadWindow:
            return None
        return None


def _named(window: Window) -> Window | None:
    named = "mousegate-greeter" in (window.get_wm_class() or ())
    return window if named and window.get_attributes().map_state == X.IsViewable else None
