"""Attack the lock on a real X server and say what was seen: `python -m tests.e2e.attack --short` or `--long`.

A window beneath the covers is marked with a colour that nothing else has, and has the focus. While each
attack runs, pictures of the screen are taken without a pause, and counted for that colour; keys are typed and
buttons pressed, and counted if they reach the window. An attack is withstood when both counts are zero and
the screen ends locked, or opened by the nonce where the attack ends with it.
"""

import argparse
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from rich.console import Console
from rich.table import Table
from Xlib import X
from Xlib.ext import xtest

from tests.x11.stage import MARK, Child, Lock, Stage, open_stage, wait_until, watcher

SIZE: Final = (800, 600)
KEYS: Final = ("a", "Return", "Escape", "Tab", "space", "F1", "Super_L", "Delete")
TABLE_WIDTH: Final = 150
"""Columns of the table where no terminal says otherwise."""
PATIENT: Final = "--longest-wait=0.2"
"""Pairs are started again at once, so that hundreds of attacks fit into minutes."""


@dataclass(frozen=True)
class Extent:
    """How much of each attack is made."""

    kills: int
    statuses: int
    rubbish: int
    events: int
    raises: int
    resizes: int
    stops: int
    layouts: int


SHORT: Final = Extent(
    kills=30, statuses=6, rubbish=12, events=600, raises=300, resizes=10, stops=2, layouts=4
)
LONG: Final = Extent(
    kills=300, statuses=256, rubbish=200, events=10_000, raises=5_000, resizes=100, stops=10, layouts=50
)


@dataclass
class Outcome:
    """What one attack came to."""

    attack: str
    made: int
    pictures: int
    exposed: int
    reached: list[str]
    end: str
    took_s: float

    @property
    def withstood(self) -> bool:
        """Whether nothing was seen, nothing leaked and the lock ended as it must."""
        return not self.exposed and not self.reached and self.end in ("locked", "unlocked by the nonce")


@dataclass
class Attacker:
    """One stage, one source of chance, and how much to do."""

    stage: Stage
    extent: Extent
    chance: random.Random
    typed: int = field(default=0)

    def poke(self) -> None:
        """Press a random key, and a button at a random place."""
        self.stage.key(self.chance.choice(KEYS))
        self.stage.click(self.chance.randrange(SIZE[0]), self.chance.randrange(SIZE[1]))
        self.typed += 1

    def pause(self, longest_s: float) -> None:
        """Let a random time pass, so that the next blow falls at a random moment of what goes on."""
        select.select([], [], [], self.chance.uniform(0, longest_s))

    # --- attacks: each returns how many blows were struck ---------------------------------------------------

    def kill(self, lock: Lock) -> int:
        """SIGKILL greeter, auth and keeper of a real lock at random moments."""
        struck = 0
        while struck < self.extent.kills:
            keeper = lock.wait_keeper()
            victims = [keeper, *self.stage.children_of(keeper, "mousegate.")]
            struck += _strike(self.chance.choice(victims), signal.SIGKILL)
            self.poke()
            self.pause(0.4)
        return struck

    def stop(self, lock: Lock) -> int:
        """SIGSTOP each process for a random while, typing meanwhile."""
        for _ in range(self.extent.stops):
            keeper = lock.wait_keeper()
            for victim in (lock.process.pid, keeper, *self.stage.children_of(keeper, "")):
                _strike(victim, signal.SIGSTOP)
                self.poke()
                self.pause(0.3)
                _strike(victim, signal.SIGCONT)
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


Attack = Callable[[Attacker, Lock], int]
ATTACKS: Final[tuple[tuple[Attack, bool], ...]] = (
    (Attacker.kill, True),
    (Attacker.stop, True),
    (Attacker.exit_statuses, False),
    (Attacker.rubbish, False),
    (Attacker.events, False),
    (Attacker.raises, False),
    (Attacker.resizes, False),
    (Attacker.layouts, False),
    (Attacker.thefts, False),
)
"""The attacks, and whether each is made on the real greeter and auth."""


def make(attack: Attack, attacker: Attacker, real: bool) -> Outcome:
    """Lock, attack under watch, and see how it ended."""
    stage = attacker.stage
    began_s = time.monotonic()
    stage.beneath.received()
    lock = stage.locked(PATIENT, real=real)
    with watcher(stage, MARK) as counts:
        made = attack(attacker, lock)
        end = _find_end(stage, lock)
    reached = stage.beneath.received()
    if not real and end == "locked":
        status = stage.unlock(lock)
        end = "unlocked by the nonce" if status == 0 else f"ended with {status}"
    elif lock.is_running():
        _end(stage, lock)
    text = (attack.__doc__ or "").removesuffix(".")
    return Outcome(text, made, len(counts), sum(counts), reached, end, time.monotonic() - began_s)


def _find_end(stage: Stage, lock: Lock) -> str:
    if not lock.is_running():
        return f"ended with {lock.process.returncode}"
    lock.wait_keeper()
    try:
        wait_until(stage.is_covered, "the covers")
    except AssertionError:
        return "not covered"
    return "locked"


def _end(stage: Stage, lock: Lock) -> None:
    """Take a real lock away, as only a test may: both processes, then the covers."""
    keeper = lock.wait_keeper()
    lock.process.kill()
    lock.process.wait()
    _strike(keeper, signal.SIGKILL)
    selection = stage.display.intern_atom("_MOUSEGATE_LOCK_S0")
    wait_until(
        lambda: stage.display.get_selection_owner(selection) == X.NONE, "the keeper's connection to end"
    )
    for value in stage.listed_covers():
        stage.display.create_resource_object("window", value).destroy()
    stage.root.delete_property(stage.display.intern_atom("_MOUSEGATE_COVER"))
    stage.display.sync()


def _strike(pid: int, number: signal.Signals) -> int:
    """Send the signal; return 0 where the process was gone already."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return 0
    return 1


def run(extent: Extent, seed: int, console: Console) -> list[Outcome]:
    """Make every attack, each on an X server of its own."""
    outcomes = []
    for number, (attack, real) in enumerate(ATTACKS):
        with open_stage(size=SIZE) as stage:
            attacker = Attacker(stage, extent, random.Random(seed + number))
            outcome = make(attack, attacker, real)
        outcomes.append(outcome)
        console.print(f"{'withstood' if outcome.withstood else 'FAILED':<10} {outcome.attack}")
    return outcomes


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print the table."""
    table = Table(
        "attack", "made", "pictures", "exposed px", "leaked", "end", "s", title="attacks on the lock"
    )
    for outcome in outcomes:
        figures = (outcome.made, outcome.pictures, outcome.exposed, len(outcome.reached))
        table.add_row(outcome.attack, *map(str, figures), outcome.end, f"{outcome.took_s:.0f}")
    console.print(table)


def main(words: Sequence[str] | None = None) -> int:
    """Run the attacks; 0 if all were withstood."""
    parser = argparse.ArgumentParser(description="Attack the lock on a private X server.")
    extents = parser.add_mutually_exclusive_group()
    extents.add_argument("--short", action="store_const", const=SHORT, dest="extent", default=SHORT)
    extents.add_argument("--long", action="store_const", const=LONG, dest="extent")
    parser.add_argument("--seed", type=int, default=1, help="chance is drawn from this number")
    options = parser.parse_args(words)
    console = Console(width=TABLE_WIDTH if not sys.stdout.isatty() else None)
    outcomes = run(options.extent, options.seed, console)
    show(outcomes, console)
    return 0 if all(outcome.withstood for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
