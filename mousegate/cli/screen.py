"""The commands about protection: recovery, disable."""

import subprocess
import sys

import click

from mousegate.cli.output import json_option, print_json, print_line
from mousegate.errors import MousegateError, UsageError


@click.group("recovery")
def recovery_command() -> None:
    """Make or count recovery codes."""


@recovery_command.command("new")
@json_option
def new_command(as_json: bool) -> int:
    """Make new recovery codes; the old ones are worth nothing any more."""
    from mousegate.storage.store import Store

    with Store.create() as store:
        codes = store.recovery.renew()
    if as_json:
        print_json({"codes": list(codes)})
        return 0
    print_line("Each of these codes unlocks once, with your password, in place of the signature.")
    print_line("Print them and keep them away from the computer; they cannot be shown again.")
    for code in codes:
        print_line(f"    {code}")
    return 0


@recovery_command.command("show")
@json_option
def show_command(as_json: bool) -> int:
    """Show how many recovery codes are left."""
    from mousegate.storage.store import Store

    store = Store.open()
    count = store.recovery.count() if store else 0
    if as_json:
        print_json({"count": count})
    else:
        print_line(
            f"{count} recovery codes are left." + ("" if count else " `mousegate recovery new` makes some.")
        )
    return 0


@click.command("disable")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def disable_command(password_stdin: bool) -> int:
    """Stop asking for the signature, after your password. Works on a text console."""
    from mousegate.storage.recover import open_or_replace

    if not password_stdin and not sys.stdin.isatty():
        raise UsageError("There is no terminal to ask for your password: use --password-stdin.")
    checked = subprocess.run([sys.executable, "-P", "-m", "mousegate.auth", "--check-password"], check=False)
    if checked.returncode == 1:
        click.echo("mousegate: that was not your password. Nothing was changed.", err=True)
        return 1
    if checked.returncode != 0:
        raise MousegateError("Your password could not be checked. Nothing was changed.")
    store, moved = open_or_replace()
    with store:
        store.settings.disarm()
    if moved:
        print_line(f"The damaged store was moved to {moved}.")
    print_line("The lock does not ask for your signature any more: your password alone unlocks.")
    return 0
