"""How many guesses a rhythm is worth, counted against somebody who knows what people's holds are like.

The guesser is given everything but the holds: how many clicks, on which targets, and the helper offsets of
a stolen store. He tries combinations of bins, likeliest first, under the population below. The strength is
log2 of the number of combinations that he tries up to and including the right one (the guessing number of
J. Bonneau, "The science of guessing", IEEE S&P 2012). A rhythm of ordinary clicks is worth next to
nothing, and the count says so.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.sketch import HoldScale


@dataclass(frozen=True, slots=True)
class HoldPopulation:
    """How long people hold a button: two log-normal components (medians in ms, standard deviations of ln ms).

    click: measured on the 15,697 left clicks without movement of the 120 people of SapiMouse (median 79 ms;
        the standard deviation is the robust one, half the 16 to 84 % range).
    deliberate: a long hold chosen on purpose. There is no public data of such holds; this is an assumption,
        broad on purpose: 95 % of them between 0.2 and 2.4 s.
    share: of clicks in a chosen rhythm that are deliberate (assumption; the count is not sensitive to it,
        since it depends on the order of the guesses only).
    """

    click_median_ms: float = 79.0
    click_sd: float = 0.283
    deliberate_median_ms: float = 700.0
    deliberate_sd: float = 0.62
    share: float = 0.4

    def below(self, hold_ms: float) -> float:
        """Return the probability of a hold shorter than `hold_ms`."""
        if hold_ms <= 0:
            return 0.0
        click = _normal_below(math.log(hold_ms / self.click_median_ms) / self.click_sd)
        long = _normal_below(math.log(hold_ms / self.deliberate_median_ms) / self.deliberate_sd)
        return (1 - self.share) * click + self.share * long


POPULATION: Final = HoldPopulation()
_LONGEST_GUESS_MS: Final = 8000
_RESOLUTION_BITS: Final = 0.05


def guessing_bits(
    scale: HoldScale, offsets: Sequence[int], bins: Sequence[int], population: HoldPopulation = POPULATION
) -> float:
    """Return log2 of the guesses needed for `bins` by somebody who knows `offsets` and the population.

    Targets and their number count for nothing: they can be seen over a shoulder.
    """
    costs = [_bin_costs(scale, offset, population) for offset in offsets]
    right = sum(cost.get(own, max(cost.values())) for cost, own in zip(costs, bins, strict=True))
    tried = np.ones(1)
    for cost in costs:
        tried = np.convolve(tried, _histogram(cost))
    # Each click's cost was rounded down by up to one step of the histogram; do not count those ties.
    last = max(0, int(right / _RESOLUTION_BITS) - len(costs))
    return float(math.log2(max(1.0, float(tried[: last + 1].sum()))))


def _bin_costs(scale: HoldScale, offset: int, population: HoldPopulation) -> dict[int, float]:
    """Return bits of surprise per bin: -log2 P(bin | offset), over holds up to _LONGEST_GUESS_MS."""
    bins = range(scale.bin(0, offset), scale.bin(_LONGEST_GUESS_MS, offset) + 1)
    starts = [scale.first_hold_ms(offset + own * scale.step) for own in bins]
    below = [population.below(start - 0.5) for start in [*starts, _LONGEST_GUESS_MS + 1]]
    chances = [after - before for before, after in pairwise(below)]
    return {own: -math.log2(max(chance, 2.0**-40)) for own, chance in zip(bins, chances, strict=True)}


def _histogram(costs: dict[int, float]) -> NDArray[np.float64]:
    steps = [int(cost / _RESOLUTION_BITS) for cost in costs.values()]
    return np.bincount(steps).astype(np.float64)


def _normal_below(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))
