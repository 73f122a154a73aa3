"""Who may be switched on, and running a program as that person. Standard library only."""

import os
import pwd
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mousegate.errors import MousegateError, UsageError

LEAST_UID: Final = 1000
"""Below are the system's own accounts (Debian Policy 9.2.2)."""
_NOBODY: Final = (65534, 65535)
_LONGEST_NAME: Final = 256
_COMPLAINT_BYTES: Final = 4096
_PART: Final = 1 << 16


class AccountError(MousegateError):
    """A program that ran as another user failed, or said too much."""


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody of this computer. groups: all of theirs, the primary one included."""

    name: str
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: Path


def find(untrusted_name: str) -> Account:
    """Return the account of a person who can log in.

    Raises UsageError for names that could be paths, for accounts that do not exist and those of the system.
    """
    check_name(untrusted_name)
    account = look_up(untrusted_name)
    if account is None:
        raise UsageError(f"There is no user {untrusted_name!r} on this computer.")
    if account.uid < LEAST_UID or account.uid in _NOBODY:
        raise UsageError(
            f"{account.name} is an account of the system, not of a person: nobody logs in as it."
        )
    return account


def check_name(untrusted_name: str) -> None:
    """Raise UsageError unless a name can be a folder's name: by the rule of pam_mousegate.c."""
    fits = 0 < len(os.fsencode(untrusted_name)) <= _LONGEST_NAME and untrusted_name.isprintable()
    if not fits or untrusted_name[0] in "-." or any(letter in "/ " for letter in untrusted_name):
        raise UsageError(f"{untrusted_name!r} cannot be the name of a user.")


def look_up(name: str) -> Account | None:
    """Return the account that is called exactly so; None where there is none."""
    try:
        known = pwd.getpwnam(name)
    except (KeyError, ValueError):
        return None
    if known.pw_name != name:  # a directory service that does not care for capitals
        return None
    groups = tuple(os.getgrouplist(name, known.pw_gid))
    return Account(name, known.pw_uid, known.pw_gid, groups, Path(known.pw_dir))


def run_as(account: Account, command: Sequence[str], most_bytes: int, longest_s: float) -> bytes:
    """Run a program as somebody else, in a closed environment, and return what it printed.

    Whoever it runs as can make it say anything: the answer is not to be trusted. Only root can be another
    than itself. Raises AccountError when it fails, says more than `most_bytes`, or takes longer.
    """
    if os.geteuid() not in (0, account.uid):
        raise AccountError(f"Only root can act for {account.name}.")
    process = _start(account, command)
    try:
        out, complaint = _listen(process, most_bytes, time.monotonic() + longest_s)
        status = process.wait(timeout=longest_s)
    except (TimeoutError, subprocess.TimeoutExpired) as cause:
        raise AccountError(
            f"{_name(command)} took longer than {longest_s:.0f} s for {account.name}."
        ) from cause
    finally:
        _end(process)
    if status != 0:
        raise AccountError(_last_line(complaint) or f"{_name(command)} failed for {account.name} ({status}).")
    return out


def _name(command: Sequence[str]) -> str:
    return command[-1] if len(command) > 1 and command[-2] == "-m" else Path(command[0]).name


def _start(account: Account, command: Sequence[str]) -> subprocess.Popen[bytes]:
    other = os.geteuid() != account.uid
    environment = {"HOME": str(account.home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=environment,
            start_new_session=True,
            umask=0o077,
            user=account.uid if other else None,
            group=account.gid if other else None,
            extra_groups=account.groups if other else None,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as cause:
        raise AccountError(f"{command[0]} cannot be started for {account.name}: {cause}.") from cause


def _listen(process: subprocess.Popen[bytes], most_bytes: int, until_s: float) -> tuple[bytes, bytes]:
    """Return what a program prints and complains of, to its end. Raises AccountError, TimeoutError."""
    assert process.stdout is not None
    assert process.stderr is not None
    parts: dict[int, bytearray] = {one.fileno(): bytearray() for one in (process.stdout, process.stderr)}
    with selectors.DefaultSelector() as selector:
        for descriptor in parts:
            selector.register(descriptor, selectors.EVENT_READ)
        while selector.get_map():
            if not (ready := selector.select(max(0.0, until_s - time.monotonic()))):
                raise TimeoutError
            for key, _ in ready:
                part = os.read(key.fd, _PART)
                if not part:
                    selector.unregister(key.fd)
                parts[key.fd] += part
                if len(parts[process.stdout.fileno()]) > most_bytes:
                    raise AccountError(f"More than {most_bytes} bytes were said: that is no store.")
                del parts[process.stderr.fileno()][:-_COMPLAINT_BYTES]
    return bytes(parts[process.stdout.fileno()]), bytes(parts[process.stderr.fileno()])


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and what it started and left behind."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _last_line(complaint: bytes) -> str:
    """Return what a program said last, as harmless text."""
    lines = complaint.decode("utf-8", "replace").strip().splitlines()
    return "".join(letter for letter in (lines[-1] if lines else "") if letter.isprintable())[:400]
