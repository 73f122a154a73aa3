"""What a check of `mousegate doctor` says."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

_TIMEOUT_S: Final = 20.0


class Health(Enum):
    """How a finding is meant."""

    GOOD = "good"
    HINT = "hint"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. mend: what to do, empty where nothing needs mending."""

    subject: str
    health: Health
    text: str
    mend: str = ""


Check = Callable[[], Iterator[Finding]]


def good(subject: str, text: str) -> Finding:
    """Say that all is well."""
    return Finding(subject, Health.GOOD, text)


def hint(subject: str, text: str, mend: str) -> Finding:
    """Say what could be better; nothing is broken."""
    return Finding(subject, Health.HINT, text, mend)


def problem(subject: str, text: str, mend: str) -> Finding:
    """Say what is broken or unsafe."""
    return Finding(subject, Health.PROBLEM, text, mend)


def ask(*command: str) -> tuple[int, str]:
    """Return a program's exit status and what it printed, else complained; 127 where it cannot run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as reason:
        return 127, str(reason)
    return done.returncode, done.stdout.strip() or done.stderr.strip()
