"""How well an enrolment tells its person from others, measured on nothing but itself and the cohort.

While somebody enrols there is nobody to try against them, but the cohort is there: heads are fitted with a
part of the cohort left out, and those left out try to pass. In the same way the person's own movement is left
out part by part and compared with the rest. The network has seen the cohort in training, so the figure is a
guide for whoever enrols; error rates for strangers that it never saw are in models/MODEL_CARD.md.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.head import Head, fit
from mousegate.core.manifest import CohortWindows, ScoreScale
from mousegate.core.windows import PARAMETERS


@dataclass(frozen=True, slots=True)
class OutlookParameters:
    """How it is measured.

    folds: parts that are left out in turn. attempt_s: seconds of movement in an attempt. thinning: one of so
    many cohort windows is fitted on, so that the figure can be told every few seconds.
    """

    folds: int = 3
    attempt_s: float = 8.0
    thinning: int = 2


OUTLOOK: Final = OutlookParameters()


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would come of attempts with movement alone.

    strangers: people who tried; passing: how many of them would pass with one try each (an expectation,
    rounded); own_tries: attempts cut from the person's own movement; own_passing: how many would pass.
    """

    strangers: int
    passing: int
    own_tries: int
    own_passing: int


@dataclass(frozen=True, slots=True)
class Own:
    """The person's windows, in order of time: embeddings, float32 (n, d), and quality, float32 (n,)."""

    embeddings: NDArray[np.float32]
    quality: NDArray[np.float32]

    def part(self, chosen: NDArray[np.intp]) -> "Own":
        """Return some of them."""
        return Own(self.embeddings[chosen], self.quality[chosen])


@dataclass(frozen=True, slots=True)
class Bench:
    """What attempts are compared by.

    scale: of the condition that the cohort's windows were made under. threshold: in nats. ridge: of the head.
    """

    cohort: CohortWindows
    scale: ScoreScale
    threshold: float
    ridge: float
    parameters: OutlookParameters = OUTLOOK

    @classmethod
    def at(cls, cohort: CohortWindows, scale: ScoreScale, point: str, ridge: float) -> "Bench":
        """Return the bench of an operating point. Raises ModelError for a name that the model has not."""
        return cls(cohort, scale, scale.operating_point(point, OUTLOOK.attempt_s).threshold, ridge)

    def fit(self, own: Own, others: NDArray[np.float32]) -> Head:
        """Return a head of `own` against a part of `others` that is enough."""
        return fit(
            own.embeddings, own.quality.astype(np.float64), others[:: self.parameters.thinning], self.ridge
        )

    def passes(self, head: Head, windows: NDArray[np.float32]) -> bool:
        """Tell whether an attempt of these windows passes."""
        raw = head.score(windows.mean(axis=0, dtype=np.float64))
        return self.scale.llr(raw, self.parameters.attempt_s) >= self.threshold


def outlook(own: Own, bench: Bench) -> Outlook:
    """Return what would come of attempts against `own`."""
    shares = _strangers(own, bench)
    tries = _own_tries(own, bench)
    return Outlook(len(shares), round(sum(shares)), len(tries), sum(tries))


def _strangers(own: Own, bench: Bench) -> list[float]:
    """Return per stranger the share of their attempts that pass heads that were fitted without them.

    A cohort keeps windows from all over a person's recordings, so that they hardly overlap.
    """
    cohort, folds = bench.cohort, bench.parameters.folds
    each = max(1, round(bench.parameters.attempt_s * 1000.0 / (PARAMETERS.steps * PARAMETERS.step_ms)))
    people = np.unique(cohort.person)
    shares = []
    for part in range(folds):
        left_out = people[part::folds]
        head = bench.fit(own, cohort.embeddings[~np.isin(cohort.person, left_out)])
        for person in left_out:
            theirs = cohort.embeddings[cohort.person == person]
            tries = [bench.passes(head, theirs[at : at + each]) for at in range(0, len(theirs), each)]
            shares.append(float(np.mean(tries)))
    return shares


def _own_tries(own: Own, bench: Bench) -> list[bool]:
    """Return which attempts of the person's own movement pass when compared with the rest of it."""
    steps = bench.parameters.attempt_s * 1000.0 / PARAMETERS.step_ms
    each = max(1, 1 + round((steps - PARAMETERS.steps) / PARAMETERS.hop))
    count = len(own.embeddings)
    tries: list[bool] = []
    for part in np.array_split(np.arange(count), bench.parameters.folds):
        rest = own.part(np.setdiff1d(np.arange(count), _with_neighbours(part, count)))
        if len(part) < each or not rest.quality.sum() > 0:
            continue
        head = bench.fit(rest, bench.cohort.embeddings)
        tries += [
            bench.passes(head, own.embeddings[part[at : at + each]])
            for at in range(0, len(part) - each + 1, each)
        ]
    return tries


def _with_neighbours(part: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """Return `part` and the windows on both sides that share movement with it."""
    if not len(part):
        return part
    overlap = PARAMETERS.steps // PARAMETERS.hop
    return np.arange(max(0, part[0] - overlap), min(count, part[-1] + 1 + overlap))
