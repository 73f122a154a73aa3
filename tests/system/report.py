"""What the steps of a whole machine showed: said while it happens, and as a table at the end."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One step: what was done, how it ended, the seconds it took and what was asserted."""

    step: str
    passed: bool
    took_s: float
    shown: str


@dataclass
class Report:
    """Runs steps and keeps their rows. `witnessed` is called after each, with its title."""

    console: Console
    witnessed: Callable[[str], None]
    rows: list[Row] = field(default_factory=list)

    def step(self, title: str, play: Callable[[], str]) -> None:
        """Run one step, which returns what it has asserted. Lets whatever it raises through, once told."""
        began = time.monotonic()
        try:
            shown = play()
        except BaseException as error:
            self._add(Row(title, False, time.monotonic() - began, (str(error) or repr(error))[:300]))
            raise
        self._add(Row(title, True, time.monotonic() - began, shown))

    def _add(self, row: Row) -> None:
        self.rows.append(row)
        mark = "[green]ok[/green]" if row.passed else "[red]FAILED[/red]"
        self.console.print(f"  {mark} {row.took_s:6.1f} s  {row.step}: ", end="")
        self.console.print(row.shown, markup=False)
        self.witnessed(row.step)

    def table(self) -> Table:
        """Return all rows."""
        table = Table(title="A whole machine")
        for column in ("Step", "", "Seconds", "Shown"):
            table.add_column(column, justify="right" if column == "Seconds" else "left")
        for row in self.rows:
            table.add_row(row.step, "ok" if row.passed else "FAILED", f"{row.took_s:.1f}", row.shown)
        total_s = sum(row.took_s for row in self.rows)
        table.add_row("", "", f"{total_s:.1f}", f"{len(self.rows)} steps", style="bold")
        return table
