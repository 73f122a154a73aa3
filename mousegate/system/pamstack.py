"""Our PAM service for login: its text, what it needs on this machine, and a rehearsal with the real libpam.

The rehearsal asks a copy of the service, with a name that nobody has and a copy of the references, so that
no failure is counted against anybody.
"""

import json
import re
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

from mousegate.core.probe import PROBE_PROMPT
from mousegate.errors import PamError
from mousegate.storage.store import Store
from mousegate.system import disk
from mousegate.system.machine import MODULE, SERVICE, Machine

STAND_IN: Final = """#%PAM-1.0
# Login with the mouse signature has been switched off. A LightDM that has run since before still asks
# this service, until it is restarted: so it is what LightDM asks otherwise. `sudo mousegate system
# disable` then removes it.
@include lightdm
"""
_REHEARSAL_S: Final = 60.0
_PATH: Final = f"/etc/pam.d/{SERVICE}"
_LOOK: Final = "Why is in the system log: journalctl -t mousegate-verify -t python3."
_DEEPEST: Final = 16
_LINE: Final = re.compile(
    r"(?P<quiet>-?)(?P<kind>auth|account|session|password)\s+(?P<control>\[[^\]]*\]|\S+)\s+(?P<module>\S+)(?P<rest>.*)"
)


def text(machine: Machine) -> bytes:
    """Return the service file, in which the signature is judged by this installation."""
    template = (Path(str(files("mousegate"))) / f"data/pam.d/{SERVICE}").read_text("utf-8")
    asked = f"  {MODULE}\n"
    assert template.count(asked) == 1
    return template.replace(asked, f"  {MODULE} helper={machine.helper}\n").encode()


def missing(machine: Machine, content: bytes) -> list[str]:
    """Return, in sentences, what a service names and this machine has not, included files too."""
    return list(dict.fromkeys(_missing(machine, content.decode("utf-8", "replace"), SERVICE, 0)))


def _missing(machine: Machine, content: str, name: str, depth: int) -> Iterator[str]:
    for line in content.replace("\\\n", " ").splitlines():
        words = line.partition("#")[0].strip()
        if not words:
            continue
        found = _LINE.fullmatch(words)
        if words.startswith("@include"):
            yield from _included(machine, words.partition(" ")[2].strip(), name, depth)
        elif not found:
            yield f"/etc/pam.d/{name} has a line that PAM does not know: {words[:80]!r}."
        elif found["control"] in ("include", "substack"):
            yield from _included(machine, found["module"], name, depth)
        elif not _may_be_missing(found) and machine.module(found["module"]) is None:
            yield f"/etc/pam.d/{name} needs {found['module']}, which is not installed."


def _may_be_missing(line: re.Match[str]) -> bool:
    return bool(line["quiet"]) or "module_unknown=ignore" in line["control"]


def _included(machine: Machine, name: str, within: str, depth: int) -> Iterator[str]:
    path = Path(name) if name.startswith("/") else machine.pam / name
    content = disk.read(path.resolve()) if path.exists() else None
    if content is None:
        yield f"/etc/pam.d/{within} includes {name}, which is not there."
    elif depth == _DEEPEST:
        yield f"/etc/pam.d/{name} includes itself."
    else:
        yield from _missing(machine, content.decode("utf-8", "replace"), name, depth + 1)


def check(machine: Machine, content: bytes, enrolled: Path) -> None:
    """Raise PamError unless the service works as it must.

    With the references in `enrolled` it asks for password, then signature, and refuses who gives neither;
    without any it asks for the password alone.
    """
    if lacking := missing(machine, content):
        raise PamError(" ".join(lacking))
    scratch = machine.stores / f".check-{secrets.token_hex(8)}"
    disk.make_folder(scratch, 0o700)
    try:
        asked = _rehearse(machine, content, scratch, _untried(enrolled, scratch / "enrolled"))
        if not asked or PROBE_PROMPT not in asked[1:] or asked[0] == PROBE_PROMPT:
            raise PamError(
                f"{_PATH} asks {_spoken(asked)}, not for a password and then the signature. {_LOOK}"
            )
        if not _was_judged(scratch / "enrolled"):
            raise PamError(f"{machine.helper} asks for a signature, but cannot judge it. {_LOOK}")
        asked = _rehearse(machine, content, scratch, scratch / "nobody")
        if not asked or PROBE_PROMPT in asked:
            raise PamError(f"{_PATH} asks {_spoken(asked)} of a person who is not enrolled.")
    finally:
        disk.remove_tree(scratch)


def _untried(enrolled: Path, copy: Path) -> Path:
    """Return a copy of references that has no failures to wait for, and has judged nothing yet."""
    shutil.copytree(enrolled, copy)
    with Store.create(copy) as store:
        store.attempts.clear()
        store.decisions.erase()
    return copy


def _was_judged(copy: Path) -> bool:
    with Store.create(copy) as store:
        return len(store.decisions.newest(1)) == 1


def _rehearse(machine: Machine, content: bytes, scratch: Path, store: Path) -> list[str]:
    """Return what the service asks for when judged by `store`. Raises PamError where it is broken."""
    services = scratch / "services"
    disk.remove_tree(services)
    disk.make_folder(services, 0o700)
    for other in machine.pam.iterdir():
        if other.name != SERVICE:
            (services / other.name).symlink_to(other.resolve())
    line = re.compile(rf"(?m)^([^#\n]*\s\S*{re.escape(MODULE)}\b.*)$")
    rehearsed = line.sub(
        lambda found: f"{found[1]} store={store}", content.decode("utf-8", "surrogateescape")
    )
    disk.write(services / SERVICE, rehearsed.encode("utf-8", "surrogateescape"), 0o600)
    command = [sys.executable, "-P", "-m", "mousegate.auth", "--rehearse", str(services), SERVICE]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_REHEARSAL_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        if done.returncode != 0:
            said = done.stderr.strip().splitlines() or ["it broke off"]
            raise PamError(f"The stack of {_PATH} does not work: {said[-1]}")
        return [str(prompt) for prompt in json.loads(done.stdout)["asked"]]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as cause:
        raise PamError(f"The stack of {_PATH} could not be tried: {cause}.") from cause


def _spoken(asked: list[str]) -> str:
    return ", ".join(repr(prompt[:40]) for prompt in asked) or "nothing"
