"""How soon an impostor is noticed, and how often the owner is suspected: the whole trade-off, on Balabit.

Each person enrols the first half of the training sessions. Genuine time is the second half; each impostor's
sessions of the same half are spliced in after genuine movement, so that trust is where it usually is. What is
counted is active movement. Wants DATA=folder of unpacked data sets (default ../shared/data).
"""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mousegate.capture import formats
from mousegate.core.events import Events
from mousegate.core.manifest import Condition
from mousegate.core.motion import Rotations, Sample, score_sample
from mousegate.core.recogniser import Recogniser
from mousegate.core.trust import AlarmPoint, TrustState, observe, renew
from mousegate.embedding.model import load_recogniser

SECRET = bytes(range(32))
BLOCK_S = 5.0
THRESHOLDS = (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 12.0, 14.0, 17.0, 20.0)
LEAD_BLOCKS = 24
"""Genuine stretches before a splice: two minutes of movement."""


def blocks(recordings: Sequence[Events], recogniser: Recogniser) -> list[Sample]:
    """Cut recordings as the monitor does, and embed each stretch."""
    samples = []
    for events in recordings:
        gaps = np.clip(np.diff(events["time_ms"], prepend=events["time_ms"][0]), 0, 400)
        number = (np.cumsum(gaps) / (1000 * BLOCK_S)).astype(int)
        for part in np.split(events, np.flatnonzero(np.diff(number)) + 1):
            sample = recogniser.sample([part], Condition.NATURAL)
            if sample.movement.windows:
                samples.append(sample)
    return samples


def alarms(llrs: Sequence[float | None], active_s: Sequence[float], threshold: float) -> list[float]:
    """Return after how many active seconds each anomaly was raised."""
    point = AlarmPoint("bench", threshold, 0.0, 0.0)
    state, raised, now_s = TrustState(), [], 0.0
    for llr, block_s in zip(llrs, active_s, strict=True):
        now_s += block_s
        before = state.alarmed
        state = observe(state, llr, block_s, now_s, point)
        if state.alarmed and not before:
            raised.append(now_s)
            state = renew(state)
    return raised


def main() -> None:
    """Print the table."""
    folder = Path(os.environ.get("DATA", "../shared/data")) / "balabit/training_files"
    people = sorted(folder.iterdir()) if folder.is_dir() else []
    if not people:
        print("bench_monitor: Balabit is not unpacked under DATA; nothing measured.")
        return
    recogniser = load_recogniser()
    references, samples = {}, {}
    for person in people:
        recordings = [formats.read(path) for path in sorted(person.iterdir())]
        half = max(1, len(recordings) // 2)
        references[person.name] = recogniser.enrol(recordings[:half], SECRET)
        samples[person.name] = blocks(recordings[half:], recogniser)
    names = list(references)
    rotations = Rotations.of(SECRET, recogniser.manifest.dimensions)
    llr = {
        (owner, hand): [
            score_sample(references[owner], sample, recogniser.manifest, rotations)
            for sample in samples[hand]
        ]
        for owner in names
        for hand in names
    }
    duration = {name: [sample.movement.active_s for sample in samples[name]] for name in names}
    for owner in names:
        own = [value for value in llr[owner, owner] if value is not None]
        rest = [
            np.median([v for v in llr[owner, other] if v is not None]) for other in names if other != owner
        ]
        print(f"{owner}: genuine median {np.median(own):+.2f}, impostors {np.array(rest).round(2)}")
    hours = sum(sum(values) for values in duration.values()) / 3600
    print(f"{hours:.1f} h of genuine movement; threshold, false alarms per 40 h, found, median s, p90 s")
    for threshold in THRESHOLDS:
        false = sum(len(alarms(llr[name, name], duration[name], threshold)) for name in names)
        delays = [delay for owner in names for other in names if owner != other
                  for delay in splices(llr, duration, owner, other, threshold)]  # fmt: skip
        caught = [delay for delay in delays if np.isfinite(delay)]
        median, late = np.percentile(delays, (50, 90), method="nearest")
        share = len(caught) / len(delays)
        print(f"{threshold:5.0f} {40 * false / hours:8.1f} {share:6.1%} {median:7.0f} {late:7.0f}")


def splices(
    llr: dict[tuple[str, str], list[float | None]],
    duration: dict[str, list[float]],
    owner: str,
    other: str,
    threshold: float,
    length: int = 120,
) -> list[float]:
    """Return seconds to detection of each splice of ten minutes; infinite where it was missed.

    An alarm in the genuine lead restarts the test, as an answered notification does.
    """
    delays = []
    for start in range(0, len(duration[other]) - length // 2, length):
        lead = slice(max(0, start % max(1, len(duration[owner]) - LEAD_BLOCKS)), None)
        own = llr[owner, owner][lead][:LEAD_BLOCKS]
        own_s = duration[owner][lead][:LEAD_BLOCKS]
        part = slice(start, start + length)
        begun_s = sum(own_s)
        raised = alarms([*own, *llr[owner, other][part]], [*own_s, *duration[other][part]], threshold)
        after = [when_s - begun_s for when_s in raised if when_s > begun_s]
        delays.append(after[0] if after else float("inf"))
    return delays


if __name__ == "__main__":
    main()
