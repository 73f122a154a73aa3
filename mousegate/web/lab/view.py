"""What the page shows, computed in one place and sent as it is."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.holds import HOLDS
from mousegate.core.manifest import Condition
from mousegate.core.windows import PARAMETERS
from mousegate.web.lab.lab import Attempt, Lab
from mousegate.web.lab.people import Person, median

_MOST_POINTS: Final = 400
_TYPICAL_S: Final = 10.0
HOLD_EDGES_MS: Final = tuple(range(20, 301, 14))


@dataclass(frozen=True, slots=True)
class Sureness:
    """How sure the model is of a person, in a word and a sentence for each reason.

    level: "learning" without a reference, "unsure", or "sure".
    """

    level: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person. holds: share of the clicks between HOLD_EDGES_MS; points: on the map, in thousandths."""

    ident: str
    name: str
    number: int
    recording: bool
    active_s: float
    windows: int
    clicks: int
    hold_ms: float | None
    holds: tuple[float, ...]
    points: tuple[tuple[int, int], ...]
    sureness: Sureness


@dataclass(frozen=True, slots=True)
class LabView:
    """The lab. matrix: rows are references, columns whose movement is compared, nats or None; explained: the
    share of all variation that the map shows; threshold: of the operating point for ten seconds.
    """

    people: tuple[PersonView, ...]
    matrix: tuple[tuple[float | None, ...], ...]
    explained: float
    attempts: tuple[Attempt, ...]
    threshold: float
    fmr: float
    hold_edges_ms: tuple[int, ...] = HOLD_EDGES_MS


def view(lab: Lab) -> LabView:
    """Return what there is to see now."""
    people = list(lab.people.values())
    rows = tuple(tuple(_rounded(lab.similarity(one, other)) for other in people) for one in people)
    places, explained = _map([person.hand.embeddings(_MOST_POINTS) for person in people])
    point = lab.point(Condition.NATURAL, _TYPICAL_S)
    return LabView(
        people=tuple(_person(lab, one, points) for one, points in zip(people, places, strict=True)),
        matrix=rows,
        explained=round(explained, 3),
        attempts=tuple(lab.attempts),
        threshold=point.threshold,
        fmr=point.fmr,
    )


def _person(lab: Lab, person: Person, points: NDArray[np.float64]) -> PersonView:
    holds_ms = person.hand.holds_ms()
    counts = np.histogram(holds_ms, HOLD_EDGES_MS)[0] / max(1, len(holds_ms))
    middle = median(holds_ms.tolist())
    return PersonView(
        ident=person.ident,
        name=person.name,
        number=person.number,
        recording=person.ident in lab.recording,
        active_s=round(person.hand.active_s, 1),
        windows=person.hand.windows,
        clicks=len(holds_ms),
        hold_ms=middle,
        holds=tuple(round(float(share), 4) for share in counts),
        points=tuple((round(x), round(y)) for x, y in (1000 * points).tolist()),
        sureness=sureness(lab, person),
    )


def sureness(lab: Lab, person: Person) -> Sureness:
    """Say how sure the model is of a person, and why not yet."""
    if person.known is None:
        head = lab.manifest.head
        missing_s = max(0.0, head.least_active_s - person.hand.active_s)
        missing = max(0, head.least_windows - person.hand.windows)
        reason = f"{missing_s:.0f} s more of movement are needed before there is anything to compare with."
        if missing_s == 0.0:
            wait_s = missing * PARAMETERS.hop * PARAMETERS.step_ms / 1000.0
            reason = f"About {wait_s:.0f} s more are needed: much of it was standing still."
        return Sureness("learning", (reason,))
    reasons = [*_about_self(lab, person), *_about_others(lab, person)]
    if person.known.motion.natural is None:
        reasons.append(
            f"Fewer than {HOLDS.least_clicks} clicks: movement alone is compared, holds are left out."
        )
    return Sureness("unsure" if reasons else "sure", tuple(reasons))


def _about_self(lab: Lab, person: Person) -> list[str]:
    assert person.known is not None
    if not person.own_llrs:
        missing_s = max(1.0, 2.0 * lab.manifest.head.least_active_s - person.hand.active_s)
        return [f"About {missing_s:.0f} s more, and {person.name} is also compared with themselves."]
    threshold = lab.point(person.known.motion.condition, _TYPICAL_S).threshold
    refused = sum(llr < threshold for llr in person.own_llrs)
    if 4 * refused > len(person.own_llrs):
        return [f"{refused} of {len(person.own_llrs)} own takes would be refused: record for longer."]
    return []


def _about_others(lab: Lab, person: Person) -> list[str]:
    assert person.known is not None
    threshold = lab.point(person.known.motion.condition, _TYPICAL_S).threshold
    found = []
    others = [other for other in lab.people.values() if other is not person]
    for other in others:
        llr = lab.similarity(person, other)
        if llr is not None and llr >= threshold:
            found.append(f"Most takes of {other.name} would pass as {person.name}.")
    if not any(other.hand.windows for other in others):
        found.append("Nobody else is here yet to be told from.")
    return found


def _map(embeddings: list[NDArray[np.float32]]) -> tuple[list[NDArray[np.float64]], float]:
    """Return the windows of each person on the two principal axes of all, each axis within -1 to 1, and the
    share of the variation that these hold (Pearson 1901; an axis points where most people lie apart).
    """
    known = [one for one in embeddings if len(one)]
    if sum(map(len, known)) < 3:
        return [np.zeros((0, 2)) for _ in embeddings], 0.0
    rows = np.concatenate(known).astype(np.float64)
    middle = rows.mean(axis=0)
    spread = np.cov(rows - middle, rowvar=False)
    values, vectors = np.linalg.eigh(spread)
    axes = vectors[:, [-1, -2]]
    first = known[0].mean(axis=0) - middle
    axes = axes * np.where(first @ axes > 0, -1.0, 1.0)
    reach = max(1e-9, float(np.abs((rows - middle) @ axes).max()))
    places = [(one - middle) @ axes / reach if len(one) else np.zeros((0, 2)) for one in embeddings]
    return places, float(values[-2:].sum() / max(1e-12, values.sum()))


def _rounded(llr: float | None) -> float | None:
    return None if llr is None else round(llr, 2)
