"""Which two synthetic people the shipped model tells apart best: run after training, for `hand.OWNER_SEED`.

    OPENBLAS_NUM_THREADS=1 python -m tests.e2e.choose_hands [HOW_MANY]

Synthetic people resemble each other more than real ones do, so most pairs would make a poor demo.
The pair says nothing about how well people are recognised: models/MODEL_CARD.md does.
"""

import sys

import numpy as np
from rich.console import Console
from rich.table import Table

from mousegate.core import motion
from mousegate.core.events import PointerDevice
from mousegate.embedding.manifest import load_manifest
from mousegate.embedding.model import load_recogniser
from mousegate.storage.config import Config
from tests.e2e.hand import SyntheticHand

SECRET = b"choose-hands".ljust(32, b".")
ENROL_S, PROBE_S, PROBES = 60.0, 9.0, 6
SCREEN = (1280, 800)


def main() -> None:
    """Print the pairs with the widest margin on both sides of the demo's threshold."""
    people = range(1, 1 + int(sys.argv[1] if len(sys.argv) > 1 else 40))
    hands = [SyntheticHand(f"hand {seed}", seed) for seed in people]
    threshold = load_manifest().lock.operating_point(Config().operating_point, PROBE_S).threshold
    scores = _scores(hands)
    table = Table(title=f"Threshold {threshold:+.2f} ({Config().operating_point} at {PROBE_S:g} s)")
    for column in ("owner's seed", "other's seed", "owner's lowest", "other's highest", "margin"):
        table.add_column(column, justify="right")
    rows = []
    for owner in range(len(hands)):
        for other in range(len(hands)):
            lowest, highest = scores[owner, owner].min(), scores[owner, other].max()
            rows.append((min(lowest - threshold, threshold - highest), owner, other, lowest, highest))
    for margin, owner, other, lowest, highest in sorted(rows, reverse=True)[:8]:
        table.add_row(
            str(people[owner]), str(people[other]), f"{lowest:+.1f}", f"{highest:+.1f}", f"{margin:+.1f}"
        )
    Console().print(table)


def _scores(hands: list[SyntheticHand]) -> "np.ndarray[tuple[int, int, int], np.dtype[np.float64]]":
    """Return the score of each reference (first axis) against each hand's probes (second and third).

    A probe with too little movement scores minus infinity: it does not unlock.
    """
    recogniser = load_recogniser()
    references, probes = [], []
    for hand in hands:
        references.append(recogniser.enrol([hand.session(ENROL_S, *SCREEN)], SECRET))
        wanders = [hand.wander(PROBE_S, (0, 0), *SCREEN) for _ in range(PROBES)]
        probes.append([recogniser.lock_probe([wander], PointerDevice.MOUSE) for wander in wanders])
    found = [
        [
            [motion.score(reference, probe, recogniser.manifest, SECRET) or np.nan for probe in theirs]
            for theirs in probes
        ]
        for reference in references
    ]
    return np.nan_to_num(np.array(found, np.float64), nan=-np.inf)


if __name__ == "__main__":
    main()
