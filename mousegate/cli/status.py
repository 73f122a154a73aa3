"""`mousegate status`: how this desktop stands, once or live."""

import sys

import click

from mousegate.cli.output import json_option, print_json
from mousegate.cli.standing import as_json as facts_as_json
from mousegate.cli.standing import stored


@click.command("status")
@click.option("--last", default=5, show_default=True, type=click.IntRange(0, 1000), help="Decisions to show.")
@click.option("--once", is_flag=True, help="Show it once instead of following what changes.")
@json_option
def status_command(last: int, once: bool, as_json: bool) -> int:
    """Show who is at the mouse, whether the lock asks for your signature, and the last decisions.

    In a terminal it follows what changes until Ctrl+C; into a pipe or a file it is told once.
    """
    if as_json:
        _print_json(last)
    elif once or not sys.stdout.isatty():
        _print_once(last)
    else:
        _follow(last)
    return 0


def _print_json(last: int) -> None:
    from mousegate.bus.client import present_state

    print_json(facts_as_json(stored(last), present_state()))


def _print_once(last: int) -> None:
    from rich.console import Console

    from mousegate.bus.client import present_state
    from mousegate.cli.statusview import view

    Console().print(view(stored(last), present_state()))


def _follow(last: int) -> None:
    """Show it and what changes: at once what the daemon signals, within two seconds what the store holds."""
    from mousegate.cli.follow import follow
    from mousegate.cli.statusview import view

    follow(lambda daemon: view(stored(last), daemon))
