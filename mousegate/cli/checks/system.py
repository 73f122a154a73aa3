"""Checks of the computer: installation, PAM, fonts, disk, clock."""

import os
import pwd
import re
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mousegate.cli.finding import Finding, ask, good, hint, problem

_PAM_FILES: Final = Path("/etc/pam.d")
_PAM_MODULE: Final = re.compile(r"^\s*[^#\s]\S*\s+.*\bpam_mousegate\.so\b", re.MULTILINE)
_MODULE_PLACES: Final = ("/lib/*/security", "/usr/lib/*/security", "/lib/security", "/usr/lib/security")
_TIGHT_MB: Final = 100
_FULL_MB: Final = 5
"""A reference takes less than 1 MB; below this even the log of decisions cannot be trusted to be written."""


def check_installation() -> Iterator[Finding]:
    """What was installed is still there, and the `mousegate` of PATH is the one that runs."""
    from mousegate.cli.places import installed

    places = installed()
    if places is None:
        yield good("installation", f"runs from {sys.prefix}, not installed.")
    else:
        yield from _missing_files(places.record)
    found = shutil.which("mousegate")
    if found is None:
        folder = places.bin if places else Path(sys.prefix, "bin")
        yield hint("installation", "`mousegate` is not in PATH.", f"Add {folder} to PATH, or log in again.")
    elif Path(found).resolve().parent != Path(sys.prefix, "bin").resolve():
        yield hint(
            "installation", f"{found} is another installation than {sys.prefix}, which runs now.",
            "Remove one of them: make uninstall, or apt remove mousegate.",
        )  # fmt: skip


def _missing_files(record: Path) -> Iterator[Finding]:
    import json

    try:
        paths = [Path(name) for name in json.loads(record.read_text("utf-8"))["files"]]
    except FileNotFoundError:  # a package's files are the package manager's
        yield good("installation", f"belongs to a package, in {sys.prefix}.")
        return
    except (OSError, ValueError, KeyError):
        yield problem("installation", f"{record} cannot be read.", "Run `make install` again.")
        return
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        yield problem("installation", f"{', '.join(missing)} is gone.", "Run `make install` again.")
    else:
        yield good("installation", f"all {len(paths)} files around {sys.prefix} are there.")


def check_pam() -> Iterator[Finding]:
    """libpam loads and a service file is there, as the auth process itself sees it."""
    status, text = ask(sys.executable, "-P", "-m", "mousegate.auth", "--check-service")
    if status != 0:
        text = text.removeprefix("mousegate-auth: ") or "auth does not start."
        yield problem("pam", text, "Without it no password can be checked.")
    elif text == "login":
        source = Path(__file__).parents[2] / "data/pam.d/mousegate"
        yield hint("pam", "uses the service login.", f"Better: sudo cp {source} /etc/pam.d/")
    else:
        yield good("pam", f"the service {text} is there and libpam loads.")


def check_login() -> Iterator[Finding]:
    """Every PAM service that asks for the signature can, none asks that has no mouse, and LightDM agrees."""
    using = _services_that_ask()
    there = any(True for place in _MODULE_PLACES for _ in Path("/").glob(f"{place[1:]}/pam_mousegate.so"))
    if using and not there:
        yield problem(
            "login", f"{', '.join(using)} asks for pam_mousegate.so, which is missing: login fails there.",
            "As root: mousegate system disable; take what is left out of /etc/pam.d by hand.",
        )  # fmt: skip
    elif "common-auth" in using:
        yield problem(
            "login", "common-auth asks for the signature, which sudo, ssh and a text console cannot give.",
            "Take pam_mousegate.so out of /etc/pam.d/common-auth; sudo mousegate system enable NAME.",
        )  # fmt: skip
    else:
        yield from _check_display_manager(using)


def _services_that_ask() -> list[str]:
    using = []
    for path in sorted(_PAM_FILES.iterdir()) if _PAM_FILES.is_dir() else []:
        try:
            if _PAM_MODULE.search(path.read_text("utf-8", "replace")):
                using.append(path.name)
        except OSError:
            continue
    return using


def _check_display_manager(using: list[str]) -> Iterator[Finding]:
    from mousegate.system import lightdm
    from mousegate.system.machine import SERVICE, Machine

    machine = Machine()
    me = pwd.getpwuid(os.getuid()).pw_name
    named = lightdm.names_service(machine)
    if named and not (lightdm.is_ours(machine) and machine.service.exists()):
        yield problem(
            "login", f"{named} names mousegate for some logins, but not all of what they need is there.",
            "See: sudo mousegate system status; back: sudo mousegate system disable.",
        )  # fmt: skip
    elif named and (machine.stores / me).exists():
        yield good("login", "LightDM asks you for the password and the signature.")
    elif named:
        yield hint(
            "login", "LightDM asks others for the signature, you for the password alone.",
            f"Once you are enrolled: sudo mousegate system enable {me}",
        )  # fmt: skip
    elif [name for name in using if name != SERVICE]:
        yield good("login", f"the signature is asked for by {', '.join(using)}.")
    else:
        yield good("login", "display managers ask for the password alone.")


def check_fonts() -> Iterator[Finding]:
    """There is a font to draw with."""
    if shutil.which("fc-match") is None:
        yield hint("fonts", "fontconfig's tools are missing.", "Install the package fontconfig.")
        return
    status, family = ask("fc-match", "--format=%{family}", "sans-serif")
    if status == 0 and family:
        yield good("fonts", f"sans-serif is {family}.")
    else:
        yield problem("fonts", "there is no font at all.", "Install the package fonts-dejavu-core.")


def check_disk() -> Iterator[Finding]:
    """There is room to write decisions and attempts down, and the place can be written to."""
    from mousegate.storage.paths import data_directory

    directory = data_directory()
    there = next(one for one in (directory, *directory.parents) if one.is_dir())
    free_mb = shutil.disk_usage(there).free // 2**20
    if not os.access(there, os.W_OK):
        yield problem("disk", f"{there} cannot be written to.", f"See who owns it: ls -ld {there}")
    elif free_mb < _FULL_MB:
        yield problem(
            "disk", f"{free_mb} MB are free for {directory}.", "Make room: no attempt can be counted."
        )
    elif free_mb < _TIGHT_MB:
        yield hint("disk", f"{free_mb} MB are free for {directory}.", "Make room before it is full.")
    else:
        yield good("disk", f"{free_mb} MB are free for {directory}.")


def check_clock() -> Iterator[Finding]:
    """The clock is not behind what has happened already: waiting times after failures follow it."""
    from mousegate.storage.store import Store

    now_s, latest_s = time.time(), Path(__file__).stat().st_mtime
    store = Store.open()
    if store is not None:
        with store:
            latest_s = max([latest_s, *(reference.updated_s for reference in store.references.all())])
    if now_s < latest_s - 24 * 3600:
        yield problem(
            "clock", f"the clock says {time.strftime('%Y-%m-%d', time.localtime(now_s))}, which has been.",
            "Set it: sudo timedatectl set-ntp true",
        )  # fmt: skip
    else:
        yield good("clock", "is not behind what has happened.")
