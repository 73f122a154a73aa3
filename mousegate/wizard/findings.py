"""What `mousegate doctor` finds, asked in a process of its own, as a page of the wizard needs it."""

import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from typing import Final

_LOG = logging.getLogger(__name__)
_TIMEOUT_S: Final = 60.0
BLOCKING: Final = frozenset({"display", "pam", "model"})
"""Where a problem is found in one of these, setting up makes no sense before it is mended."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. health: `good`, `hint` or `problem`; mend: what to do, empty where nothing is."""

    subject: str
    health: str
    text: str
    mend: str


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything found, in the doctor's order."""

    all: tuple[Finding, ...]

    @property
    def obstacle(self) -> str:
        """Why one cannot go on; empty where one can."""
        for one in self.all:
            if one.health == "problem" and one.subject in BLOCKING:
                return f"{one.text} {one.mend}".strip()
        return ""


def find() -> Findings:
    """Ask the doctor. That it does not answer is a finding, too."""
    command = [sys.executable, "-P", "-m", "mousegate.cli", "doctor", "--json"]
    try:
        asked = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
        return Findings(
            tuple(
                Finding(str(one["subject"]), str(one["health"]), str(one["text"]), str(one["mend"]))
                for one in json.loads(asked.stdout)
            )
        )
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError) as cause:
        _LOG.warning("mousegate doctor: %s", cause)
        told = "This computer could not be looked at."
        return Findings((Finding("doctor", "problem", told, "Run `mousegate doctor` to see why."),))
