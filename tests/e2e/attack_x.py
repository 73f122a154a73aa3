"""Attacks on the lock by input and by other X clients."""

import os
import shutil
import subprocess
from typing import Final

from Xlib import X
from Xlib.ext import xtest

from tests.e2e.attack_base import SIZE, Attacker
from tests.e2e.attack_monitors import greeter_window
from tests.windows import title_of
from tests.x11.stage import MARK, Lock, wait_until

LETTERS_LIMIT_S: Final = 120.0
"""Each letter is two events, and each of them is forwarded."""


class XAttacker(Attacker):
    """Each attack returns how many blows were struck."""

    def events(self, _lock: Lock) -> int:
        """Press random keys of the whole keyboard and ten buttons, at the real greeter and auth."""
        self._wait_greeter()
        display = self.stage.display
        for _ in range(self.extent.events):
            code, button = self.chance.randrange(9, 256), self.chance.randrange(1, 11)
            x, y = (self.chance.randrange(length) for length in SIZE)
            xtest.fake_input(display, X.KeyPress, code)
            xtest.fake_input(display, X.MotionNotify, x=x, y=y)
            xtest.fake_input(display, X.ButtonPress, button)
            xtest.fake_input(display, X.KeyRelease, code)
            xtest.fake_input(display, X.ButtonRelease, button)
            display.sync()
        self._wait_greeter()
        return self.extent.events

    def letters(self, _lock: Lock) -> int:
        """Type a password of thousands of letters as fast as the server takes them, and submit it."""
        self._wait_greeter()
        display = self.stage.display
        code = display.keysym_to_keycode(ord("x"))
        for number in range(self.extent.letters):
            xtest.fake_input(display, X.KeyPress, code)
            xtest.fake_input(display, X.KeyRelease, code)
            if number % 100 == 0:
                display.sync()
        self.stage.key("Return")
        wait_until(self._has_failed, "an answer to so long a password", limit_s=LETTERS_LIMIT_S)
        return self.extent.letters

    def _has_failed(self) -> bool:
        window = greeter_window(self.stage)
        return window is not None and title_of(window) == "mousegate: failed"

    def _wait_greeter(self) -> None:
        wait_until(lambda: greeter_window(self.stage) is not None, "the greeter", limit_s=60)

    def raises(self, _lock: Lock) -> int:
        """Keep raising override-redirect windows of the marked colour."""
        windows = [
            self.stage.root.create_window(
                *(40 * i, 30 * i, 200, 200, 0, X.CopyFromParent),
                background_pixel=MARK,
                override_redirect=True,
            )
            for i in range(5)
        ]
        for _ in range(self.extent.raises):
            window = self.chance.choice(windows)
            window.map()
            window.configure(stack_mode=X.Above)
            self.stage.display.sync()
        self.poke()
        for window in windows:
            window.destroy()
        return self.extent.raises

    def resizes(self, _lock: Lock) -> int:
        """Plug and unplug: resize the screen again and again."""
        for number in range(self.extent.resizes):
            size = SIZE if number % 2 else (self.chance.randrange(100, 800), self.chance.randrange(100, 600))
            words = ["xrandr", "--display", self.stage.name, "--fb", f"{size[0]}x{size[1]}"]
            subprocess.run(words, stderr=subprocess.DEVNULL, check=False)
            self.poke()
        return self.extent.resizes

    def layouts(self, _lock: Lock) -> int:
        """Change the keyboard layout while it is typed on."""
        for number in range(self.extent.layouts):
            layout = ("de", "fr", "us,ru", "us")[number % 4]
            words = ["setxkbmap", "-display", self.stage.name, layout]
            subprocess.run(words, stderr=subprocess.DEVNULL, check=False)
            self.poke()
        return self.extent.layouts

    def thefts(self, _lock: Lock) -> int:
        """Unmap, lower, move, reparent and destroy the covers, and take the focus, as another client."""
        struck = 0
        for harm in ("unmap", "lower", "move", "reparent", "destroy") * 2:
            for value in self.stage.listed_covers():
                cover = self.stage.display.create_resource_object("window", value)
                if harm in ("unmap", "destroy"):
                    getattr(cover, harm)()
                elif harm == "reparent":
                    cover.reparent(self.stage.beneath.window.id, 0, 0)
                else:
                    cover.configure(x=9 if harm == "move" else 0, stack_mode=X.Below)
                self.stage.beneath.window.set_input_focus(X.RevertToParent, X.CurrentTime)
                self.stage.display.sync()
                wait_until(lambda: len(self.stage.listed_covers()) == 2 and self.stage.is_covered(), harm)
                self.poke()
                struck += 1
        return struck

    def compositors(self, _lock: Lock) -> int:
        """Start a compositor that fades and makes windows transparent, and kill it, again and again."""
        program = shutil.which("picom")
        assert program is not None, "picom is needed: apt-get install picom"
        selection = self.stage.display.intern_atom("_NET_WM_CM_S0")
        words = [program, "--config", "/dev/null", "--backend", "xrender", "-i", "0.5", "--fading"]
        environment = dict(os.environ) | {"DISPLAY": self.stage.name}
        for _ in range(2 * self.extent.rounds):
            running = subprocess.Popen(
                words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            wait_until(lambda: self._has_owner(selection), "the compositor")
            self.poke()
            self.pause(1.5)
            running.kill()
            running.wait()
            self.poke()
            self.pause(1.5)
        wait_until(lambda: len(self.stage.listed_covers()) == 2, "the shield to be back")
        return 4 * self.extent.rounds

    def _has_owner(self, selection: int) -> bool:
        return bool(self.stage.display.get_selection_owner(selection) != X.NONE)
