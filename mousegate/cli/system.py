"""`mousegate system`: the signature at login, on, off, and how it stands. For administrators."""

import os
from typing import TYPE_CHECKING

import click

from mousegate.cli.output import Facts, json_option, print_json, print_line, print_table
from mousegate.errors import MousegateError

if TYPE_CHECKING:
    from mousegate.system.standing import Standing


class NotRootError(MousegateError):
    """Only root may change how a computer is logged into."""

    exit_status = 64


@click.group("system")
def system_command() -> None:
    """Ask for the signature at login, too: on, off, and how it stands.

    What LightDM, PAM and the stores for login hold is changed by `enable` in one step that is checked first,
    and put back by `disable`, which works on a text console.
    """


@system_command.command("enable")
@click.argument("user")
@click.option("--new-codes", is_flag=True, help="Make new recovery codes for login; the old ones end.")
@json_option
def enable_command(user: str, new_codes: bool, as_json: bool) -> int:
    """Have USER asked for the signature at login, with a copy of the references that only root can read.

    Do it again when USER has enrolled anew. Failed attempts and probes that login has seen stay known.
    """
    _require_root(f"enable {user}")
    from mousegate.system.enable import enable
    from mousegate.system.machine import Machine

    enabled = enable(Machine(), user, new_codes)
    if as_json:
        print_json(
            {
                "user": enabled.user, "references": enabled.references, "codes": list(enabled.codes),
                "codes_left": enabled.codes_left, "notes": list(enabled.done),
            }
        )  # fmt: skip
        return 0
    for sentence in enabled.done:
        print_line(sentence)
    if enabled.codes:
        print_line(f"Each of these codes logs {user} in once, with the password, in place of the signature.")
        print_line("They are for login alone; the lock has its own. They cannot be shown again:")
        for code in enabled.codes:
            print_line(f"    {code}")
    else:
        print_line(f"{enabled.codes_left} recovery codes for login are left, those from before.")
    print_line(
        f"When LightDM starts next, {user} logs in with password and signature: restart the computer, or run "
        "`systemctl restart lightdm`, which ends graphical sessions."
    )
    print_line("Back, also from a text console: sudo mousegate system disable")
    return 0


@system_command.command("disable")
@click.argument("user", required=False)
def disable_command(user: str | None) -> int:
    """Have USER, or without a name everybody, log in with the password alone again, and undo the rest."""
    _require_root(f"disable {user}" if user else "disable")
    from mousegate.system.disable import disable
    from mousegate.system.machine import Machine

    for sentence in disable(Machine(), user):
        print_line(sentence)
    return 0


@system_command.command("status")
@json_option
def status_command(as_json: bool) -> int:
    """Show who is asked for the signature at login, and whether all of it would work.

    Exits with 1 where something is wrong. Only root sees everything.
    """
    from mousegate.system.machine import Machine
    from mousegate.system.standing import standing

    found = standing(Machine())
    if as_json:
        print_json(_facts(found))
        return 0 if found.is_sound else 1
    print_line(f"Login with the signature is {found.login.value}.")
    if found.people:
        print_table(
            "People",
            ["user", "copy", "recovery codes", ""],
            [
                [p.user, p.copied.value, "?" if p.codes is None else str(p.codes), p.text]
                for p in found.people
            ],
        )
    if found.files:
        print_table("Files", ["file", "is"], [[one.path, one.state] for one in found.files])
    if found.tried:
        print_line(found.pam or "The PAM stack was tried: password, then signature; nobody else gets in.")
    if os.geteuid() != 0:
        print_line("To see all of it: sudo mousegate system status")
    return 0 if found.is_sound else 1


def _facts(found: "Standing") -> Facts:
    return {
        "login": found.login.name.lower(),
        "sound": found.is_sound,
        "people": [
            {"user": one.user, "copy": one.copied.value, "codes": one.codes, "text": one.text}
            for one in found.people
        ],
        "files": [{"path": one.path, "state": one.state} for one in found.files],
        "pam": {"tried": found.tried, "fault": found.pam},
    }


def _require_root(words: str) -> None:
    if os.geteuid() != 0:
        raise NotRootError(f"Only root can change logins: sudo mousegate system {words}")
