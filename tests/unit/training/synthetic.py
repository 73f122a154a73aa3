"""Made-up people who move in their own way, so that tests need no recordings of anybody."""

import numpy as np

from mousegate.core.events import Events, Kind, from_columns


def person_moves(person: int, session: int, seconds: float = 60.0) -> Events:
    """Return point-and-click movement whose tremor, curvature, pace and holds are the person's own."""
    own = np.random.default_rng([7, person])
    tremor, bend = own.uniform(0.0, 6.0), own.uniform(-0.6, 0.6)
    reach_s, pause_s, hold_ms = own.uniform(0.3, 1.2), own.uniform(0.05, 0.35), own.uniform(60.0, 200.0)
    rng = np.random.default_rng([11, person, session])
    at = np.array([800.0, 500.0])
    clock = 0.0
    rows: list[tuple[float, int, int, float, float]] = []
    while clock < seconds * 1000.0:
        goal = rng.uniform([100.0, 100.0], [1500.0, 900.0])
        steps = max(int(reach_s * rng.uniform(0.8, 1.2) * 1000 / 8), 4)
        u = np.linspace(0.0, 1.0, steps)
        progress = u**3 * (10 - 15 * u + 6 * u**2)
        way = goal - at
        sideways = np.array([-way[1], way[0]]) * bend
        path = at + progress[:, None] * way + np.sin(np.pi * progress)[:, None] * sideways
        path += np.sin(u * reach_s * 60)[:, None] * tremor
        rows += [(clock + 8.0 * number, Kind.MOVE, 0, x, y) for number, (x, y) in enumerate(path)]
        clock += 8.0 * steps + 1000 * pause_s * rng.uniform(0.7, 1.3)
        hold = hold_ms * rng.uniform(0.85, 1.15)
        rows += [(clock, Kind.PRESS, 1, *path[-1]), (clock + hold, Kind.RELEASE, 1, *path[-1])]
        clock += hold + 50.0
        at = path[-1]
    table = np.array(rows)
    return from_columns(*(np.round(table[:, column]) for column in range(5)))
