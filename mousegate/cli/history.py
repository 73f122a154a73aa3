"""`mousegate history`: what the daemon has seen."""

import click

from mousegate.cli.output import json_option, moment, print_json, print_line, print_table
from mousegate.errors import UsageError


@click.command("history")
@click.option("--since", default="7d", show_default=True, help="How far back: 30m, 8h, 7d.")
@json_option
def history_command(since: str, as_json: bool) -> int:
    """Show anomalies, answers, locks and trust, oldest first."""
    from mousegate.storage.history import History, ago

    try:
        begin_s = ago(since)
    except ValueError as error:
        raise UsageError(f"--since {since}: write it as 30m, 8h or 7d.") from error
    entries = History().since(begin_s)
    if as_json:
        print_json([{name: getattr(entry, name) for name in entry.__slots__} for entry in entries])
    elif entries:
        rows = [[moment(one.time_s), one.kind, f"{one.trust:.2f}", one.detail] for one in entries]
        print_table("History", ["when", "what", "trust", "detail"], rows)
    else:
        print_line("Nothing has happened since then.")
    return 0
