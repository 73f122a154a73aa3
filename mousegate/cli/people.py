"""The commands about people: enrol, verify, references."""

from pathlib import Path

import click

from mousegate.cli.output import json_option, moment, print_json, print_line, print_table
from mousegate.errors import UsageError

_RECORDING = click.Path(path_type=Path)


@click.command("enrol")
@click.option("--label", default="default", show_default=True, help="What to call the reference.")
@click.option(
    "--from", "recordings", multiple=True, type=_RECORDING, metavar="REC...", help="Recordings of you."
)
@click.argument("more_recordings", nargs=-1, type=_RECORDING, metavar="[REC]...")
@click.option("--rhythm", is_flag=True, help="Take your rhythm five times on the rehearsal screen.")
@click.option(
    "--record", "record_s", type=click.FloatRange(5, 3600), metavar="SECONDS", help="Record you now."
)
@click.option(
    "--device",
    type=click.Choice(["mouse", "touchpad", "trackpoint"]),
    help="What the recordings were made with; they do not tell.",
)
@click.option("--no-arm", is_flag=True, help="Leave the lock as it is: do not ask for the signature yet.")
@json_option
def enrol_command(
    *,
    label: str,
    recordings: tuple[Path, ...],
    more_recordings: tuple[Path, ...],
    rhythm: bool,
    record_s: float | None,
    device: str | None,
    no_arm: bool,
    as_json: bool,
) -> int:
    """Make a reference of you: of your movement, of your rhythm, or of both."""
    from mousegate.cli.enrolment import Wish, enrol
    from mousegate.core.events import PointerDevice

    if not (recordings or more_recordings or rhythm or record_s):
        raise UsageError(
            "Say what to enrol from: --from REC, --record SECONDS, --rhythm, or several of them."
        )
    known = PointerDevice[device.upper()] if device else PointerDevice.UNKNOWN
    wish = Wish(label, (*recordings, *more_recordings), rhythm, record_s, known, arm=not no_arm)
    outcome = enrol(wish)
    if as_json:
        print_json(outcome.facts())
    else:
        for line in outcome.lines():
            print_line(line)
    return 0


@click.command("verify")
@click.option("--label", default="", help="The reference to compare with; by default the newest.")
@click.option("--from", "recordings", multiple=True, type=_RECORDING, metavar="REC...", help="Recordings.")
@click.argument("more_recordings", nargs=-1, type=_RECORDING, metavar="[REC]...")
@json_option
def verify_command(
    label: str, recordings: tuple[Path, ...], more_recordings: tuple[Path, ...], as_json: bool
) -> int:
    """Compare the movement in recordings with your reference.

    Exits with 0 match, 1 non-match, 2 inconclusive, 3 not enrolled.
    """
    from mousegate.cli.verification import verify

    if not (recordings or more_recordings):
        raise UsageError("Say which recordings to compare: --from REC.")
    outcome = verify((*recordings, *more_recordings), label)
    if as_json:
        print_json(outcome.facts())
    else:
        print_line(outcome.line())
    return outcome.exit_status


@click.group("references")
def references_command() -> None:
    """List, delete, rename or export what is stored about you."""


@references_command.command("list")
@json_option
def list_command(as_json: bool) -> int:
    """List your references."""
    from mousegate.cli.references import reference_facts
    from mousegate.storage.store import Store

    store = Store.open()
    references = store.references.all() if store else []
    if as_json:
        print_json([reference_facts(reference) for reference in references])
        return 0
    if not references:
        print_line("You have no references. `mousegate enrol` makes one.")
        return 0
    rows = [
        [
            reference.label,
            reference.device.name.lower(),
            f"{reference.rhythm.strength_bits:.0f} bits" if reference.rhythm else "-",
            f"{reference.motion.active_s:.0f} s" if reference.motion else "-",
            moment(reference.updated_s),
        ]
        for reference in references
    ]
    print_table("References", ["label", "device", "rhythm", "movement", "updated"], rows)
    return 0


@references_command.command("history")
@click.argument("label", default="")
@json_option
def history_command(label: str, as_json: bool) -> int:
    """Show what was learned since LABEL (or anybody) was enrolled, and from what."""
    from mousegate.cli.references import revision_facts, revisions

    known = revisions(label)
    if as_json:
        print_json([revision_facts(one) for one in known])
        return 0
    if not known:
        print_line("Nothing was learned since enrolment.")
        return 0
    rows = [
        [
            f"{one.number}{' *' if one.current else ''}",
            one.label,
            one.device.name.lower(),
            moment(one.time_s),
            f"{one.origin} {one.detail}".strip(),
            f"{one.active_s:.0f} s",
        ]
        for one in known
    ]
    print_table("Revisions (* in use)", ["number", "label", "device", "when", "learned", "movement"], rows)
    return 0


@references_command.command("revert")
@click.argument("label")
@click.argument("number", type=int, required=False)
def revert_command(label: str, number: int | None) -> int:
    """Forget what LABEL learned after revision NUMBER, by default what it learned last."""
    from mousegate.cli.references import revert

    print_line(f"{label} is as it was at revision {revert(label, number).number} again.")
    return 0


@references_command.command("delete")
@click.argument("label")
def delete_command(label: str) -> int:
    """Delete all references called LABEL."""
    from mousegate.cli.references import delete

    print_line(f"Deleted {delete(label)} reference(s) called {label}.")
    return 0


@references_command.command("rename")
@click.argument("label")
@click.argument("new_label")
def rename_command(label: str, new_label: str) -> int:
    """Call the references LABEL by NEW_LABEL."""
    from mousegate.cli.references import rename

    print_line(f"Renamed {rename(label, new_label)} reference(s) to {new_label}.")
    return 0


@references_command.command("export")
@click.argument("label")
@click.option(
    "--out", type=click.Path(path_type=Path), help="File to write (0600) instead of standard output."
)
def export_command(label: str, out: Path | None) -> int:
    """Write all that is stored about LABEL as JSON. Without the key file it says nothing about your hand."""
    from mousegate.cli.references import export

    export(label, out)
    return 0
