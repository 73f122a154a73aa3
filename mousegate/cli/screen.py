"""The commands about protection: status, recovery, disable."""

import subprocess
import sys
import time

import click

from mousegate.cli.output import Facts, json_option, moment, print_json, print_line, print_table
from mousegate.errors import MousegateError, UsageError


@click.command("status")
@click.option(
    "--last", default=10, show_default=True, type=click.IntRange(0, 1000), help="Decisions to show."
)
@json_option
def status_command(last: int, as_json: bool) -> int:
    """Show whether the lock asks for your signature, what is enrolled, and the last decisions."""
    facts = _status(last)
    if as_json:
        print_json(facts)
    else:
        _print_status(facts)
    return 0


def _status(last: int) -> dict[str, Facts]:
    from mousegate.cli.references import reference_facts
    from mousegate.storage import config as configuration
    from mousegate.storage.store import Store

    config = configuration.load()
    facts: dict[str, Facts] = {
        "armed": False, "policy": config.policy, "operating_point": config.operating_point, "references": [],
        "recovery_codes": 0, "failures": 0, "wait_s": 0.0, "decisions": [],
    }  # fmt: skip
    store = Store.open()
    if store is None:
        return facts
    with store:
        return facts | {
            "armed": store.settings.armed,
            "references": [reference_facts(reference) for reference in store.references.all()],
            "recovery_codes": store.recovery.count(),
            "failures": store.attempts.failures(),
            "wait_s": store.attempts.remaining_s(time.time()),
            "decisions": [
                {name: getattr(entry, name) for name in entry.__slots__}
                for entry in store.decisions.newest(last)
            ],
        }


def _print_status(facts: dict[str, Facts]) -> None:
    armed = (
        "asks for your signature besides the password" if facts["armed"] else "does NOT ask for a signature"
    )
    print_line(f"The lock {armed}. Policy: {facts['policy']}, operating point: {facts['operating_point']}.")
    print_line(
        f"Recovery codes left: {facts['recovery_codes']}. Failed attempts in a row: {facts['failures']}."
    )
    rows = [
        _row(entry, ("label", "device", "clicks", "strength_bits", "movement_s"))
        for entry in _list(facts["references"])
    ]
    if rows:
        print_table("Enrolled", ["label", "device", "clicks", "rhythm bits", "movement s"], rows)
    else:
        print_line("Nothing is enrolled. `mousegate enrol` makes a reference.")
    rows = [
        [
            moment(_seconds(entry)),
            *_row(entry, ("place", "decision", "accepted", "password", "rhythm", "motion_llr", "attack")),
        ]
        for entry in _list(facts["decisions"])
    ]
    if rows:
        print_table(
            "Last decisions",
            ["when", "where", "decision", "accepted", "password", "rhythm", "score", "attack"],
            rows,
        )


def _list(facts: Facts) -> list[dict[str, Facts]]:
    return [entry for entry in facts if isinstance(entry, dict)] if isinstance(facts, list) else []


def _seconds(entry: dict[str, Facts]) -> float:
    value = entry["time_s"]
    return value if isinstance(value, float) else 0.0


def _row(entry: dict[str, Facts], names: tuple[str, ...]) -> list[str]:
    words = {None: "-", True: "yes", False: "no"}
    return [
        words[value]
        if value is None or isinstance(value, bool)
        else f"{value:.2f}"
        if isinstance(value, float)
        else str(value)
        for value in (entry[name] for name in names)
    ]


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
