"""Attacks on the lock by processes, signals and other X clients."""

import signal
import subprocess

from Xlib import X
from Xlib.ext import xtest

from tests.e2e.attack_base import SIZE, Attacker, strike
from tests.x11.stage import MARK, Child, Lock, wait_until


class XAttacker(Attacker):
    """Each attack returns how many blows were struck."""

    def kill(self, lock: Lock) -> int:
        """SIGKILL greeter, auth and keeper of a real lock at random moments."""
        struck = 0
        while struck < self.extent.kills:
            keeper = lock.wait_keeper()
            victims = [keeper, *self.stage.children_of(keeper, "mousegate.")]
            struck += strike(self.chance.choice(victims), signal.SIGKILL)
            self.poke()
            self.pause(0.4)
        return struck

    def stop(self, lock: Lock) -> int:
        """SIGSTOP each process for a random while, typing meanwhile."""
        for _ in range(self.extent.stops):
            keeper = lock.wait_keeper()
            for victim in (lock.process.pid, keeper, *self.stage.children_of(keeper, "")):
                strike(victim, signal.SIGSTOP)
                self.poke()
                self.pause(0.3)
                strike(victim, signal.SIGCONT)
        return 4 * self.extent.stops

    def exit_statuses(self, _lock: Lock) -> int:
        """Have greeter and auth each exit with many statuses, 0 first."""
        statuses = [0, *self.chance.sample(range(1, 256), self.extent.statuses - 1)]
        for status in statuses:
            for number in (0, 1):
                pair = self.stage.pair()
                pair[number].tell("exit", status=status)
                self.poke()
                for child in pair:
                    child.wait_gone()
        return 2 * len(statuses)

    def rubbish(self, _lock: Lock) -> int:
        """Spew random bytes on the heartbeat and unlock pipes."""
        for number in range(self.extent.rubbish):
            greeter, auth = self.stage.pair()
            data = self.chance.randbytes(self.chance.choice((1, 63, 64, 65, 5000))).decode("latin-1")
            victim: Child = greeter if number % 3 == 0 else auth
            victim.tell("write", to="unlock" if number % 3 == 1 else "keeper", data=data + "\n")
            self.poke()
            victim.tell("exit", status=0)
            greeter.wait_gone()
            auth.wait_gone()
        return self.extent.rubbish

    def events(self, _lock: Lock) -> int:
        """Press thousands of random keys and buttons of the whole keyboard."""
        greeter, _ = self.stage.pair()
        greeter.open_window()
        greeter.tell("hush")
        display = self.stage.display
        for _ in range(self.extent.events):
            code = self.chance.randrange(9, 256)
            button = self.chance.randrange(1, 10)
            xtest.fake_input(display, X.KeyPress, code)
            xtest.fake_input(
                display, X.MotionNotify, x=self.chance.randrange(800), y=self.chance.randrange(600)
            )
            xtest.fake_input(display, X.ButtonPress, button)
            xtest.fake_input(display, X.KeyRelease, code)
            xtest.fake_input(display, X.ButtonRelease, button)
            display.flush()
        display.sync()
        return self.extent.events

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
