"""`mousegate setup`: starts the wizard in a process of its own; this one never loads Qt."""

import subprocess
import sys

import click


@click.command("setup")
@click.option(
    "--look",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "light", "dark"]),
    help="Light or dark.",
)
def setup_command(look: str) -> int:
    """Set everything up in a window: enrol, try, choose, and only then arm the lock.

    It can be stopped at every step and gone on with later; nothing changes before the last one. Run it again
    for another pointer device, to enrol anew, or to delete everything.
    """
    command = [sys.executable, "-P", "-m", "mousegate.wizard", "--look", look]
    return subprocess.run(command, check=False).returncode
