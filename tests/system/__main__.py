"""Play all steps on a machine booted from ROOT, as root. Usage: python -m tests.system ROOT PACKAGE OUT."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.system import kills, life, locks, logins, signature, watching
from tests.system.furnish import furnish
from tests.system.house import House
from tests.system.machine import Machine
from tests.system.report import Report

STEPS: Final[tuple[tuple[str, Callable[[House], str]], ...]] = (
    ("Boot", logins.boot),
    ("Install the package", logins.install),
    ("First login, not enrolled: password alone", logins.first_login),
    ("Setup, to the armed lock", locks.setup),
    ("loginctl lock-session", locks.lock_session),
    ("The right password, another hand", locks.refuse_other_hand),
    ("loginctl unlock-session", locks.unlock_by_loginctl),
    ("Password and signature", locks.unlock),
    ("The person works", watching.owner_works),
    ("Another hand works", watching.other_hand_is_told),
    ("Lock now, on the alert", watching.lock_now),
    ("Password and signature again", locks.unlock),
    ("systemctl suspend", life.suspend),
    ("Password and signature after sleep", locks.unlock),
    ("Switch user, from the lock", logins.switch_user),
    ("Password and signature after that", locks.unlock),
    ("Logout", life.log_out),
    ("Login: daemon and lock start with the session", life.log_in_again),
    ("Daemon and keeper killed", kills.while_open),
    ("Daemon, greeter and keeper killed while locked", kills.while_locked),
    ("Password and signature after all of them", locks.unlock),
    ("mousegate system enable", signature.enable),
    ("The login screen killed", kills.at_login),
    ("Restart, in the login screen's menu", signature.restart),
    ("Login: the right password, another hand", signature.refuse_other_hand),
    ("Login: password and signature", signature.log_in),
    ("The keyring is open", signature.keyring_opens),
    ("Login of bob, who is not enrolled", signature.bob_logs_in),
    ("Login of ada again", signature.ada_comes_back),
    ("Reboot while locked", life.reboot_while_locked),
    ("Login after the reboot", signature.log_in),
    ("mousegate disable, on a console", life.disable_on_console),
    ("The password alone opens the lock", life.password_alone),
    ("Remove the package", life.remove),
)


def main(root: Path, package: Path, out: Path) -> int:
    """Return 0 when every step held; the first that does not is the last."""
    console = Console(width=None if sys.stdout.isatty() else 150, highlight=False)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with (
        tempfile.TemporaryDirectory(prefix="mousegate-machine-", dir="/var/tmp") as work,
        (out / "console.log").open("w") as log,
    ):
        machine = Machine(root, Path(work), log)
        house = House(machine, package, out / "pictures")
        report = Report(console, house.picture)
        try:
            furnish(machine)
            for title, play in STEPS:
                report.step(title, lambda play=play: play(house))  # type: ignore[misc]
        except Exception:  # noqa: BLE001 - whatever it is, the table and the journal say how far it went
            console.print_exception()
        finally:
            house.keep_journal(out / "journal.txt")
            house.leave_seat()
            machine.close()
    console.print(report.table())
    console.print(f"Screenshots, journal and console are in {out}/")
    return 0 if sum(row.passed for row in report.rows) == len(STEPS) else 1


if __name__ == "__main__":
    sys.exit(main(*(Path(word) for word in sys.argv[1:])))
