"""`mousegate dashboard` and `mousegate tray`: become the window, or the icon."""

import os
import sys

import click

_THEMES = click.Choice(("dark", "light"))
_PAGES = click.Choice(("overview", "anomalies", "similarity", "applications"))
_SPANS = click.Choice(("day", "week", "month", "all"))


@click.command("dashboard")
@click.option("--theme", type=_THEMES, help="By default as the desktop prefers.")
@click.option("--page", type=_PAGES, default="overview", show_default=True, help="Where to begin.")
@click.option("--span", type=_SPANS, default="day", show_default=True, help="How far to look back at first.")
def dashboard_command(theme: str | None, page: str, span: str) -> int:
    """Open the window: trust over time, anomalies, similarity, and where you click.

    One window per session: where it is open already it comes forward.
    """
    _become("--page", page, "--span", span, *(("--theme", theme) if theme else ()))
    return 0


@click.command("tray")
def tray_command() -> int:
    """Show how this desktop stands in the tray, with Pause, Lock and the dashboard.

    Where the desktop has no tray it waits for one; the window needs none.
    """
    _become("--tray")
    return 0


def _become(*words: str) -> None:
    os.execv(sys.executable, [sys.executable, "-P", "-m", "mousegate.dashboard", *words])
