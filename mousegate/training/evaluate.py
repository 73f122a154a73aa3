"""`mousegate evaluate`: scores a list of trials as the run time would. Never imports torch.

`python -m mousegate.training.evaluate TRIALS.csv --out SCORES.csv [--factor rhythm]`
"""

import logging
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track as with_progress

from mousegate.capture import formats
from mousegate.core.decision import Comparison, Decision, Policy, decide
from mousegate.core.events import Events
from mousegate.core.holds import HoldReference, enrol_holds, hold_evidence, hold_times
from mousegate.core.manifest import Cohort, Manifest
from mousegate.core.motion import MeanProbe, MotionReference, enrol, mean_probe, raw_score, rotation
from mousegate.core.windows import Windows, extract, merge
from mousegate.embedding.manifest import load_cohort, load_manifest
from mousegate.embedding.onnx import OnnxEmbedder
from mousegate.errors import BadInput, FailureToEnrol, MousegateError
from mousegate.training.protocol import stretch
from mousegate.training.trials import Refused, Scored, Trial, read_trials, write_scores

LOG = logging.getLogger(__name__)
NOTHING_TO_COMPARE: Final = -100.0
"""Score of a stretch without enough movement: finite, so that any tool can sort it, and below every
threshold.
"""
POINT: Final = "fmr1"
_NO_SECRET: Final = bytes(32)
_LEAST_CLICKS: Final = 2


@dataclass(frozen=True, slots=True)
class TrialReference:
    """What one reference was enrolled to; `failure` says why nothing, if so."""

    motion: MotionReference | None
    holds: HoldReference | None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class TrialProbe:
    """What a stretch of a recording has to compare."""

    motion: MeanProbe
    holds_ms: NDArray[np.float32]


class Evaluator:
    """Scores trials, enrolling each reference once and embedding each stretch once."""

    def __init__(
        self, manifest: Manifest, cohort: Cohort, embed: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    ) -> None:
        """Prepare to score with a model."""
        self._manifest, self._cohort, self._embed = manifest, cohort, embed
        self._turn = rotation(_NO_SECRET, manifest.dimensions)
        self._recordings: dict[Path, Events | str] = {}
        self._references: dict[tuple[str, tuple[Path, ...]], TrialReference] = {}
        self._probes: dict[tuple[Path, float, float | None], TrialProbe] = {}

    def score(self, trial: Trial, factor: str) -> Scored:
        """Score one trial by "motion" or "rhythm" (natural hold times). Raises BadInput for a recording that
        cannot be read.
        """
        reference, probe = self._reference(trial), self._probe(trial)
        llr = self._motion_llr(reference, probe) if factor == "motion" else self._holds_llr(reference, probe)
        point = self._manifest.operating_point(POINT, probe.motion.active_s)
        made = decide(Comparison(rhythm=None, motion_llr=llr), Policy.MOTION, point)
        if factor == "rhythm" and llr is not None:
            made = Decision.MATCH if llr >= 0 else Decision.NON_MATCH
        return Scored(trial, NOTHING_TO_COMPARE if llr is None else llr, made.value)

    def _motion_llr(self, reference: TrialReference, probe: TrialProbe) -> float | None:
        head = self._manifest.head
        if reference.motion is None or not probe.motion.windows or probe.motion.active_s < head.least_probe_s:
            return None
        raw = raw_score(reference.motion, probe.motion.embedding.astype(np.float64), self._turn)
        raw += head.hold_weight * hold_evidence(reference.holds, probe.holds_ms)
        llr = self._manifest.calibration.llr(raw, probe.motion.active_s)
        return llr if np.isfinite(llr) else None

    def _holds_llr(self, reference: TrialReference, probe: TrialProbe) -> float | None:
        if reference.holds is None or len(probe.holds_ms) < _LEAST_CLICKS:
            return None
        return hold_evidence(reference.holds, probe.holds_ms)

    def _recording(self, path: Path) -> Events:
        if path not in self._recordings:
            try:
                self._recordings[path] = formats.read(path)
            except (MousegateError, OSError) as error:
                self._recordings[path] = str(error)
        found = self._recordings[path]
        if isinstance(found, str):
            raise BadInput(found)
        return found

    def _reference(self, trial: Trial) -> TrialReference:
        key = (trial.reference, trial.enrol)
        if key not in self._references:
            self._references[key] = self._enrol([self._recording(path) for path in trial.enrol])
        return self._references[key]

    def _enrol(self, recordings: list[Events]) -> TrialReference:
        windows = merge([extract(events) for events in recordings])
        holds = enrol_holds(
            np.concatenate([hold_times(events) for events in recordings]), self._cohort.holds_ms
        )
        try:
            made = enrol(self._embed(windows.values), windows, self._manifest, self._cohort, _NO_SECRET)
        except FailureToEnrol as failure:
            return TrialReference(None, holds, str(failure))
        return TrialReference(made, holds)

    def _probe(self, trial: Trial) -> TrialProbe:
        key = (trial.probe, trial.start_s, trial.duration_s)
        if key not in self._probes:
            events = stretch(self._recording(trial.probe), trial.start_s, trial.duration_s)
            windows: Windows = extract(events)
            self._probes[key] = TrialProbe(
                mean_probe(self._embed(windows.values), windows), hold_times(events)
            )
        return self._probes[key]

    def failures(self) -> list[str]:
        """Return for each reference that could not be enrolled its name and why."""
        return [f"{name}: {made.failure}" for (name, _), made in self._references.items() if made.failure]


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
    manifest = load_manifest(model)
    threads = len(os.sched_getaffinity(0))
    evaluator = Evaluator(
        manifest, load_cohort(manifest, model), OnnxEmbedder(manifest, model, threads).embed
    )
    # Stretches of one recording together, so that each is read, cut and embedded while at hand.
    ordered = sorted(listed, key=lambda trial: (trial.probe, trial.start_s, trial.duration_s or 0.0))
    shown = with_progress(
        ordered, "Comparing", console=console, transient=True, disable=not console.is_terminal
    )
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
