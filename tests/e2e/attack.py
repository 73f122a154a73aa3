"""Attack the lock on a real X server and say what was seen: `python -m tests.e2e.attack --short` or `--long`.

A window beneath the covers is marked with a colour that nothing else has, and has the focus. While each
attack runs, pictures of the screen are taken every few milliseconds and looked through for that colour; keys
are typed and buttons pressed, and counted if they reach the window. An attack is withstood when both counts
are zero and the screen ends locked, or opened by the nonce where the attack ends with it.
"""

import argparse
import random
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from Xlib import X

from tests.e2e.attack_auth import AuthAttacker, BusAttacker, DiskAttacker
from tests.e2e.attack_base import LONG, SHORT, SIZE, Attacker, Extent, Outcome, strike
from tests.e2e.attack_first import FirstAttacker
from tests.e2e.attack_life import LifeAttacker
from tests.e2e.attack_monitors import MonitorAttacker
from tests.e2e.attack_words import WordsAttacker
from tests.e2e.attack_x import XAttacker
from tests.x11.dummy import xorg_dummy
from tests.x11.stage import MARK, Lock, Stage, Watch, open_stage, wait_until, watcher

TABLE_WIDTH: Final = 150
"""Columns of the table where no terminal says otherwise."""
PATIENT: Final = "--longest-wait=0.2"
"""Pairs are started again at once, so that hundreds of attacks fit into minutes."""
ROOM: Final = (2400, 1600)
"""The marked window is as large as all monitors that will be plugged in."""


@dataclass(frozen=True)
class Case:
    """One attack, who makes it, and which children of the keeper are real."""

    attacker: type[Attacker]
    name: str
    real: str = "none"
    many_monitors: bool = False

    @property
    def text(self) -> str:
        """What the attack does, in its own words."""
        return (getattr(self.attacker, self.name).__doc__ or "").removesuffix(".")


CASES: Final = (
    Case(LifeAttacker, "kill", "both"),
    Case(LifeAttacker, "stop", "both"),
    Case(LifeAttacker, "stop_for_good"),
    Case(LifeAttacker, "orphan"),
    Case(LifeAttacker, "exit_statuses"),
    Case(WordsAttacker, "rubbish"),
    Case(WordsAttacker, "floods"),
    Case(WordsAttacker, "greeter_hears", "greeter"),
    Case(WordsAttacker, "auth_hears", "auth"),
    Case(XAttacker, "events", "both"),
    Case(XAttacker, "letters", "both"),
    Case(XAttacker, "layouts", "both"),
    Case(XAttacker, "raises"),
    Case(XAttacker, "resizes"),
    Case(XAttacker, "thefts"),
    Case(XAttacker, "compositors"),
    Case(FirstAttacker, "grabs_first"),
    Case(MonitorAttacker, "plugs", "both", many_monitors=True),
    Case(MonitorAttacker, "break_grabs", many_monitors=True),
    Case(AuthAttacker, "guesses", "auth"),
    Case(AuthAttacker, "right_password_alone", "auth"),
    Case(AuthAttacker, "clock_steps", "auth"),
    Case(AuthAttacker, "megabytes", "auth"),
    Case(AuthAttacker, "losses", "auth"),
    Case(DiskAttacker, "disk_full", "auth"),
    Case(BusAttacker, "bus_gone", "auth"),
)


@contextmanager
def stage_for(case: Case) -> Iterator[Stage]:
    """Yield the stage on which this attack is made."""
    if case.many_monitors:
        with xorg_dummy() as name, open_stage(server=name, room=ROOM) as stage:
            yield stage
    else:
        with open_stage(size=SIZE) as stage:
            yield stage


def make(case: Case, extent: Extent, seed: int) -> Outcome:
    """Lock, attack under watch, and see how it ended."""
    began_s = time.monotonic()
    with stage_for(case) as stage:
        attacker = case.attacker(stage, extent, random.Random(seed))
        stage.beneath.received()
        variables: dict[str, Any] = attacker.variables()
        lock = attacker.lock([PATIENT, *attacker.words()], real=case.real, **variables)
        with watcher(stage, MARK) as watch:
            made, fault = _strike(getattr(attacker, case.name), lock)
            reached = stage.beneath.received()
            ended = not lock.is_running()
            end = fault or _find_end(stage, lock)
        if ended:
            _leave_out_the_open_screen(watch)
        if case.real == "none" and end == "locked":
            status = stage.unlock(lock)
            end = "unlocked by the nonce" if status == 0 else f"ended with {status}"
        elif lock.is_running():
            _end(stage, lock)
    return Outcome(case.text, made, watch, reached, end, time.monotonic() - began_s)


def _strike(attack: Callable[[Lock], int], lock: Lock) -> tuple[int, str]:
    """Make the attack; return how much of it was made, and what broke it off."""
    try:
        return attack(lock), ""
    except AssertionError as fault:
        return 0, f"broke off: {fault}"


def _leave_out_the_open_screen(watch: Watch) -> None:
    """Leave out the last pictures, which show the desktop that the owner has opened, as they must."""
    while watch.counts and watch.counts[-1]:
        watch.counts.pop()
        watch.times_s.pop()


def _find_end(stage: Stage, lock: Lock) -> str:
    if not lock.is_running():
        status = lock.process.returncode
        return "unlocked by the nonce" if status == 0 else f"ended with {status}"
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
    strike(keeper, signal.SIGKILL)
    selection = stage.display.intern_atom("_MOUSEGATE_LOCK_S0")
    wait_until(
        lambda: stage.display.get_selection_owner(selection) == X.NONE, "the keeper's connection to end"
    )
    for value in stage.listed_covers():
        stage.display.create_resource_object("window", value).destroy()
    stage.root.delete_property(stage.display.intern_atom("_MOUSEGATE_COVER"))
    stage.display.sync()


def run(extent: Extent, seed: int, console: Console, only: Sequence[str] = ()) -> list[Outcome]:
    """Make every attack, each on an X server of its own."""
    outcomes = []
    for number, case in enumerate(CASES):
        if only and case.name not in only:
            continue
        outcome = make(case, extent, seed + number)
        outcomes.append(outcome)
        console.print(f"{'withstood' if outcome.withstood else 'FAILED':<10} {outcome.attack}")
    return outcomes


def show(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print the table."""
    columns = ("attack", "made", "pictures", "every ms", "exposed px", "leaked", "end", "s")
    table = Table(*columns, title="attacks on the lock")
    for outcome in outcomes:
        figures = (str(outcome.made), str(len(outcome.watch.counts)), f"{outcome.every_ms:.1f}")
        reached = (str(outcome.exposed), str(len(outcome.reached)))
        table.add_row(outcome.attack, *figures, *reached, outcome.end, f"{outcome.took_s:.0f}")
    console.print(table)


def main(words: Sequence[str] | None = None) -> int:
    """Run the attacks; 0 if all were withstood."""
    parser = argparse.ArgumentParser(description="Attack the lock on a private X server.")
    extents = parser.add_mutually_exclusive_group()
    extents.add_argument("--short", action="store_const", const=SHORT, dest="extent", default=SHORT)
    extents.add_argument("--long", action="store_const", const=LONG, dest="extent")
    parser.add_argument("--seed", type=int, default=1, help="chance is drawn from this number")
    parser.add_argument(
        "only",
        nargs="*",
        metavar="ATTACK",
        help="make these alone: " + ", ".join(case.name for case in CASES),
    )
    options = parser.parse_args(words)
    console = Console(width=TABLE_WIDTH if not sys.stdout.isatty() else None)
    outcomes = run(options.extent, options.seed, console, options.only)
    show(outcomes, console)
    return 0 if all(outcome.withstood for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
