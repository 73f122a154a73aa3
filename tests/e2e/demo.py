"""`make demo`: a person enrols, locks, is unlocked, and everybody and everything else is kept out.

    python -m tests.e2e.demo [--recordings DIR] [--owner NAME] [--impostor NAME] [--pictures DIR]

Without --recordings two synthetic hands play; with it, two real people of a SapiMouse or Balabit folder.
"""

import argparse
import os
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.e2e.desktop import private_desktop
from tests.e2e.hand import Hand, recorded_hands, synthetic_hands
from tests.e2e.screen import WaitTimeoutError
from tests.e2e.story import LOCKED, UNLOCKED, WRONG_RHYTHM, Outcome, Story

ENROL_S, ENROL_RECORDED_S = 90.0, 180.0
"""Seconds of movement to enrol with: synthetic people are alike every day, real ones need three minutes."""
CONFIGURATION = "allow_synthetic = true\n"


def main() -> int:
    """Play the whole story; return 0 when every act came out as it must."""
    options = _parse()
    console = Console(width=None if sys.stdout.isatty() else 130, highlight=False)
    if _on_a_real_desktop() and not options.private:
        console.print(
            "This is a real desktop, so nothing is played on it. To protect it, run:\n\n"
            "    mousegate doctor\n    mousegate enrol --label me --record 120 --rhythm\n"
            "    mousegate recovery new\n    mousegate lock\n\n"
            "To watch the demo on a private screen instead: make demo PRIVATE=1"
        )
        return 0
    owner, impostor = _hands(options)
    width, height = max(owner.screen[0], 1280), max(owner.screen[1], 800)
    console.print(f"[bold]mousegate demo[/bold]: {owner.name} enrols, {impostor.name} is the other hand")
    with private_desktop(width, height) as desktop:
        desktop.configure(CONFIGURATION)
        story = Story(desktop, options.pictures, on_outcome=lambda outcome: _tell(console, outcome))
        try:
            usual_s = ENROL_RECORDED_S if options.recordings else ENROL_S
            play(story, owner, impostor, options.enrol_s or usual_s)
        except WaitTimeoutError as late:
            story.give_up(str(late))
        finally:
            story.close()
    console.print(_table(story.outcomes, owner, impostor))
    console.print(f"A screenshot of each step is in {options.pictures}/")
    return 0 if all(outcome.passed for outcome in story.outcomes) else 1


def play(story: Story, owner: Hand, impostor: Hand, enrol_s: float) -> None:
    """The acts, in order. Each locks the screen again where the one before opened it."""
    story.enrol(owner, enrol_s)
    code = story.make_recovery_code()
    story.attempt("Password and signature", owner, UNLOCKED)
    story.attempt("Right password, another hand", impostor, LOCKED)
    story.attempt("Right hand, wrong password", owner, LOCKED, password="wrong horse")
    story.attempt("Right hand, wrong rhythm", owner, LOCKED, rhythm=WRONG_RHYTHM)
    story.attempt("Password and signature again", owner, UNLOCKED)
    story.kill("Greeter killed (SIGKILL)", "mousegate.greeter")
    story.kill("Keeper killed (SIGKILL)", "mousegate-keep")
    story.recover(code)


def _hands(options: argparse.Namespace) -> tuple[Hand, Hand]:
    if options.recordings is None:
        return synthetic_hands()
    return recorded_hands(options.recordings, options.owner, options.impostor)


def _tell(console: Console, outcome: Outcome) -> None:
    mark = "[green]as it must[/green]" if outcome.passed else "[red]NOT as it must[/red]"
    console.print(f"  {outcome.act}: {outcome.seen}, {mark} ({outcome.waited_s:.2f} s) {outcome.note}")


def _table(outcomes: list[Outcome], owner: Hand, impostor: Hand) -> Table:
    table = Table(title=f"What happened ({owner.name} enrolled; the other hand is {impostor.name})")
    for column in ("Step", "Must be", "Was", "Time", "Seen"):
        table.add_column(column, justify="right" if column == "Time" else "left")
    for outcome in outcomes:
        style = "" if outcome.passed else "red"
        table.add_row(
            outcome.act,
            outcome.expected,
            outcome.seen,
            f"{outcome.waited_s:.2f} s",
            outcome.note,
            style=style,
        )
    return table


def _on_a_real_desktop() -> bool:
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__.splitlines()[0])
    parser.add_argument("--recordings", type=Path, help="folder with one folder of recordings per person")
    parser.add_argument("--owner", help="the person of RECORDINGS who enrols (default: the first)")
    parser.add_argument("--impostor", help="the person of RECORDINGS who tries (default: the second)")
    parser.add_argument("--pictures", type=Path, default=Path("demo"), help="where screenshots go")
    parser.add_argument("--enrol-s", type=float, help="seconds of movement to enrol with")
    parser.add_argument("--private", action="store_true", help="play on a private screen even on a desktop")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
