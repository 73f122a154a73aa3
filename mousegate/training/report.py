"""`mousegate report`: how well the model recognises people it never saw, as one HTML page and one Markdown
table.

`python -m mousegate.training.report --data DIR --out report.html`. Thresholds and calibration are the shipped
ones, from development people; where DATA holds people that are neither training nor development, they are
measured.
"""

import logging
import sys
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.logging import RichHandler

from mousegate.core.manifest import Condition
from mousegate.core.recogniser import Recogniser
from mousegate.embedding.model import load_recogniser
from mousegate.errors import BadInput, MousegateError
from mousegate.training import backend, controls, corpus, plots
from mousegate.training.continuous import Sessions, identify, watch
from mousegate.training.datasets import Recording
from mousegate.training.metrics import (
    TrialScores,
    area_under_curve,
    bootstrap_people,
    cllr,
    equal_error_rate,
    fnmr_at_fmr,
)
from mousegate.training.page import Page, costs
from mousegate.training.protocol import (
    Person,
    disguise,
    is_development,
    is_training,
    people,
    stretch,
    without_idle,
)
from mousegate.training.scales import Measured, calibrated

LOG = logging.getLogger(__name__)
ENROLMENTS_S = (30.0, 60.0, 180.0)
CONTROL_S = 15.0
DISGUISE_SEED = 2
"""Not the seed of the disguise under which thresholds were set."""


def measure(recogniser: Recogniser, group: list[Person]) -> list[Measured]:
    """Return calibrated scores of ordinary use, of every duration."""
    raw = backend.measure(group, recogniser)
    return calibrated([one for one in raw if len(one.trials.mated)], recogniser.manifest.natural)


def write(data: Path, work: Path, out: Path, model_folder: Path | None) -> None:
    """Measure and write `out` (HTML) and the tables beside it (Markdown). Raises BadInput or ModelError."""
    model = load_recogniser(model_folder, threads=2)
    manifest = model.manifest
    recordings = corpus.load(data, work / "data").recordings
    unseen = [one for one in recordings if not is_training(one.person) and not is_development(one.person)]
    group = people(unseen or [one for one in recordings if is_development(one.person)])
    judged = [person for person in group if person.dataset == "sapimouse"] or group
    page = Page(f"Model {manifest.model_id.hex()}")
    whose = (
        "people who neither trained it nor set its thresholds"
        if unseen
        else ("the development people, who never trained it but set its thresholds and calibration")
    )
    page.text(f"Measured on {len(judged)} people: {whose}. Intervals are 95 %, by bootstrap over people.")
    plain = _verification(page, model, judged)
    _pictures(page, model, judged, plain)
    _enrolment(page, model, judged)
    _controls(page, model, judged, plain)
    sessions = _balabit(recordings)
    if len(sessions) > 1:
        _beyond(page, model, sessions)
    page.write(out)


def _verification(page: Page, model: Recogniser, judged: list[Person]) -> list[Measured]:
    plain = measure(model, judged)
    altered = measure(model, [disguise(person, DISGUISE_SEED) for person in judged])
    for title, measured in (
        ("As recorded", plain),
        ("Clock and screen altered, each recording anew", altered),
    ):
        page.heading(title)
        page.table(
            ["probe s", "trials", "EER %", "interval", "FNMR % at FMR 1 %", "interval", "AUC", "Cllr bits"],
            [_row(one) for one in measured],
        )
        page.text(costs(measured, model.manifest))
    return plain


def _row(one: Measured) -> list[str]:
    trials = one.trials
    eer, frr = (
        equal_error_rate(trials.mated, trials.non_mated),
        fnmr_at_fmr(trials.mated, trials.non_mated, 0.01),
    )
    return [
        f"{one.duration_s:g}",
        f"{len(trials.mated)} + {len(trials.non_mated)}",
        _percent(eer),
        _interval(bootstrap_people(trials, equal_error_rate)),
        _percent(frr),
        _interval(bootstrap_people(trials, lambda mated, non_mated: fnmr_at_fmr(mated, non_mated, 0.01))),
        f"{area_under_curve(trials.mated, trials.non_mated):.3f}",
        f"{cllr(trials.mated, trials.non_mated):.2f}",
    ]


def _percent(rate: float) -> str:
    return f"{100 * rate:.1f}"


def _interval(bounds: tuple[float, float]) -> str:
    return f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f}"


def _pictures(page: Page, model: Recogniser, judged: list[Person], plain: list[Measured]) -> None:
    page.heading("Pictures")
    page.picture(plots.detection_error_tradeoff(plain))
    page.picture(plots.receiver_operating(plain))
    page.picture(plots.histogram(plain[min(2, len(plain) - 1)]))
    rates = [100 * equal_error_rate(one.trials.mated, one.trials.non_mated) for one in plain]
    labels = ("probe, seconds", "EER %", "EER by probe duration")
    page.picture(plots.lines([one.duration_s for one in plain], {"as recorded": rates}, labels))
    names = [person.name.split("/")[1].removeprefix("user") for person in judged]
    page.picture(
        plots.matrix(_similarity(plain[-1].trials, len(judged)), names, "Mean score: reference by probe")
    )
    clouds = [model.movement(person.enrol, Condition.NATURAL).embeddings[::6] for person in judged]
    every = np.concatenate(clouds).astype(np.float64)
    centre = every.mean(axis=0)
    _, _, directions = np.linalg.svd(every - centre, full_matrices=False)
    page.picture(plots.scatter([(cloud - centre) @ directions[:2].T for cloud in clouds], names))


def _similarity(trials: TrialScores, count: int) -> np.ndarray:
    sums, times = np.zeros((count, count)), np.zeros((count, count))
    np.add.at(sums, (trials.reference, trials.person), trials.score)
    np.add.at(times, (trials.reference, trials.person), 1)
    return np.divide(sums, times, out=np.full_like(sums, np.nan), where=times > 0)


def _enrolment(page: Page, model: Recogniser, judged: list[Person]) -> None:
    rows = []
    for enrol_s in ENROLMENTS_S:
        shorter = [
            replace(person, enrol=tuple(stretch(without_idle(part), 0.0, enrol_s) for part in person.enrol))
            for person in judged
        ]
        measured = measure(model, shorter)
        rates = [_percent(equal_error_rate(one.trials.mated, one.trials.non_mated)) for one in measured]
        rows.append([f"{enrol_s:g}", *rates])
    page.heading("EER % by enrolment duration")
    page.table(["enrolled s", *(f"probe {one.duration_s:g} s" for one in measured)], rows)


def _controls(page: Page, model: Recogniser, judged: list[Person], plain: list[Measured]) -> None:
    page.heading(f"Leakage controls, probes of {CONTROL_S:g} s")
    one = next(one for one in plain if one.duration_s == CONTROL_S)
    other = [disguise(person, DISGUISE_SEED) for person in judged]
    rows = []
    for name, trials in (
        ("the network, as recorded", one.trials),
        (
            "the network, only the five closest machines as impostors",
            controls.closest_machines(judged, one).trials,
        ),
        ("intervals only (the clock)", controls.compare(judged, controls.intervals, CONTROL_S)),
        ("intervals only, clock and screen altered", controls.compare(other, controls.intervals, CONTROL_S)),
        ("screen only (largest x and y)", controls.compare(judged, controls.screen, CONTROL_S)),
        ("screen only, clock and screen altered", controls.compare(other, controls.screen, CONTROL_S)),
        ("natural holds only", controls.compare_holds(judged, model.cohort, CONTROL_S)),
    ):
        eer, area = (
            equal_error_rate(trials.mated, trials.non_mated),
            area_under_curve(trials.mated, trials.non_mated),
        )
        rows.append([name, _percent(eer), f"{area:.3f}"])
    page.table(["compared by", "EER %", "AUC"], rows)


def _balabit(recordings: tuple[Recording, ...]) -> list[Sessions]:
    names = sorted({one.person for one in recordings if one.dataset == "balabit"})
    found = []
    for name in names:
        parts = [one.events for one in sorted(recordings, key=lambda one: one.session) if one.person == name]
        if len(parts) > 2:
            half = len(parts) // 2
            found.append(Sessions(name, tuple(parts[:half]), tuple(parts[half : half + 3])))
    return found


def _beyond(page: Page, model: Recogniser, sessions: list[Sessions]) -> None:
    page.heading("Closed set and continuous use, Balabit")
    found = identify(sessions, model)
    trained = sum(is_training(one.name) for one in sessions)
    page.text(
        f"Closed-set identification of blocks of 300 events: {100 * found.accuracy:.1f} % right "
        f"(mean over {found.people} people, {found.blocks} blocks; chance {100 / found.people:.1f} %). "
        f"{trained} of these people trained the network, on earlier and later sessions, as is usual in a "
        "closed set. The neuralauth project logged 90.7 % on ten people."
    )
    watches = [watch(sessions, model, memory_s=memory_s) for memory_s in (30.0, 120.0)]
    page.picture(plots.watching(watches))
    rows = []
    for one in watches:
        for alarms in (0.5, 1.0, 2.0, 5.0):
            best = int(np.argmin(np.where(one.false_alarms_per_h <= alarms, one.detection_s, np.inf)))
            if one.false_alarms_per_h[best] <= alarms:
                cells = (
                    one.memory_s,
                    one.false_alarms_per_h[best],
                    one.detection_s[best],
                    100 * one.missed[best],
                )
                rows.append([f"{cell:.1f}" for cell in cells])
    page.table(
        ["memory s", "false alarms per hour", "median seconds until noticed", "unnoticed in 10 min %"],
        rows,
    )


@click.command()
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder of data sets or archives."
)
@click.option(
    "--work", default=".cache/train", type=click.Path(path_type=Path), help="Where archives are unpacked."
)
@click.option("--out", default="report.html", show_default=True, type=click.Path(path_type=Path))
@click.option("--model", type=click.Path(path_type=Path, file_okay=False), help="Folder of another model.")
def report_command(data: Path, work: Path, out: Path, model: Path | None) -> None:
    """Measure the model on people it never saw and write the report."""
    try:
        work.mkdir(parents=True, exist_ok=True)
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{error.filename} cannot be made ({error.strerror}); name another folder.") from error
    write(data, work, out, model)
    click.echo(f"The report is {out}; its tables are also in {out.with_suffix('.md')}.")


def main() -> int:
    """Run the command; errors become one line and their exit status."""
    handler = RichHandler(console=Console(stderr=True), show_path=False)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])
    try:
        report_command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 64
    except MousegateError as error:
        click.echo(f"mousegate: {error}", err=True)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
