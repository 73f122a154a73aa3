"""`mousegate doctor`: look at everything the lock rests on, and say how to mend what is wrong."""

import click

from mousegate.cli.finding import Check, Finding, Health
from mousegate.cli.output import json_option, print_json, progress
from mousegate.errors import MousegateError


@click.command("doctor")
@json_option
def doctor_command(as_json: bool) -> int:
    """Find what is wrong with this desktop and say how to mend it.

    Exits with 1 if something is broken or unsafe; hints alone are no failure.
    """
    from mousegate.cli.checks import CHECKS

    findings: list[Finding] = []
    with progress("Looking", len(CHECKS)) as steps:
        for check in CHECKS:
            findings += examine(check)
            steps.advance()
    if as_json:
        print_json(
            [
                {"subject": f.subject, "health": f.health.value, "text": f.text, "mend": f.mend}
                for f in findings
            ]
        )
    else:
        for finding in findings:
            click.echo(_line(finding))
        click.echo(_summary(findings))
    return 1 if any(finding.health is Health.PROBLEM for finding in findings) else 0


def examine(check: Check) -> list[Finding]:
    """Return what a check finds; an error that it raises is a finding too: its text says what to do."""
    findings: list[Finding] = []
    try:
        findings.extend(check())
    except MousegateError as error:
        findings.append(Finding(check.__name__.removeprefix("check_"), Health.PROBLEM, str(error)))
    return findings


_MARKS = {
    Health.GOOD: click.style("  ok  ", fg="green"),
    Health.HINT: click.style(" hint ", fg="yellow"),
    Health.PROBLEM: click.style("  !!  ", fg="red", bold=True),
}
"""click.echo takes the colours off where the output is no terminal."""


def _line(finding: Finding) -> str:
    text = f"[{_MARKS[finding.health]}] {finding.subject}: {finding.text}"
    return f"{text}\n         {finding.mend}" if finding.mend else text


def _summary(findings: list[Finding]) -> str:
    problems = sum(finding.health is Health.PROBLEM for finding in findings)
    hints = sum(finding.health is Health.HINT for finding in findings)
    if not problems and not hints:
        return "All is well."
    return f"{problems} to mend, {hints} to consider."
