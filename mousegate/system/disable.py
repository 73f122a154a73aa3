"""Switching the signature off at login. Standard library only: works when nothing else of mousegate does."""

import secrets
from dataclasses import replace

from mousegate.system import disk, lightdm, record
from mousegate.system.accounts import check_name
from mousegate.system.machine import Machine


def disable(machine: Machine, user: str | None = None) -> list[str]:
    """Undo what `enable` did, for one person or (None) for all; return what was done, in sentences.

    Doing it twice changes nothing. A file that somebody has changed since stays as it is. Without anybody
    left the machine is as before. Raises MousegateError; doing it again then goes on.
    """
    if user is not None:
        check_name(user)
    with record.locked(machine):
        done = record.recover(machine)
        if user is not None:
            done += _forget(machine, user)
        if user is None or not machine.people():
            done += _release(machine)
        if record.load(machine) == record.Record() and not machine.people():
            record.clear(machine)
    return done or ["Nothing was switched on. Nothing was changed."]


def _forget(machine: Machine, user: str) -> list[str]:
    place = machine.stores / user
    if not place.exists() and not place.is_symlink():
        return [f"{user} was not switched on."]
    # First out of the way, at once: half a copy would let nobody in.
    aside = machine.stores / f".old-{secrets.token_hex(8)}"
    disk.move(place, aside)
    disk.remove_tree(aside)
    return [f"{user} logs in with the password alone. The copy for login is deleted."]


def _release(machine: Machine) -> list[str]:
    """Put the machine's files back, the display manager's first, then delete all copies."""
    known = record.load(machine)
    done = [record.restore(machine, one) for one in reversed(known.settled) if not one.late]
    for user in machine.people():
        done += _forget(machine, user)
    waits = _waits(machine, known)
    late = tuple(one for one in known.settled if one.late)
    naming = lightdm.names_service(machine)
    if late and (waits or naming):
        done += [_stand_in(machine, one) for one in late]
        done.append(
            f"{machine.named(naming)} still names mousegate, which keeps these files: edit it, then run "
            "`sudo mousegate system disable` again."
            if naming
            else "LightDM has run since before and still reads these files. Once it is restarted (with the "
            "computer, or now by `systemctl restart lightdm`, which ends graphical sessions), `sudo "
            "mousegate system disable` removes them."
        )
        record.save(machine, replace(known, settled=late, waits=waits))
    else:
        done += [record.restore(machine, one) for one in reversed(late)]
        record.save(machine, record.Record())
    return [sentence for sentence in done if sentence]


def _waits(machine: Machine, known: record.Record) -> tuple[str, ...]:
    """Return the display managers that have read our settings and still run."""
    running = machine.running()
    return tuple(sorted(running & set(known.waits) if known.waits else running - set(known.idle)))


def _stand_in(machine: Machine, change: record.Change) -> str:
    """Have a file that is still needed hold what does no harm. Somebody else's text stays."""
    path = machine.under(change.path)
    now = disk.read(path)
    if not change.is_ours(now):
        return f"{change.path} was changed since by somebody else, and stays as it is."
    if change.meanwhile is None:
        return f"{change.path} stays for now."
    disk.write(path, change.meanwhile.encode(), disk.mode_of(path))
    return f"{change.path} now holds what LightDM asks otherwise, and stays for now."
