"""`mousegate daemon`: become the daemon of this session."""

import os
import sys

import click


@click.command("daemon")
@click.option(
    "--window-class",
    metavar="CLASS",
    help="Watch movement over windows of this class alone (several divided by commas).",
)
def daemon_command(window_class: str | None) -> int:
    """Watch the hand at the mouse, and serve D-Bus, until stopped. systemd usually runs this."""
    words = [] if window_class is None else ["--window-class", window_class]
    os.execv(sys.executable, [sys.executable, "-P", "-m", "mousegate.daemon", *words])
