"""How login stands on this machine: who is switched on, how the files are, whether PAM would work."""

import os
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from mousegate.errors import MousegateError
from mousegate.system import accounts, copies, disk, lightdm, pamstack, record
from mousegate.system.machine import Machine


class Login(Enum):
    """What LightDM asks for. STARTS and ENDS: from its next start."""

    OFF = "off"
    ON = "on"
    STARTS = "on after a restart of LightDM"
    ENDS = "off after a restart of LightDM"
    BROKEN = "broken"
    INTERRUPTED = "interrupted"


class Copied(Enum):
    """What root's copy is to the person's own references. UNKNOWN: only root can see."""

    CURRENT = "current"
    OLDER = "older"
    DAMAGED = "damaged"
    ORPHANED = "of nobody"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """One person's copy. codes: recovery codes left, None where that is unknown; text: what is wrong."""

    user: str
    copied: Copied
    codes: int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class FileStanding:
    """One file that was written. state: `as written`, `changed` or `missing`."""

    path: str
    state: str


@dataclass(frozen=True, slots=True)
class Standing:
    """All of it. pam: why the stack would not work, empty where it does or was not tried (`tried`)."""

    login: Login
    people: tuple[PersonStanding, ...]
    files: tuple[FileStanding, ...]
    tried: bool
    pam: str

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        damaged = any(one.copied in (Copied.DAMAGED, Copied.ORPHANED) for one in self.people)
        return self.login not in (Login.BROKEN, Login.INTERRUPTED) and not self.pam and not damaged


_STATES: Final = {True: "as written", False: "changed"}


def standing(machine: Machine) -> Standing:
    """Look at everything, and change nothing. Raises MachineError where the record is damaged."""
    privileged = os.access(machine.state, os.R_OK) or not machine.state.exists()
    known = record.load(machine) if privileged and machine.state.exists() else record.Record()
    files = tuple(_file(machine, change) for change in known.settled)
    people = tuple(_person(machine, user, privileged) for user in machine.people())
    service = disk.read(machine.service)
    tried = privileged and bool(people) and service is not None
    fault = _fault(machine, service, people) if tried and service is not None else ""
    return Standing(_login(machine, known, people, bool(fault)), people, files, tried, fault)


def _login(machine: Machine, known: record.Record, people: tuple[PersonStanding, ...], faulty: bool) -> Login:
    if known.pending or known.swap:
        return Login.INTERRUPTED
    ours = lightdm.is_ours(machine)
    if ours and (faulty or not machine.service.exists() or not any(one.exists() for one in machine.entries)):
        return Login.BROKEN
    if not ours:
        if people:
            return Login.BROKEN
        return Login.ENDS if known.settled else Login.OFF
    return Login.STARTS if machine.running() & set(known.idle) else Login.ON


def _file(machine: Machine, change: record.Change) -> FileStanding:
    content = disk.read(machine.under(change.path))
    return FileStanding(change.path, "missing" if content is None else _STATES[change.is_ours(content)])


def _person(machine: Machine, user: str, privileged: bool) -> PersonStanding:
    if not privileged:
        return PersonStanding(user, Copied.UNKNOWN, None)
    try:
        here = copies.read(machine.stores / user)
        codes = copies.codes_left(machine.stores / user)
    except MousegateError as error:
        return PersonStanding(user, Copied.DAMAGED, None, str(error))
    if (account := accounts.look_up(user)) is None:
        return PersonStanding(user, Copied.ORPHANED, codes, f"There is no user {user!r} any more.")
    try:
        theirs = copies.collect(account)
    except MousegateError as error:
        return PersonStanding(user, Copied.UNKNOWN, codes, str(error))
    same = replace(here, armed="").encode() == replace(theirs, armed="").encode()
    return PersonStanding(user, Copied.CURRENT if same else Copied.OLDER, codes)


def _fault(machine: Machine, service: bytes, people: tuple[PersonStanding, ...]) -> str:
    """Return why the stack would not work with the first whole copy there is."""
    whole = next((one.user for one in people if one.copied is not Copied.DAMAGED), None)
    try:
        if whole is None:
            return " ".join(pamstack.missing(machine, service))
        pamstack.check(machine, service, machine.stores / whole)
    except MousegateError as error:
        return str(error)
    return ""
