"""Switching the signature on at login: all of it, checked before it counts, or nothing."""

import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from mousegate.errors import MousegateError
from mousegate.system import accounts, copies, disk, lightdm, pamstack, record
from mousegate.system.accounts import Account
from mousegate.system.disk import MachineError
from mousegate.system.handover import Handover
from mousegate.system.machine import GREETER, MODULE, Machine

_OPTION: Final = "--lightdm"
_CHECK_S: Final = 30.0
_OTHERS_WRITE: Final = 0o022
_ENTRY: Final = """[Desktop Entry]
Name=mousegate
Comment=Asks for the password and the mouse signature
Exec={program} --lightdm
Type=Application
"""


@dataclass(frozen=True, slots=True)
class Enabled:
    """What came of it. codes: new recovery codes for login, empty where those from before hold; codes_left:
    how many there are; references: how many were copied; done: what else is worth saying, in sentences.
    """

    user: str
    codes: tuple[str, ...]
    codes_left: int
    references: int
    done: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A file that has to hold this text. See record.Change for the rest."""

    path: Path
    content: bytes
    late: bool = False
    meanwhile: str | None = None


def enable(machine: Machine, user: str, new_codes: bool = False) -> Enabled:
    """Have `user` asked for the signature at login, from LightDM's next start.

    Raises MousegateError, saying what to do; then the machine is as it was. A crash at any moment leaves it
    so, or is undone by the next `mousegate system`.
    """
    account = accounts.find(user)
    _check_machine(machine)
    given = copies.collect(account)
    copies.check(account, given)
    with record.locked(machine):
        try:
            done = record.recover(machine)
            enabled = _change(machine, account, given, new_codes)
        except BaseException:
            record.recover(machine)
            raise
        finally:
            if record.load(machine) == record.Record() and not machine.people():
                record.clear(machine)
    return replace(enabled, done=(*done, *enabled.done))


def _change(machine: Machine, account: Account, given: Handover, new_codes: bool) -> Enabled:
    """Write the copy, try the stack with it, and only then change the machine."""
    copy = copies.write(machine, account, given, new_codes)
    known = record.load(machine)
    wanted, kept = _plan(machine, known)
    service = next((one.content for one in wanted if one.path == machine.service), disk.read(machine.service))
    pamstack.check(machine, service or b"", copy.folder)
    pending = tuple(record.prepare(machine, one.path, one.content, one.late, one.meanwhile) for one in wanted)
    # Who runs already has not read what is written now, unless it was there before.
    idle = known.idle if known.settled else tuple(sorted(machine.running()))
    begun = replace(known, pending=pending, swap=copy.swap, idle=idle)
    record.save(machine, begun)
    copies.put_in_place(machine, copy)
    for one in wanted:
        disk.make_folder(one.path.parent, 0o755)
        disk.write(one.path, one.content, disk.mode_of(one.path) if one.path.exists() else 0o644)
    if not lightdm.is_ours(machine):
        raise MachineError(
            "LightDM would still not ask for the signature: look at `lightdm --show-config`, and at what "
            f"sets {' and '.join(lightdm.WANTED)} there."
        )
    record.save(machine, begun.committed())
    record.recover(machine)  # the copy from before is nobody's now
    left = copies.codes_left(machine.stores / account.name)
    return Enabled(account.name, copy.codes, left, len(given.references), (*kept, *_warnings(machine)))


def _plan(machine: Machine, known: record.Record) -> tuple[list[_Wanted], list[str]]:
    """Return what has to be written, in this order, and what is kept because somebody else has changed it.

    LightDM's own settings come last: until then nothing asks any of the others.
    """
    wanted, kept = [], []
    service = _Wanted(machine.service, pamstack.text(machine), late=True, meanwhile=pamstack.STAND_IN)
    if _is_free(machine, known, service.path):
        wanted.append(service)
    else:
        kept.append(f"{machine.named(service.path)} was changed by somebody else; it works, and stays so.")
    if not any(_can_ask(disk.read(path)) for path in machine.entries):
        entry = _ENTRY.format(program=machine.program / "bin" / GREETER).encode()
        wanted.append(_Wanted(machine.entries[0], entry, late=True))
    for path, content in lightdm.overrides(machine).items():
        if path != machine.drop_in:
            wanted.append(_Wanted(path, content))
            kept.append(
                f"{machine.named(path)} named another greeter or PAM service, which is set aside in it."
            )
    if _is_free(machine, known, machine.drop_in):
        wanted.append(_Wanted(machine.drop_in, lightdm.DROP_IN.encode()))
    return [one for one in wanted if disk.read(one.path) != one.content], kept


def _is_free(machine: Machine, known: record.Record, path: Path) -> bool:
    """Tell whether a file of ours can be written: it is not there, or still as we left it."""
    now, change = disk.read(path), known.of(machine.named(path))
    return now is None or (change is not None and change.is_ours(now))


def _can_ask(entry: bytes | None) -> bool:
    """Tell whether a greeter's entry starts it in the way that LightDM needs."""
    lines = (entry or b"").decode("utf-8", "replace").splitlines()
    return any(line.startswith("Exec=") and _OPTION in line.split() for line in lines)


def _check_machine(machine: Machine) -> None:
    """Raise MachineError unless everything that a login would need is there, and is root's alone."""
    if not machine.lightdm.is_dir():
        raise MachineError("LightDM is not installed, and mousegate's login needs it: apt install lightdm.")
    chosen = (
        (disk.read(machine.under("/etc/X11/default-display-manager")) or b"")
        .decode("utf-8", "replace")
        .strip()
    )
    if chosen and Path(chosen).name != "lightdm":
        raise MachineError(
            f"Logins here are {Path(chosen).name}'s, and mousegate's needs LightDM: dpkg-reconfigure lightdm."
        )
    if machine.module(MODULE) is None:
        raise MachineError(
            f"{MODULE} is not installed: install mousegate for everybody (`sudo make install`)."
        )
    for program in (machine.helper, machine.program / "bin" / GREETER):
        _check_owner(program)
    _check_greeter(machine)
    if machine.stores.exists() or machine.stores.is_symlink():
        _check_owner(machine.stores, above=False)


def _check_owner(path: Path, above: bool = True) -> None:
    """Raise MachineError unless only root could change what is there, and the folders above it."""
    try:
        real = path.resolve(strict=True) if above else path
        for one in (real, *(real.parents if above else ())):
            found = one.lstat()
            sticky = stat.S_ISDIR(found.st_mode) and bool(found.st_mode & stat.S_ISVTX)
            loose = bool(found.st_mode & _OTHERS_WRITE) and not sticky
            if found.st_uid not in (0, os.geteuid()) or loose or stat.S_ISLNK(found.st_mode):
                raise MachineError(
                    f"{one} can be changed by others than root, so it may judge no login: install mousegate "
                    "for everybody (`sudo make install`, or the package)."
                )
    except OSError as cause:
        raise MachineError(
            f"{path} is missing: install mousegate for everybody (`sudo make install`, or the package)."
        ) from cause


def _check_greeter(machine: Machine) -> None:
    """Raise MachineError unless the greeter, run as LightDM's user, has all that a login screen needs."""
    if (account := accounts.look_up(machine.greeter_user)) is None:
        raise MachineError(f"There is no user {machine.greeter_user!r}, as whom LightDM runs its greeters.")
    command = [str(machine.program / "bin" / GREETER), _OPTION, "--check"]
    try:
        accounts.run_as(account, command, disk.LARGEST, _CHECK_S)
    except MousegateError as cause:
        raise MachineError(f"{command[0]} could not be LightDM's login screen. {cause}") from cause


def _warnings(machine: Machine) -> list[str]:
    """Return what the administrator should know, but may have wanted."""
    someone = lightdm.logs_in_by_itself(machine)
    return [f"LightDM still logs {someone} in without any question (autologin-user)."] if someone else []
