"""The trials file of `mousegate evaluate` (design, section 4): reading it, and writing the scores."""

import csv
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mousegate.errors import BadInput

COLUMNS: Final = ("reference", "enrol", "probe", "start_s", "duration_s")


@dataclass(frozen=True, slots=True)
class Trial:
    """One line: who is claimed, the recordings that enrol him, and the stretch of a recording that is
    compared.

    line: in the file, counted from 1; fields: the five columns as written, to be repeated; duration_s: None
    means all that follows start_s.
    """

    line: int
    fields: tuple[str, ...]
    reference: str
    enrol: tuple[Path, ...]
    probe: Path
    start_s: float
    duration_s: float | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A trial with its score (None is written as empty) and decision."""

    trial: Trial
    score: float | None
    decision: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be scored, and why."""

    line: int
    fields: tuple[str, ...]
    reason: str


def read_trials(path: Path) -> tuple[list[Trial], list[Refused]]:
    """Read trials; a bad line is refused by number and the rest go on.

    Relative paths count from the current folder, or from the file's own where they are not found there.
    Raises BadInput when the file cannot be read or its columns are not COLUMNS.
    """
    trials: list[Trial] = []
    refused: list[Refused] = []
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.reader(stream)
            header = tuple(name.strip() for name in next(reader, []))
            if header[: len(COLUMNS)] != COLUMNS:
                raise BadInput(f"{path}, line 1: the columns must be {','.join(COLUMNS)}.")
            for row in reader:
                if not any(row):
                    continue
                fields = tuple([*row, "", "", "", "", ""][: len(COLUMNS)])
                try:
                    trials.append(_trial(fields, reader.line_num, path.parent))
                except ValueError as error:
                    refused.append(Refused(reader.line_num, fields, str(error)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path} cannot be read as trials ({error}).") from error
    return trials, refused


def _trial(untrusted: tuple[str, ...], line: int, beside: Path) -> Trial:
    reference, enrol, probe, start, duration = (text.strip() for text in untrusted)
    paths = tuple(_found(part.strip(), beside) for part in enrol.split(";") if part.strip())
    if not reference or not paths or not probe:
        raise ValueError("reference, enrol and probe must not be empty")
    start_s = _seconds(start or "0", "start_s")
    duration_s = _seconds(duration, "duration_s") if duration else None
    if duration_s == 0:
        raise ValueError("duration_s must be above 0, or empty for all")
    return Trial(line, untrusted, reference, paths, _found(probe, beside), start_s, duration_s)


def _seconds(text: str, name: str) -> float:
    try:
        value = float(text)
    except ValueError as error:
        raise ValueError(f"{name} is {text!r}, not a number of seconds") from error
    if not (math.isfinite(value) and value >= 0):
        raise ValueError(f"{name} is {text!r}, not a number of seconds from 0")
    return value


def _found(text: str, beside: Path) -> Path:
    path = Path(text).expanduser()
    if path.is_absolute() or path.exists() or not (beside / path).exists():
        return path
    return beside / path


def write_scores(path: Path, scored: Iterable[Scored], refused: Iterable[Refused]) -> None:
    """Write the trials in order with score and decision; refused lines have neither. Raises BadInput."""
    rows = [(one.trial.line, one.trial.fields, _text(one.score), one.decision) for one in scored]
    rows += [(one.line, one.fields, "", "") for one in refused]
    with _writing(path), path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow([*COLUMNS, "score", "decision"])
        writer.writerows([*fields, score, decision] for _, fields, score, decision in sorted(rows))


def check_writable(path: Path) -> None:
    """Raise BadInput when `path` cannot be written; what is there stays."""
    with _writing(path), path.open("a", encoding="utf-8"):
        pass


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadInput(
            f"{path} cannot be written ({error.strerror}); name another file with --out."
        ) from error


def _text(score: float | None) -> str:
    return "" if score is None else f"{score:.6f}"
