"""The report's sections about ordinary use, clicks and all."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from mousegate.core.manifest import Condition
from mousegate.core.recogniser import Recogniser
from mousegate.training import backend, controls, plots
from mousegate.training.continuous import Sessions, Watch, identify, watch
from mousegate.training.datasets import Recording
from mousegate.training.metrics import (
    Array,
    TrialScores,
    area_under_curve,
    bootstrap_people,
    cllr,
    equal_error_rate,
    fnmr_at_fmr,
    least_cllr,
)
from mousegate.training.page import Page, costs, interval, percent
from mousegate.training.plots import Curve
from mousegate.training.protocol import Person, disguise, is_training, stretch, without_idle
from mousegate.training.scales import Measured, calibrated

ENROLMENTS_S: Final = (30.0, 60.0, 180.0)
CONTROL_S: Final = 15.0
DISGUISE_SEED: Final = 2
"""Not the seed of the disguise under which thresholds were set."""
WATCHED_SESSIONS: Final = 6


def measure(model: Recogniser, group: list[Person]) -> list[Measured]:
    """Return calibrated scores of every duration that anybody's recordings last."""
    raw = backend.measure(group, model)
    usable = [one for one in raw if len(one.trials.mated) and len(one.trials.non_mated)]
    return calibrated(usable, model.manifest.natural)


def verification(page: Page, model: Recogniser, judged: list[Person]) -> list[Measured]:
    """Write error rates by probe duration, as recorded and altered; return the scores as recorded."""
    plain = measure(model, judged)
    altered = measure(model, [disguise(person, DISGUISE_SEED) for person in judged])
    for title, measured in (
        ("Ordinary use, as recorded", plain),
        ("Ordinary use, clock and screen altered, each recording anew", altered),
    ):
        page.heading(title)
        page.table(
            ["probe s", "trials", "EER %", "interval", "FNMR % at FMR 1 %", "interval", "AUC", "Cllr bits",
             "least Cllr"],
            [_row(one) for one in measured],
        )  # fmt: skip
        page.text(costs(measured, model.manifest.natural))
    page.text(
        "Cllr is what the scores cost when they are taken for log-likelihood ratios (0 is perfect, 1 says "
        "nothing); least Cllr is what the best calibration on these very trials would leave of it."
    )
    both = (("as recorded", plain), ("clock and screen altered", altered))
    page.picture(plots.curves([eer_curve(name, one) for name, one in both], "EER by probe duration",
                              "probe, seconds", "EER, %"))  # fmt: skip
    page.picture(plots.detection_error_tradeoff(plain, "Detection error trade-off, as recorded"))
    page.picture(plots.detection_error_tradeoff(altered, "Detection error trade-off, altered"))
    page.picture(plots.receiver_operating(plain))
    middle = next((one for one in plain if one.duration_s == CONTROL_S), plain[0])
    scale = model.manifest.natural
    threshold = scale.operating_point("fmr1", float(np.median(middle.active_s))).threshold
    page.picture(plots.histogram(middle, threshold))
    page.picture(plots.calibration(altered, "Calibration, clock and screen altered"))
    page.picture(plots.operating_curves(scale, ("fmr1", "eer", "fnmr3"), "Operating points, as shipped"))
    return plain


def eer_curve(name: str, measured: Sequence[Measured]) -> Curve:
    """Return the EER in % by probe duration, with intervals."""
    rates, bounds = _with_bounds(measured, equal_error_rate)
    return Curve(name, [one.duration_s for one in measured], rates,
                 [low for low, _ in bounds], [high for _, high in bounds])  # fmt: skip


def _with_bounds(
    measured: Sequence[Measured], statistic: Callable[[Array, Array], float]
) -> tuple[list[float], list[tuple[float, float]]]:
    rates = [100 * statistic(one.trials.mated, one.trials.non_mated) for one in measured]
    found = [bootstrap_people(one.trials, statistic) for one in measured]
    return rates, [(100 * low, 100 * high) for low, high in found]


def _row(one: Measured) -> list[str]:
    trials, sides = one.trials, (one.trials.mated, one.trials.non_mated)
    return [
        f"{one.duration_s:g}",
        f"{len(sides[0])} + {len(sides[1])}",
        percent(equal_error_rate(*sides)),
        interval(bootstrap_people(trials, equal_error_rate)),
        percent(fnmr_at_fmr(*sides, 0.01)),
        interval(bootstrap_people(trials, lambda mated, non_mated: fnmr_at_fmr(mated, non_mated, 0.01))),
        f"{area_under_curve(*sides):.3f}",
        f"{cllr(*sides):.2f}",
        f"{least_cllr(*sides):.2f}",
    ]


def enrolment(page: Page, model: Recogniser, judged: list[Person]) -> None:
    """Write EER by enrolment duration, with intervals."""
    measured = {}
    for enrol_s in ENROLMENTS_S:
        shorter = [
            replace(person, enrol=tuple(stretch(without_idle(part), 0.0, enrol_s) for part in person.enrol))
            for person in judged
        ]
        measured[enrol_s] = measure(model, shorter)
    durations = [one.duration_s for one in measured[ENROLMENTS_S[-1]]]
    page.heading("EER % by enrolment duration")
    rows: list[list[str]] = []
    shown: dict[float, tuple[list[float], ...]] = {duration: ([], [], [], []) for duration in durations}
    for enrol_s, found in measured.items():
        rates, bounds = _with_bounds(found, equal_error_rate)
        cells = [
            f"{rate:.1f} ({low:.1f} to {high:.1f})" for rate, (low, high) in zip(rates, bounds, strict=True)
        ]
        rows.append([f"{enrol_s:g}", *cells])
        for one, rate, (low, high) in zip(found, rates, bounds, strict=True):
            for column, value in zip(shown[one.duration_s], (enrol_s, rate, low, high), strict=True):
                column.append(value)
    page.table(["enrolled s", *(f"probe {duration:g} s" for duration in durations)], rows)
    chosen = [
        Curve(f"probe {duration:g} s", *shown[duration]) for duration in durations if duration in {5, 15, 30}
    ]
    page.picture(plots.curves(chosen, "EER by enrolment duration", "enrolled, seconds", "EER, %"))


def leakage(page: Page, model: Recogniser, judged: list[Person], plain: list[Measured]) -> None:
    """Write the leakage controls."""
    page.heading(f"Leakage controls, probes of {CONTROL_S:g} s")
    one = next((one for one in plain if one.duration_s == CONTROL_S), plain[0])
    other = [disguise(person, DISGUISE_SEED) for person in judged]
    length_s = one.duration_s
    rows = []
    for name, trials in (
        ("the network, as recorded", one.trials),
        (
            "the network, only the five closest machines as impostors",
            controls.closest_machines(judged, one).trials,
        ),
        ("intervals only (the clock)", controls.compare(judged, controls.intervals, length_s)),
        ("intervals only, clock and screen altered", controls.compare(other, controls.intervals, length_s)),
        ("screen only (largest x and y)", controls.compare(judged, controls.screen, length_s)),
        ("screen only, clock and screen altered", controls.compare(other, controls.screen, length_s)),
        ("natural holds only", controls.compare_holds(judged, model.cohort, length_s)),
    ):
        rate = equal_error_rate(trials.mated, trials.non_mated)
        bounds = interval(bootstrap_people(trials, equal_error_rate))
        rows.append([name, percent(rate), bounds, f"{area_under_curve(trials.mated, trials.non_mated):.3f}"])
    page.table(["compared by", "EER %", "interval", "AUC"], rows)


def people_apart(page: Page, model: Recogniser, judged: list[Person], plain: list[Measured]) -> None:
    """Draw who is like whom."""
    page.heading("Who is like whom")
    names = [person.name.split("/")[1].removeprefix("user") for person in judged]
    one = next((one for one in plain if one.duration_s == CONTROL_S), plain[0])
    title = f"Mean score, probes of {one.duration_s:g} s"
    page.picture(plots.matrix(_similarity(one.trials, len(judged)), names, title))
    clouds = [model.movement(person.enrol, Condition.NATURAL).embeddings[::6] for person in judged]
    centres = np.stack([cloud.mean(axis=0) for cloud in clouds]).astype(np.float64)
    middle = centres.mean(axis=0)
    _, _, directions = np.linalg.svd(centres - middle, full_matrices=False)
    flat = [(cloud - middle) @ directions[:2].T for cloud in clouds]
    page.picture(plots.scatter(flat, names, "Embeddings, where people differ most"))


def _similarity(trials: TrialScores, count: int) -> np.ndarray:
    sums, times = np.zeros((count, count)), np.zeros((count, count))
    np.add.at(sums, (trials.reference, trials.person), trials.score)
    np.add.at(times, (trials.reference, trials.person), 1)
    return np.divide(sums, times, out=np.full_like(sums, np.nan), where=times > 0)


def beyond(page: Page, model: Recogniser, recordings: Sequence[Recording]) -> None:
    """Write closed-set identification and continuous use on Balabit, where there are sessions enough."""
    sessions = _balabit(recordings)
    if len(sessions) < 2:
        return
    page.heading("Closed set, Balabit")
    found = identify(sessions, model)
    trained = sum(is_training(one.name) for one in sessions)
    page.text(
        f"Closed-set identification of blocks of 300 events: {100 * found.accuracy:.1f} % right "
        f"(mean over {found.people} people, {found.blocks} blocks; chance {100 / found.people:.1f} %). "
        f"{trained} of these people trained the network, on earlier and later sessions, as is usual in a "
        "closed set. The neuralauth project logged 90.7 % on ten people."
    )
    names = [one.name.split("/")[1] for one in sessions]
    shares = found.confusion / np.maximum(found.confusion.sum(axis=1, keepdims=True), 1)
    rows = [[name, *(f"{100 * share:.0f}" for share in row)] for name, row in zip(names, shares, strict=True)]
    page.table(["% of blocks of", *(f"given to {name}" for name in names)], rows)
    _continuous(page, watch(sessions, model))


def _continuous(page: Page, found: Watch) -> None:
    page.heading("Continuous use, Balabit")
    page.text(
        f"Stretches of 5 s of movement, judged as the daemon judges them: {found.hours:.1f} h of genuine "
        f"movement, and {found.splices} splices of ten minutes of somebody else after two of the owner."
    )
    page.picture(plots.watching(found))
    page.picture(plots.missing(found))
    columns = (found.thresholds, found.false_alarms_per_h, found.median_s, found.late_s, 100 * found.missed)
    rows = [[_number(cell) for cell in row] for row in zip(*columns, strict=True)]
    page.table(
        ["threshold", "false alarms per hour", "half noticed after s", "nine of ten after s",
         "unnoticed in 10 min %"],
        rows,
    )  # fmt: skip


def _number(value: float) -> str:
    return f"{value:.1f}" if np.isfinite(value) else "never"


def _balabit(recordings: Sequence[Recording]) -> list[Sessions]:
    names = sorted({one.person for one in recordings if one.dataset == "balabit"})
    found = []
    for name in names:
        parts = [one.events for one in sorted(recordings, key=lambda one: one.session) if one.person == name]
        if len(parts) > 2:
            half = len(parts) // 2
            watched = tuple(parts[half : half + WATCHED_SESSIONS])
            found.append(Sessions(name, tuple(parts[:half]), watched))
    return found
