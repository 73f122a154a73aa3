"""`mousegate doctor`: look at everything the lock rests on, and say how to mend what is wrong."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

import click

from mousegate.cli.output import json_option, print_json, print_line
from mousegate.errors import MousegateError


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


@click.command("doctor")
@json_option
def doctor_command(as_json: bool) -> int:
    """Find what is wrong with this desktop and say how to mend it. Exits with 1 if something is."""
    from mousegate.cli import checks

    findings = [finding for check in checks.CHECKS for finding in examine(check)]
    if as_json:
        print_json(
            [
                {"subject": f.subject, "health": f.health.value, "text": f.text, "mend": f.mend}
                for f in findings
            ]
        )
    else:
        for finding in findings:
            print_line(_line(finding))
    return 1 if any(finding.health is Health.PROBLEM for finding in findings) else 0


def examine(check: Check) -> list[Finding]:
    """Return what a check finds; an error that it raises is a finding too: its text says what to do."""
    findings: list[Finding] = []
    try:
        findings.extend(check())
    except MousegateError as error:
        findings.append(Finding(check.__name__.removeprefix("check_"), Health.PROBLEM, str(error)))
    return findings


def _line(finding: Finding) -> str:
    mark = {Health.GOOD: "  ok  ", Health.HINT: " hint ", Health.PROBLEM: "  !!  "}[finding.health]
    return f"[{mark}] {finding.subject}: {finding.text}" + (f" {finding.mend}" if finding.mend else "")
