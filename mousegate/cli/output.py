"""How commands print: facts as a rich table for a person, or as JSON for a program."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeAlias

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn
from rich.table import Table

Facts: TypeAlias = "dict[str, Facts] | list[Facts] | str | float | bool | None"

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")


def print_json(facts: Facts) -> None:
    """Print facts for a program, on one line of standard output per command."""
    click.echo(json.dumps(facts, ensure_ascii=False))


def print_table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """Print rows for a person."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    Console().print(table)


def print_line(text: str) -> None:
    """Print one line for a person."""
    click.echo(text)


def moment(time_s: float) -> str:
    """Return Unix time as local date and time."""
    return datetime.fromtimestamp(time_s).astimezone().strftime("%d %b %H:%M:%S")


@contextmanager
def progress(text: str, total: float) -> Iterator["Steps"]:
    """Show a bar on standard error while something takes its time; nothing where that is no terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        yield Steps(bar, text, total)


class Steps:
    """Moves one progress bar on."""

    def __init__(self, bar: Progress, text: str, total: float) -> None:
        self._bar = bar
        self._task = bar.add_task(text, total=total)

    def advance(self, amount: float = 1) -> None:
        """Say that `amount` more of the total is done."""
        self._bar.advance(self._task, amount)
