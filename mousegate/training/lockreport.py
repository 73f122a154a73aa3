"""The report's section about the lock: movement alone, in attempts on one machine."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from mousegate.core.manifest import POINT_NAMES, ScoreScale
from mousegate.core.recogniser import Recogniser
from mousegate.training import backend, plots
from mousegate.training.metrics import area_under_curve, bootstrap_people, cllr, equal_error_rate
from mousegate.training.page import Page, interval, percent
from mousegate.training.protocol import Person, on_one_machine, stretch, without_idle
from mousegate.training.scales import Measured, calibrated
from mousegate.training.usereport import DISGUISE_SEED, eer_curve

ATTEMPTS_SEED: Final = 1
"""Not the seed of the attempts on which thresholds were set."""
TRIES: Final = 3
"""Failures at a lock screen that everybody takes for normal."""
USUAL_S: Final = 8.0
SHORT_ENROLMENT_S: Final = 90.0


@dataclass(frozen=True, slots=True)
class Opened:
    """Shares of attempts that movement lets through, at once and within TRIES: the owner's and others'."""

    own: float
    own_tries: float
    other: float
    other_tries: float


def lock(page: Page, model: Recogniser, judged: list[Person]) -> None:
    """Write how attempts at the lock fare, by movement before them, operating point and enrolment."""
    shared = [on_one_machine(person, DISGUISE_SEED) for person in judged]
    scale = model.manifest.lock
    found = _measured(shared, model)
    if not found:
        return
    page.heading("The lock: movement alone, all on one machine")
    page.text(
        "Attempts are put together from recordings: movement without clicks for some seconds, then reaches "
        "turned to the screen's targets, clicked in the rhythm. Other hands know password and rhythm. "
        f"Everybody moves under one clock; references hold {backend.REHEARSALS} rehearsals, made with other "
        "strokes than the attempts."
    )
    page.table(
        ["s before the first click", "s of movement", "trials", "EER %", "interval", "AUC", "Cllr bits"],
        [_row(one) for one in found],
    )
    usual = next((one for one in found if one.duration_s == USUAL_S), found[-1])
    _points(page, usual, scale)
    _ways(page, model, shared, usual)
    by_movement = [replace(one, duration_s=round(float(np.median(one.active_s)), 1)) for one in found]
    page.picture(plots.curves([eer_curve("at the lock", by_movement)], "EER of attempts", *_AXES))
    page.picture(plots.detection_error_tradeoff(found, "Attempts at the lock", "s before"))
    page.picture(plots.calibration(found, "Calibration at the lock", "s before"))
    page.picture(plots.operating_curves(scale, ("fmr1", "eer", "fnmr10"), "Operating points, as shipped"))


_AXES: Final = ("seconds of movement in the attempt", "EER, %")


def _measured(people: list[Person], model: Recogniser, *, rehearsed: bool = True) -> list[Measured]:
    raw = backend.measure_lock(people, model, ATTEMPTS_SEED, rehearsed=rehearsed)
    usable = [one for one in raw if len(one.trials.mated) and len(one.trials.non_mated)]
    return calibrated(usable, model.manifest.lock)


def _row(one: Measured) -> list[str]:
    sides = (one.trials.mated, one.trials.non_mated)
    return [
        f"{one.duration_s:g}",
        f"{np.median(one.active_s):.1f}",
        f"{len(sides[0])} + {len(sides[1])}",
        percent(equal_error_rate(*sides)),
        interval(bootstrap_people(one.trials, equal_error_rate)),
        f"{area_under_curve(*sides):.3f}",
        f"{cllr(*sides):.2f}",
    ]


def opened(measured: Measured, scale: ScoreScale, name: str) -> Opened:
    """Return what an operating point lets through, attempts taken TRIES at a time in the order made."""
    limits = np.array([scale.operating_point(name, float(s)).threshold for s in measured.active_s])
    passed = measured.trials.score >= limits
    once: dict[bool, list[bool]] = {True: [], False: []}
    tries: dict[bool, list[bool]] = {True: [], False: []}
    for claimed in np.unique(measured.trials.reference):
        for moved in np.unique(measured.trials.person):
            mine = passed[(measured.trials.reference == claimed) & (measured.trials.person == moved)]
            grouped = mine[: len(mine) // TRIES * TRIES].reshape(-1, TRIES)
            once[claimed == moved] += mine.tolist()
            tries[claimed == moved] += grouped.any(axis=1).tolist()
    return Opened(*(float(np.mean(one)) for one in (once[True], tries[True], once[False], tries[False])))


def _points(page: Page, usual: Measured, scale: ScoreScale) -> None:
    rows = []
    for name in POINT_NAMES:
        found = opened(usual, scale, name)
        shares = (found.own, found.own_tries, found.other, found.other_tries)
        rows.append([name, *(percent(share) for share in shares)])
    page.text(f"Accepted by movement, after {usual.duration_s:g} s of movement before the first click:")
    page.table(
        ["operating point", "own attempts %", f"own within {TRIES} tries %", "other hands %",
         f"other hands within {TRIES} tries %"],
        rows,
    )  # fmt: skip
    page.text(_words(usual, scale))


def _words(usual: Measured, scale: ScoreScale) -> str:
    sentences = []
    for name in ("eer", "fnmr10", "fnmr3"):
        found = opened(usual, scale, name)
        sentences.append(
            f"At the point {name} the owner is refused {_times(1 - found.own)}, and "
            f"{_times(1 - found.own_tries)} on {TRIES} tries; another hand that knows password and rhythm "
            f"passes {_times(found.other)}, and {_times(found.other_tries)} on {TRIES} tries."
        )
    return " ".join(sentences)


def _times(share: float) -> str:
    return f"{100 * share:.0f} times in 100"


def _ways(page: Page, model: Recogniser, shared: Sequence[Person], usual: Measured) -> None:
    """Write what rehearsals and a longer enrolment bring."""
    shorter = [
        replace(one, enrol=tuple(stretch(without_idle(part), 0.0, SHORT_ENROLMENT_S) for part in one.enrol))
        for one in shared
    ]
    rows = []
    for name, people, rehearsed in (
        ("180 s and five rehearsals", list(shared), True),
        ("180 s alone", list(shared), False),
        (f"{SHORT_ENROLMENT_S:g} s and five rehearsals", shorter, True),
        (f"{SHORT_ENROLMENT_S:g} s alone", shorter, False),
    ):
        found = _measured(people, model, rehearsed=rehearsed)
        one = next((one for one in found if one.duration_s == usual.duration_s), None)
        if one is not None:
            rate = equal_error_rate(one.trials.mated, one.trials.non_mated)
            area = area_under_curve(one.trials.mated, one.trials.non_mated)
            bounds = interval(bootstrap_people(one.trials, equal_error_rate))
            rows.append([name, percent(rate), bounds, f"{area:.3f}"])
    page.table(["enrolled on", "EER %", "interval", "AUC"], rows)
