"""`mousegate evaluate`: scores a list of trials as the run time would. Never imports torch.

`python -m mousegate.training.evaluate TRIALS.csv --out SCORES.csv [--factor rhythm]`
"""

import logging
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import click
import numpy as np
from rich.console import Console
from rich.progress import track as with_progress

from mousegate.capture import formats
from mousegate.core.decision import Comparison, Decision, Policy, decide
from mousegate.core.events import Events
from mousegate.core.holds import hold_evidence
from mousegate.core.manifest import Condition
from mousegate.core.motion import MotionReference, Rotations, Sample, score_sample
from mousegate.core.recogniser import Recogniser
from mousegate.embedding.model import load_recogniser
from mousegate.errors import BadInput, FailureToEnrol, MousegateError
from mousegate.training.protocol import stretch
from mousegate.training.trials import (
    Refused,
    Scored,
    Trial,
    check_writable,
    read_trials,
    write_scores,
)

LOG = logging.getLogger(__name__)
NOTHING_TO_COMPARE: Final = -100.0
"""Score of a stretch without enough movement: finite, so that any tool can sort it, and below every
threshold.
"""
POINT: Final = "fmr1"
_NO_SECRET: Final = bytes(32)
_LEAST_CLICKS: Final = 2
KEPT_RECORDINGS: Final = 8


@dataclass(frozen=True, slots=True)
class TrialReference:
    """What one reference was enrolled to; `failure` says why nothing, if so."""

    motion: MotionReference | None
    failure: str = ""


class Evaluator:
    """Scores trials, enrolling each reference once.

    Trials should come in the order of `by_probe`: the latest stretch is all that is remembered of probes, and
    KEPT_RECORDINGS of recordings, so that memory grows with the references alone.
    """

    def __init__(self, recogniser: Recogniser) -> None:
        """Prepare to score with a model."""
        self._recogniser = recogniser
        self._rotations = Rotations.of(_NO_SECRET, recogniser.manifest.dimensions)
        self._references: dict[tuple[str, tuple[Path, ...]], TrialReference] = {}
        self._unreadable: dict[Path, str] = {}
        self._read = lru_cache(KEPT_RECORDINGS)(formats.read)
        self._sample = lru_cache(len(Condition))(self._cut)

    def score(self, trial: Trial, factor: str) -> Scored:
        """Score one trial by "motion" or "rhythm" (natural hold times). Raises BadInput for a recording that
        cannot be read.
        """
        reference = self._reference(trial).motion
        condition = reference.condition if reference else Condition.NATURAL
        sample = self._sample(trial.probe, trial.start_s, trial.duration_s, condition)
        if reference is None:
            return Scored(trial, NOTHING_TO_COMPARE, Decision.INCONCLUSIVE.value)
        if factor == "rhythm":
            return self._by_holds(trial, reference, sample)
        manifest = self._recogniser.manifest
        llr = score_sample(reference, sample, manifest, self._rotations)
        point = manifest.scale(condition).operating_point(POINT, sample.movement.active_s)
        made = decide(Comparison(rhythm=None, motion_llr=llr), Policy.MOTION, point)
        return Scored(trial, NOTHING_TO_COMPARE if llr is None else llr, made.value)

    def _by_holds(self, trial: Trial, reference: MotionReference, sample: Sample) -> Scored:
        if reference.holds is None or sample.clicks < _LEAST_CLICKS:
            return Scored(trial, NOTHING_TO_COMPARE, Decision.INCONCLUSIVE.value)
        turned = (self._rotations.holds @ sample.holds).astype(np.float32)
        llr = hold_evidence(reference.holds, turned, sample.clicks)
        made = Decision.MATCH if llr >= 0 else Decision.NON_MATCH
        return Scored(trial, llr, made.value)

    def _recording(self, path: Path) -> Events:
        if path in self._unreadable:
            raise BadInput(self._unreadable[path])
        try:
            return self._read(path)
        except (MousegateError, OSError) as error:
            self._unreadable[path] = str(error)
            raise BadInput(str(error)) from error

    def _reference(self, trial: Trial) -> TrialReference:
        key = (trial.reference, trial.enrol)
        if key not in self._references:
            self._references[key] = self._enrol([self._recording(path) for path in trial.enrol])
        return self._references[key]

    def _enrol(self, recordings: list[Events]) -> TrialReference:
        try:
            return TrialReference(self._recogniser.enrol(recordings, _NO_SECRET))
        except FailureToEnrol as failure:
            return TrialReference(None, str(failure))

    def _cut(self, path: Path, start_s: float, duration_s: float | None, condition: Condition) -> Sample:
        events = stretch(self._recording(path), start_s, duration_s)
        return self._recogniser.sample([events], condition)

    def failures(self) -> list[str]:
        """Return for each reference that could not be enrolled its name and why."""
        return [f"{name}: {made.failure}" for (name, _), made in self._references.items() if made.failure]


def by_probe(trial: Trial) -> tuple[Path, float, float]:
    """Return what trials are sorted by, so that each stretch is read, cut and embedded once."""
    return trial.probe, trial.start_s, trial.duration_s or 0.0


def evaluate(
    trials: Iterable[Trial], refused: list[Refused], evaluator: Evaluator, factor: str
) -> tuple[list[Scored], list[Refused]]:
    """Score trials; those whose recordings cannot be read join `refused` with their line number."""
    scored: list[Scored] = []
    refused = list(refused)
    for trial in trials:
        try:
            scored.append(evaluator.score(trial, factor))
        except BadInput as error:
            refused.append(Refused(trial.line, trial.fields, str(error)))
    return scored, refused


@click.command()
@click.argument("trials", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where to write the scores."
)
@click.option("--factor", type=click.Choice(["motion", "rhythm"]), default="motion", show_default=True)
@click.option(
    "--model",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of another model than the shipped one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def evaluate_command(trials: Path, out: Path, factor: str, model: Path | None, as_json: bool) -> int:
    """Score TRIALS (reference,enrol,probe,start_s,duration_s), by movement or by natural hold times."""
    console = Console(stderr=True)
    listed, refused = read_trials(trials)
    evaluator = Evaluator(load_recogniser(model, threads=len(os.sched_getaffinity(0))))
    check_writable(out)  # rather than after minutes of scoring
    quiet = not console.is_terminal
    ordered = sorted(listed, key=by_probe)
    shown = with_progress(ordered, "Comparing", console=console, transient=True, disable=quiet)
    scored, refused = evaluate(shown, refused, evaluator, factor)
    write_scores(out, scored, refused)
    for line in sorted(refused, key=lambda one: one.line):
        click.echo(f"mousegate: {trials}, line {line.line}: {line.reason}", err=True)
    for failure in evaluator.failures():
        click.echo(f"mousegate: not enrolled: {failure}", err=True)
    if as_json:
        click.echo(f'{{"scored": {len(scored)}, "refused": {len(refused)}, "out": {_quoted(out)}}}')
    else:
        click.echo(f"{len(scored)} trials scored, {len(refused)} refused; scores are in {out}.")
    return BadInput.exit_status if refused else 0


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'


def main(arguments: list[str]) -> int:
    """Run the command; errors become one line and their exit status."""
    try:
        status = evaluate_command.main(arguments, standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 64
    except MousegateError as error:
        click.echo(f"mousegate: {error}", err=True)
        return error.exit_status
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
