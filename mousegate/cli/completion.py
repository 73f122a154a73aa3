"""`mousegate completion`: what a shell needs to complete our commands, options and their values."""

from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

_SHELLS: Final[dict[str, type[ShellComplete]]] = {
    "bash": BashComplete,
    "zsh": ZshComplete,
    "fish": FishComplete,
}


@click.command("completion")
@click.argument("shell", type=click.Choice(tuple(_SHELLS)))
def completion_command(shell: str) -> int:
    """Print the completion script for SHELL. An installation has put it in its place already."""
    click.echo(script(shell), nl=False)
    return 0


def script(shell: str) -> str:
    """Return the script by which bash, zsh or fish asks `mousegate` what could follow."""
    from mousegate.cli.__main__ import cli

    kind = _SHELLS[shell]
    complete = kind(cli, {}, "mousegate", "_MOUSEGATE_COMPLETE")
    return complete.source_template % complete.source_vars() + "\n"
