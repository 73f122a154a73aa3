"""How soon an impostor is noticed, and how often the owner is suspected: the whole trade-off, on Balabit.

    DATA=folder of unpacked data sets [MINUTES=60] python -m tests.bench.bench_monitor

Each person enrols up to MINUTES of the first half of the training sessions, as the product does. Genuine time
is the second half; ten minutes of each other person's second half are spliced in after two minutes of
genuine movement, so that trust is where it usually is. What is counted is active movement. Thresholds are
chosen on the DEVELOPMENT people as owners and reported on the others. Those, the TRAINED, trained the network
and are in its cohort, as impostors too, which flatters; so does that some strangers have other machines.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mousegate.capture import formats
from mousegate.core.events import Events
from mousegate.core.manifest import Condition
from mousegate.core.motion import MotionReference, Rotations, score_sample
from mousegate.core.recogniser import Recogniser
from mousegate.core.trust import PARAMETERS, AlarmPoint, TrustParameters, TrustState, observe, renew
from mousegate.embedding.model import load_recogniser

SECRET = bytes(range(32))
BLOCK_S = 5.0
THRESHOLDS = (3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 14.0, 17.0, 20.0, 25.0)
DEVELOPMENT = ("user21", "user23")
TRAINED = ("user7", "user9", "user12", "user15")
WANTED_PER_40_H = {"strict": 15.0, "balanced": 5.0, "calm": 1.0}
LEAD_BLOCKS, SPLICE_BLOCKS = 24, 120
VARIANTS = {
    "as the daemon does": PARAMETERS,
    "smaller shifts (allowance 0.5)": TrustParameters(allowance=0.5),
    "larger shifts (allowance 1.0)": TrustParameters(allowance=1.0),
}


@dataclass(frozen=True, slots=True)
class Track:
    """One hand's stretches as one reference scores them: nats, NaN for INCONCLUSIVE, and seconds."""

    llr: np.ndarray
    active_s: np.ndarray


Tracks = Mapping[tuple[str, str], Track]


@dataclass(frozen=True, slots=True)
class Outcome:
    """At one threshold: false alarms per 40 h genuine, and seconds to detection, infinite where missed."""

    threshold: float
    false_per_40_h: float
    delays_s: np.ndarray

    def line(self) -> str:
        """Return a row."""
        found = np.isfinite(self.delays_s)
        median, late = np.percentile(self.delays_s, (50, 90), method="nearest")
        return (
            f"{self.threshold:6.0f} {self.false_per_40_h:9.1f} {found.mean():9.0%} {median:9.0f} {late:7.0f}"
        )


def stretches(events: Events) -> list[Events]:
    """Cut a recording as the monitor does."""
    gaps = np.clip(np.diff(events["time_ms"], prepend=events["time_ms"][0]), 0, 400)
    number = (np.cumsum(gaps) / (1000 * BLOCK_S)).astype(int)
    return np.split(events, np.flatnonzero(np.diff(number)) + 1)


def first_minutes(recordings: Sequence[Events], minutes: float) -> list[Events]:
    """Return the first stretches of recordings, so many minutes of movement."""
    left, chosen = int(60 * minutes / BLOCK_S), []
    for events in recordings:
        parts = stretches(events)[:left]
        left -= len(parts)
        if parts:
            chosen.append(np.concatenate(parts))
    return chosen


def tracks(people: Mapping[str, list[Events]], recogniser: Recogniser, minutes: float) -> Tracks:
    """Enrol everybody and score everybody's later movement against everybody."""
    rotations = Rotations.of(SECRET, recogniser.manifest.dimensions)
    references: dict[str, MotionReference] = {}
    samples = {}
    for name, recordings in people.items():
        half = max(1, len(recordings) // 2)
        references[name] = recogniser.enrol(first_minutes(recordings[:half], minutes), SECRET)
        parts = [part for events in recordings[half:] for part in stretches(events)]
        samples[name] = [recogniser.sample([part], Condition.NATURAL) for part in parts]
    found = {}
    for hand, given in samples.items():
        active_s = np.array([one.movement.active_s for one in given])
        for owner, reference in references.items():
            scored = [score_sample(reference, one, recogniser.manifest, rotations) for one in given]
            found[owner, hand] = Track(np.array([np.nan if s is None else s for s in scored]), active_s)
    return found


def alarms(track: Track, threshold: float, parameters: TrustParameters) -> list[float]:
    """Return after how many active seconds each anomaly was raised; each is answered at once."""
    point = AlarmPoint("bench", threshold, 0.0, 0.0)
    state, raised, now_s = TrustState(), [], 0.0
    for llr, block_s in zip(track.llr.tolist(), track.active_s.tolist(), strict=True):
        now_s += block_s
        state = observe(state, llr, block_s, now_s, point, parameters=parameters)
        if state.alarmed:
            raised.append(now_s)
            state = renew(state, parameters)
    return raised


def splices(
    found: Tracks, owner: str, hand: str, threshold: float, parameters: TrustParameters
) -> list[float]:
    """Return seconds to detection of each splice; infinite where it was missed."""
    own, other, delays = found[owner, owner], found[owner, hand], []
    for start in range(0, len(other.llr) - SPLICE_BLOCKS // 2, SPLICE_BLOCKS):
        begin = start % max(1, len(own.llr) - LEAD_BLOCKS)
        lead, part = slice(begin, begin + LEAD_BLOCKS), slice(start, start + SPLICE_BLOCKS)
        track = Track(
            np.concatenate([own.llr[lead], other.llr[part]]),
            np.concatenate([own.active_s[lead], other.active_s[part]]),
        )
        begun_s = float(own.active_s[lead].sum())
        after = [at_s - begun_s for at_s in alarms(track, threshold, parameters) if at_s > begun_s]
        delays.append(after[0] if after else float("inf"))
    return delays


def outcome(found: Tracks, owners: Sequence[str], threshold: float, parameters: TrustParameters) -> Outcome:
    """Watch these owners, everybody else being an impostor."""
    hands = sorted({hand for _, hand in found})
    hours = sum(float(found[name, name].active_s.sum()) for name in owners) / 3600
    false = sum(len(alarms(found[name, name], threshold, parameters)) for name in owners)
    delays = [
        delay
        for owner in owners
        for hand in hands
        if hand != owner
        for delay in splices(found, owner, hand, threshold, parameters)
    ]
    return Outcome(threshold, 40 * false / hours, np.array(delays))


def report(found: Tracks) -> None:
    """Print the curves, and what was chosen on some people at work on the others."""
    for title, parameters in VARIANTS.items():
        curves = {}
        for whose, owners in (("development", DEVELOPMENT), ("other", TRAINED)):
            hours = sum(float(found[name, name].active_s.sum()) for name in owners) / 3600
            curves[whose] = [outcome(found, owners, threshold, parameters) for threshold in THRESHOLDS]
            print(f"\n{title}: {whose} owners ({', '.join(owners)}), {hours:.1f} h genuine, "
                  f"{len(curves[whose][0].delays_s)} splices")  # fmt: skip
            print("threshold  FA/40 h     found  median s   p90 s")
            for one in curves[whose]:
                print(one.line())
        for name, wanted in WANTED_PER_40_H.items():
            fit = [one.threshold for one in curves["development"] if one.false_per_40_h <= wanted]
            if fit:
                (there,) = (one for one in curves["other"] if one.threshold == fit[0])
                print(f"{name}, chosen on development at {wanted:.0f} in 40 h, on the others: {there.line()}")


def main() -> None:
    """Print it all."""
    folder = Path(os.environ.get("DATA", "../shared/data")) / "balabit/training_files"
    if not folder.is_dir():
        print("bench_monitor: Balabit is not unpacked under DATA; nothing measured.")
        return
    people = {
        one.name: [formats.read(path) for path in sorted(one.iterdir())] for one in sorted(folder.iterdir())
    }
    for minutes in [float(word) for word in os.environ.get("MINUTES", "3 60").split()]:
        print(f"\n=== enrolled on up to {minutes:.0f} minutes of movement")
        report(tracks(people, load_recogniser(), minutes))


if __name__ == "__main__":
    main()
