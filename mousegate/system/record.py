"""The record of what was changed on a machine, by which all of it is undone. Standard library only.

`pending` is one transaction, written down before its first change: whoever finds it there undoes it. What is
`settled` goes back to how it was before mousegate came.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from mousegate.system import disk
from mousegate.system.disk import MachineError
from mousegate.system.machine import Machine

_NAME: Final = "record.json"
_LOCK: Final = "lock"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Change:
    """One file that was written. Paths are those of the machine.

    before, after: SHA-256 of its content, before being None where there was no file. backup: name of the copy
    from before, in the state's folder, empty where there was none. mode: permission bits from before. made:
    folders that were made for it, the deepest first.
    late: a display manager that runs may still need it, and keeps it until it ends; meanwhile: what it holds
    until then, None for what it holds anyway.
    """

    path: str
    before: str | None
    after: str
    backup: str
    mode: int
    made: tuple[str, ...] = ()
    late: bool = False
    meanwhile: str | None = None

    def is_ours(self, content: bytes | None) -> bool:
        """Tell whether that is what mousegate wrote, and nobody changed since."""
        written = {self.after} | ({disk.digest(self.meanwhile.encode())} if self.meanwhile else set())
        return disk.digest(content) in written


@dataclass(frozen=True, slots=True)
class Swap:
    """A copy for login that takes its place. token: in the new copy's file `generation`; aside: where it was
    written, and where the one from before is afterwards.
    """

    user: str
    token: str
    aside: str


@dataclass(frozen=True, slots=True)
class Record:
    """All of it. idle: marks of display managers that ran when login was switched on, so have not read it;
    waits: of those which must end before the rest can be taken away.
    """

    settled: tuple[Change, ...] = ()
    pending: tuple[Change, ...] = ()
    swap: Swap | None = None
    idle: tuple[str, ...] = ()
    waits: tuple[str, ...] = ()

    def of(self, path: str) -> Change | None:
        """Return the settled change of a file."""
        return next((change for change in self.settled if change.path == path), None)

    def committed(self) -> "Record":
        """Return the record in which what was pending is settled; `before` stays what it was at first."""
        changes = {change.path: change for change in self.settled}
        for change in self.pending:
            first = changes.get(change.path)
            origin = {"before": first.before, "backup": first.backup, "mode": first.mode} if first else {}
            made = first.made + change.made if first else change.made
            changes[change.path] = replace(change, made=made, **origin)  # type: ignore[arg-type]
        return replace(self, settled=tuple(changes.values()), pending=(), swap=None, waits=())


def load(machine: Machine) -> Record:
    """Return the record, an empty one where nothing was changed. Raises MachineError where it is damaged."""
    path = machine.state / _NAME
    content = disk.read(path)
    if content is None:
        return Record()
    try:
        known = json.loads(content)
        if known.pop("format") != _FORMAT:
            raise MachineError(f"{path} was written by another version of mousegate: use that one.")
        settled, pending = (tuple(_change(one) for one in known.pop(key)) for key in ("settled", "pending"))
        swap = known.pop("swap")
        lists = {key: tuple(str(mark) for mark in known[key]) for key in known}
        return Record(settled, pending, Swap(**swap) if swap else None, **lists)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as cause:
        raise MachineError(
            f"{path} is damaged. What was there before lies beside it: put it back by hand, as "
            "administrators.md says."
        ) from cause


def _change(known: dict[str, Any]) -> Change:
    made = tuple(str(path) for path in known.pop("made"))
    return Change(**known, made=made)


def save(machine: Machine, record: Record) -> None:
    """Write the record down. Raises MachineError."""
    text = json.dumps({"format": _FORMAT} | asdict(record), indent=1)
    disk.write(machine.state / _NAME, text.encode() + b"\n", 0o600)


def clear(machine: Machine) -> None:
    """Take away the state's folder, and that of the stores where it is empty."""
    disk.remove_tree(machine.state)
    disk.remove_folder(machine.stores)


def restore(machine: Machine, change: Change) -> str:
    """Put one file back as it was before; return what was done, in a sentence, empty for nothing.

    A file that somebody changed since stays as it is, and the sentence says so. Raises MachineError.
    """
    path = machine.under(change.path)
    disk.discard(path)
    now = disk.read(path)
    if disk.digest(now) == change.before:
        _remove_folders(machine, change)
        return ""
    if not change.is_ours(now):
        return _left_alone(machine, change, now is None)
    if change.before is None:
        disk.remove(path)
        _remove_folders(machine, change)
        return f"{change.path} is gone again."
    content = _from_before(machine, change)
    disk.write(path, content, change.mode)
    return f"{change.path} is as it was before."


def _remove_folders(machine: Machine, change: Change) -> None:
    """Remove the folders that were made for a file, as far as they are empty."""
    for folder in change.made:
        disk.remove_folder(machine.under(folder))


def _left_alone(machine: Machine, change: Change, is_gone: bool) -> str:
    """Say that a file stays as somebody else wants it; how it was before is put beside it."""
    if not change.backup:
        return "" if is_gone else f"{change.path} was changed since by somebody else, and stays as it is."
    beside = f"{change.path}.before-mousegate"
    disk.write(machine.under(beside), _from_before(machine, change), change.mode)
    what = "removed" if is_gone else "changed"
    return f"{change.path} was {what} since by somebody else, and stays so; {beside} is how it was before."


def _from_before(machine: Machine, change: Change) -> bytes:
    backup = machine.state / change.backup
    content = disk.read(backup)
    if content is None or disk.digest(content) != change.before:
        raise MachineError(f"{backup} is damaged, so {change.path} cannot be put back: look at it.")
    return content


def prepare(machine: Machine, path: Path, content: bytes, late: bool, meanwhile: str | None) -> Change:
    """Keep what is in a file now, and return the change that puts `content` there. Raises MachineError."""
    now = disk.read(path)
    backup = ""
    if now is not None:
        backup = f"{path.name}.{str(disk.digest(now))[:12]}"
        disk.write(machine.state / backup, now, 0o600)
    return Change(
        path=machine.named(path),
        before=disk.digest(now),
        after=str(disk.digest(content)),
        backup=backup,
        mode=0o644 if now is None else disk.mode_of(path),
        made=tuple(machine.named(one) for one in (path.parent, *path.parent.parents) if not one.exists()),
        late=late,
        meanwhile=meanwhile,
    )


def recover(machine: Machine) -> list[str]:
    """Undo what a command that broke off had begun; return what was done. Raises MachineError."""
    record, done = load(machine), []
    if record.pending or record.swap:
        done = [restore(machine, change) for change in reversed(record.pending)]
        if record.swap is not None:
            _swap_back(machine, record.swap)
        record = replace(record, pending=(), swap=None)
        save(machine, record)
    _tidy(machine, record)
    return [sentence for sentence in done if sentence]


def _tidy(machine: Machine, record: Record) -> None:
    """Remove what nothing leads to any more: copies aside, and backups that the record does not name."""
    named = {_NAME, _LOCK, *(change.backup for change in record.settled)}
    for leftover in machine.stores.glob(".*-*"):
        disk.remove_tree(leftover)
    for file in machine.state.iterdir():
        if file.name not in named:
            disk.remove(file)


def _swap_back(machine: Machine, swap: Swap) -> None:
    """Give the copy from before its place again, where the new one had taken it."""
    place, aside = machine.stores / swap.user, machine.stores / swap.aside
    if disk.read(place / "generation") != swap.token.encode():
        return
    if aside.exists():
        disk.exchange(place, aside)
    else:
        disk.move(place, aside)


@contextmanager
def locked(machine: Machine) -> Iterator[None]:
    """Keep other commands of this kind away meanwhile. Raises MachineError where one runs already."""
    try:
        disk.make_folder(machine.stores, 0o711)
        disk.make_folder(machine.state, 0o700)
    except MachineError:
        disk.remove_folder(machine.stores)
        raise
    descriptor = os.open(machine.state / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as cause:
        raise MachineError("Another `mousegate system` runs: wait until it has ended.") from cause
    finally:
        os.close(descriptor)
