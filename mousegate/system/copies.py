"""Root's copy of a person's references, for login: written aside, read back, then put in its place at once.

It has recovery codes of its own: a code of the lock's that were copied could be used twice. What login itself
has noted (failed attempts, probes seen, decisions) outlives a new copy.
"""

import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mousegate.embedding.manifest import load_manifest
from mousegate.errors import MousegateError, NotEnrolled, StoreError
from mousegate.storage import config as configuration
from mousegate.storage import configfile, files
from mousegate.storage.judge import Judge
from mousegate.storage.paths import LOGIN_CONFIG_NAME
from mousegate.storage.store import KEY_NAME, Store
from mousegate.system import disk, handover
from mousegate.system.accounts import Account, AccountError, run_as
from mousegate.system.handover import MOST_BYTES, Handover
from mousegate.system.machine import Machine
from mousegate.system.record import Swap

_EXPORT_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that was written aside. codes: new recovery codes, empty where those from before are kept."""

    swap: Swap
    folder: Path
    codes: tuple[str, ...]


def collect(account: Account) -> Handover:
    """Return what the person's own store says now. Raises MousegateError, saying what to do."""
    command = [sys.executable, "-I", "-m", "mousegate.system.export"]
    try:
        return handover.decode(run_as(account, command, MOST_BYTES, _EXPORT_S))
    except (AccountError, StoreError) as cause:
        raise type(cause)(f"The store of {account.name} could not be read. {cause}") from cause


def check(account: Account, given: Handover) -> None:
    """Raise NotEnrolled unless the person has proved once that the signature opens, and not taken it back."""
    if given.armed == "no":
        raise NotEnrolled(
            f"{account.name} has switched the signature off: run `mousegate setup` as {account.name}."
        )
    if given.armed != "yes" or not given.references:
        raise NotEnrolled(
            f"{account.name} has not yet opened a screen with the signature: run `mousegate setup` as "
            f"{account.name} first."
        )


def write(machine: Machine, account: Account, given: Handover, new_codes: bool) -> Copy:
    """Write a copy aside, read it back, and return it. Raises MousegateError where it could never match."""
    swap = Swap(account.name, secrets.token_hex(16), f".new-{secrets.token_hex(8)}")
    folder = machine.stores / swap.aside
    files.make_directory(folder)
    files.make_file(folder / KEY_NAME, given.key)
    files.make_file(folder / "generation", swap.token.encode())
    configfile.replace(configfile.changed("", given.settings), folder / LOGIN_CONFIG_NAME)
    with Store.create(folder) as store:
        for reference in given.references:
            store.references.put(reference, "copied for login")
        store.settings.arm()
        codes = _carry_over(machine.stores / account.name, store, new_codes)
    _read_back(folder, given)
    return Copy(swap, folder, codes)


def read(folder: Path) -> Handover:
    """Return what a copy holds. Raises StoreError, ConfigurationError, or NotEnrolled where there is none."""
    store = Store.open(folder)
    if store is None:
        raise NotEnrolled(f"There is no copy in {folder}.")
    with store:
        return handover.read(store, configuration.load(folder / LOGIN_CONFIG_NAME))


def codes_left(folder: Path) -> int:
    """Return how many recovery codes a copy has left. Raises StoreError."""
    store = Store.open(folder)
    if store is None:
        return 0
    with store:
        return store.recovery.count()


def _carry_over(folder: Path, store: Store, new_codes: bool) -> tuple[str, ...]:
    """Take over what login noted in the copy from before; return new codes where there are none to keep."""
    try:
        before = Store.open(folder)
    except StoreError:  # a damaged copy is what a new one is made for; nothing in it can be trusted
        before = None
    if before is None:
        return tuple(store.recovery.renew())
    with before:
        store.attempts.take_over(before.attempts)
        store.decisions.take_over(before.decisions)
        if before.key != store.key:  # enrolled anew: what was keyed with the old key says nothing any more
            return tuple(store.recovery.renew())
        store.seen.take_over(before.seen)
        if new_codes:
            return tuple(store.recovery.renew())
        store.recovery.take_over(before.recovery)
    return ()


def _read_back(folder: Path, given: Handover) -> None:
    if read(folder).encode() != given.encode():
        raise MousegateError(
            "The copy for login is not what was written: look at the disk. Nothing was changed."
        )
    store = Store.open(folder)
    assert store is not None
    with store:
        wrong = Judge(
            store, configuration.load(folder / LOGIN_CONFIG_NAME), load_manifest(), "login"
        ).notice()
    if wrong:
        raise NotEnrolled(f"This copy could open no login. {wrong}")


def put_in_place(machine: Machine, copy: Copy) -> None:
    """Have the copy take its place, at once; the one from before is aside afterwards."""
    place = machine.stores / copy.swap.user
    if place.exists():
        disk.exchange(place, copy.folder)
    else:
        disk.move(copy.folder, place)
