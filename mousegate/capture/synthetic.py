"""Parametric synthetic people: hands that differ from one another and are each like themselves.

For tests and demonstrations where no recorded person may be used. A reach is a minimum-jerk movement (Flash &
Hogan, J. Neurosci. 1985) with an asymmetric time course (the sigma-lognormal peak comes early: Plamondon,
Biol. Cybern. 1995), a bow, an overshoot and corrective submovements (Meyer et al., Psychol. Rev. 1988); its
duration follows Fitts' law in Shannon's form (MacKenzie, HCI 1992). Tremor is a narrow-band oscillation of 8
to 12 Hz (Elble & Koller 1990). These hands say nothing about how well real people are told apart.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events, Kind, from_columns

Point = tuple[int, int]
_TARGET_PX: Final = 40.0
"""Width of what is aimed at, for Fitts' law."""


@dataclass(frozen=True, slots=True)
class HandTraits:
    """What makes a hand itself; every value is a property of the person, not of one movement.

    fitts_a_ms, fitts_b_ms: duration = a + b * log2(distance / width + 1). duration_spread: sigma of its
    logarithm. skew: exponent on time; below 1 the peak of speed comes early. bow: sideways bulge as a share
    of the distance; bow_spread its sigma; bow_turn: how the bow changes with direction. overshoot: share of
    the distance; corrections: mean number of corrective submovements; correction_ms: duration of each.
    lead: how far sideways movement runs ahead of upward movement (1 is together); hesitation: probability of
    a stop on the way. tremor_px, tremor_hz; wander: slow sideways drift as a share of the distance.
    pause_ms, pause_spread: median and log-sigma of pauses between reaches. dwell_ms: rest before a click.
    hold_ms, hold_spread: median and log-sigma of click holds. sample_ms, sample_jitter_ms: interval of the
    events and its sigma. double_share: share of double clicks.
    """

    fitts_a_ms: float
    fitts_b_ms: float
    duration_spread: float
    skew: float
    bow: float
    bow_spread: float
    bow_turn: float
    overshoot: float
    corrections: float
    correction_ms: float
    lead: float
    hesitation: float
    tremor_px: float
    tremor_hz: float
    wander: float
    pause_ms: float
    pause_spread: float
    dwell_ms: float
    hold_ms: float
    hold_spread: float
    sample_ms: float
    sample_jitter_ms: float
    double_share: float


_RANGES: Final[dict[str, tuple[float, float]]] = {
    "fitts_a_ms": (60, 320),
    "fitts_b_ms": (90, 240),
    "duration_spread": (0.06, 0.2),
    "skew": (0.62, 1.1),
    "bow": (-0.14, 0.14),
    "bow_spread": (0.015, 0.06),
    "bow_turn": (-0.12, 0.12),
    "overshoot": (-0.06, 0.12),
    "corrections": (0.2, 2.2),
    "correction_ms": (90, 260),
    "lead": (0.6, 1.65),
    "hesitation": (0.0, 0.6),
    "tremor_px": (0.9, 2.0),
    "tremor_hz": (6.0, 12.0),
    "wander": (0.012, 0.04),
    "pause_ms": (120, 700),
    "pause_spread": (0.25, 0.7),
    "dwell_ms": (30, 320),
    "hold_ms": (55, 150),
    "hold_spread": (0.06, 0.2),
    "sample_ms": (8.0, 8.0),
    "sample_jitter_ms": (0.2, 0.6),
    "double_share": (0.0, 0.25),
}
"""From slow and careful to fast and sloppy, about as SapiMouse's people spread; one clock for all."""


def hand(seed: int) -> HandTraits:
    """Return the synthetic person number `seed`; the same seed is the same person."""
    rng = np.random.default_rng(np.random.SeedSequence([0x4D6F757365, seed]))
    return HandTraits(**{name: float(rng.uniform(low, high)) for name, (low, high) in _RANGES.items()})


def stroke(
    traits: HandTraits, start: Point, end: Point, rng: np.random.Generator, start_ms: int = 0
) -> Events:
    """Return the moves of one reach from `start` to `end`, beginning at `start_ms`.

    rng: what varies from reach to reach. The last move is exactly at `end`; a reach of no length is one move.
    """
    origin, goal = complex(*start), complex(*end)
    times, path = _main_movement(traits, origin, goal, rng)
    for _ in range(rng.poisson(traits.corrections)):
        times, path = _correct(traits, times, path, goal, rng)
    times, path = _correct(traits, times, path, goal, rng, exactly=True)
    phase = rng.uniform(0, 2 * np.pi)
    swing = np.exp(2j * np.pi * traits.tremor_hz * times / 1000 + 1j * phase)
    fading = np.minimum(np.minimum(1.0, np.abs(goal - path) / 8), times / 50)
    path = path + traits.tremor_px * fading * (swing.real + 0.6j * swing.imag)
    return _sampled(times, path, goal, traits, rng=rng, start_ms=start_ms)


def _main_movement(
    traits: HandTraits, origin: complex, goal: complex, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    reach = goal - origin
    difficulty = np.log2(abs(reach) / _TARGET_PX + 1)
    duration_ms = (traits.fitts_a_ms + traits.fitts_b_ms * difficulty) * rng.lognormal(
        0, traits.duration_spread
    )
    clock = np.arange(0.0, max(duration_ms, 2.0))
    share = clock / clock[-1]
    if rng.random() < traits.hesitation:
        share = _hesitating(share, rng)
    across, upward = (_minimum_jerk(share ** (traits.skew * lead)) for lead in (1 / traits.lead, traits.lead))
    bow = rng.normal(traits.bow + traits.bow_turn * np.cos(np.angle(reach or 1)), traits.bow_spread)
    drift = bow * np.sin(np.pi * share)
    for order in (2, 3, 4):
        drift = drift + rng.normal(0, traits.wander / order) * np.sin(np.pi * order * share)
    too_far = 1 + rng.normal(traits.overshoot, 0.03)
    return clock, origin + too_far * (reach.real * across + 1j * reach.imag * upward) + 1j * reach * drift


def _hesitating(share: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Let the movement slow down to a near stop once on its way."""
    where, width = rng.uniform(0.3, 0.7), rng.uniform(0.05, 0.12)
    pace = 1 - 0.92 * np.exp(-(((share - where) / width) ** 2))
    gone = np.cumsum(pace)
    hesitating: NDArray[np.float64] = (gone - gone[0]) / (gone[-1] - gone[0])
    return hesitating


def _correct(
    traits: HandTraits,
    times: NDArray[np.float64],
    path: NDArray[np.complex128],
    goal: complex,
    rng: np.random.Generator,
    *,
    exactly: bool = False,
) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
    """Add a submovement that removes most of the error that is left, or all of it where `exactly`."""
    error = goal - path[-1]
    if not exactly:
        error *= rng.uniform(0.5, 1.2)
    lasts = np.arange(1.0, max(2.0, traits.correction_ms * rng.lognormal(0, 0.2)))
    wait = rng.exponential(0.25 * traits.correction_ms)
    along = _minimum_jerk(lasts / lasts[-1])
    return (
        np.concatenate((times, times[-1] + wait + lasts)),
        np.concatenate((path, path[-1] + error * along)),
    )


def _minimum_jerk(share: NDArray[np.float64]) -> NDArray[np.float64]:
    """Position along a minimum-jerk movement, 0 to 1 (Flash & Hogan 1985, eq. 3)."""
    position: NDArray[np.float64] = share**3 * (10 - 15 * share + 6 * share**2)
    return position


def _sampled(
    times: NDArray[np.float64],
    path: NDArray[np.complex128],
    goal: complex,
    traits: HandTraits,
    *,
    rng: np.random.Generator,
    start_ms: int,
) -> Events:
    count = int(times[-1] / traits.sample_ms) + 1
    clock = traits.sample_ms * np.arange(count + 1) + rng.normal(0, traits.sample_jitter_ms, count + 1)
    clock = np.clip(np.maximum.accumulate(clock), 0, times[-1])
    x = np.rint(np.interp(clock, times, path.real))
    y = np.rint(np.interp(clock, times, path.imag))
    x[-1], y[-1] = goal.real, goal.imag
    moved = np.concatenate(([True], (np.diff(x) != 0) | (np.diff(y) != 0)))
    none = np.zeros(np.count_nonzero(moved))
    return from_columns(start_ms + np.rint(clock[moved]), none, none, x[moved], y[moved])


def click(
    traits: HandTraits,
    place: Point,
    rng: np.random.Generator,
    start_ms: int = 0,
    *,
    hold_ms: int | None = None,
    button: int = 1,
) -> Events:
    """Return a press and its release at `place`, pressed at `start_ms`.

    hold_ms: how long the person means to hold, met within the person's jitter; None holds as usual.
    """
    meant_ms = traits.hold_ms if hold_ms is None else hold_ms
    held_ms = max(10, round(meant_ms * float(rng.lognormal(0, traits.hold_spread))))
    if hold_ms is not None:
        held_ms = max(10, round(hold_ms + float(rng.normal(0, 100 * traits.hold_spread))))
    times = np.array([start_ms, start_ms + held_ms])
    places = np.full(2, place[0]), np.full(2, place[1])
    return from_columns(times, np.array([Kind.PRESS, Kind.RELEASE]), np.full(2, button), *places)


def session(
    traits: HandTraits, duration_s: float, screen: Point = (1280, 800), seed: int = 0, start_ms: int = 0
) -> Events:
    """Return about `duration_s` of a person pointing and clicking all over a screen of `screen` px.

    seed: which session; the same person on another day is another seed.
    """
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x73657373]))
    place = (screen[0] // 2, screen[1] // 2)
    now_ms, end_ms = start_ms, start_ms + round(1000 * duration_s)
    pieces = []
    while now_ms < end_ms:
        goal = (int(rng.integers(20, screen[0] - 20)), int(rng.integers(20, screen[1] - 20)))
        moves = _on_screen(stroke(traits, place, goal, rng, now_ms), screen)
        now_ms = int(moves["time_ms"][-1]) + round(rng.exponential(traits.dwell_ms)) + 20
        pieces.append(moves)
        for _ in range(2 if rng.random() < traits.double_share else 1):
            pieces.append(click(traits, goal, rng, now_ms))
            now_ms = int(pieces[-1]["time_ms"][-1]) + round(rng.normal(120, 15))
        place = goal
        now_ms += round(traits.pause_ms * rng.lognormal(0, traits.pause_spread))
    return np.concatenate(pieces)


def _on_screen(events: Events, screen: Point) -> Events:
    events["x"] = np.clip(events["x"], 0, screen[0] - 1)
    events["y"] = np.clip(events["y"], 0, screen[1] - 1)
    return events
