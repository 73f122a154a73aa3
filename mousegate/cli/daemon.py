"""`mousegate daemon`: become the daemon of this session."""

import os
import sys

import click


@click.command("daemon")
def daemon_command() -> int:
    """Watch the hand at the mouse, and serve D-Bus, until stopped. systemd usually runs this."""
    os.execv(sys.executable, [sys.executable, "-P", "-m", "mousegate.daemon"])
