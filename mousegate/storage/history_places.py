"""Where and how long people click, per application: counts on a coarse grid, never single clicks.

Which programs somebody uses, and where they click in them, is nobody else's business: it is collected only
where `click_maps` is on, as daily counts without order or time of day, and erased with the history.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mousegate.core.places import GRID, HOLD_BINS, PlacedClick
from mousegate.storage.history import History, day_of
from mousegate.storage.history_file import Statement


@dataclass(frozen=True, slots=True)
class Application:
    """What is known of one application. cells: clicks (GRID, GRID), rows from the top; holds: clicks per bin
    of core.places.HOLD_BIN_MS; width, height: of its last window, px.
    """

    name: str
    cells: NDArray[np.int64]
    holds: NDArray[np.int64]
    width: int
    height: int

    @property
    def clicks(self) -> int:
        """How many in all."""
        return int(self.cells.sum())


class Places:
    """The part of a history that tells where people click."""

    def __init__(self, history: History) -> None:
        self._history = history

    def add(self, clicks: list[PlacedClick], now_s: float) -> None:
        """Count clicks of the day of Unix time `now_s`. Never raises for a broken file."""
        day = day_of(now_s)
        statements = _counting("place", "cell", day, Counter((one.application, one.cell) for one in clicks))
        statements += _counting(
            "hold", "bin", day, Counter((one.application, one.hold_bin) for one in clicks)
        )
        for one in {one.application: one for one in clicks}.values():
            sql = "INSERT OR REPLACE INTO shape VALUES (?, ?, ?)"
            statements.append((sql, (one.application, one.width, one.height)))
        if statements:
            self._history.write(statements, now_s)

    def applications(self, since_s: float = 0.0) -> list[Application]:
        """Return what is known since the day of Unix time `since_s`, most clicks first. Raises StoreError."""
        read, day = self._history.file.read, day_of(since_s)
        shapes = {name: (width, height) for name, width, height in read("SELECT * FROM shape")}
        cells = _summed(
            _totals(read("SELECT application, cell, clicks FROM place WHERE day >= ?", day)), GRID**2
        )
        holds = _summed(
            _totals(read("SELECT application, bin, clicks FROM hold WHERE day >= ?", day)), HOLD_BINS
        )
        found = [
            Application(
                name, counts.reshape(GRID, GRID), holds.get(name, np.zeros(HOLD_BINS, np.int64)),
                *shapes.get(name, (1280, 800)),
            )
            for name, counts in cells.items()
        ]  # fmt: skip
        return sorted(found, key=lambda one: (-one.clicks, one.name))

    def forget(self, application: str, now_s: float) -> None:
        """Delete what is known of one application. Never raises for a broken file."""
        statements: list[Statement] = [
            (f"DELETE FROM {table} WHERE application = ?", (application,))
            for table in ("place", "hold", "shape")
        ]
        self._history.write(statements, now_s)


def _counting(table: str, column: str, day: int, counts: "Counter[tuple[str, int]]") -> list[Statement]:
    sql = f"""INSERT INTO {table} (day, application, {column}, clicks) VALUES (?, ?, ?, ?)
        ON CONFLICT (application, day, {column}) DO UPDATE SET clicks = clicks + excluded.clicks"""
    return [(sql, (day, name, number, clicks)) for (name, number), clicks in counts.items()]


def _totals(rows: list[tuple[str, int, int]]) -> "Counter[tuple[str, int]]":
    totals: Counter[tuple[str, int]] = Counter()
    for name, number, clicks in rows:
        totals[name, number] += clicks
    return totals


def _summed(totals: "Counter[tuple[str, int]]", size: int) -> dict[str, NDArray[np.int64]]:
    found: dict[str, NDArray[np.int64]] = {}
    for (name, number), clicks in totals.items():
        if 0 <= number < size:
            found.setdefault(name, np.zeros(size, np.int64))[number] += clicks
    return found
