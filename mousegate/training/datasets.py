"""Readers of the public data sets, which name each defect they mend and count it.

The run-time reader (mousegate.capture.formats) refuses a malformed file; a data set of hundreds of recordings
is worth mending instead, as long as everything mended is counted and told. Sources and the citations they ask
for are in models/MODEL_CARD.md.
"""

import csv
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import Events, Kind, from_columns
from mousegate.errors import BadInput

LOG = logging.getLogger(__name__)
COORDINATE_LIMIT = 32767
LEAST_EVENTS = 50


class Defect(StrEnum):
    """What was found wrong in a recording, and what was done about it."""

    DUPLICATE_TIME = "duplicate timestamps (kept, in order of arrival)"
    BACKWARD_TIME = "time stepped back (held at the latest time so far)"
    CLOCK_RESET = "clock started again (split into two recordings)"
    COORDINATE = "coordinate out of range, such as 65535 (row dropped)"
    ROW = "row that cannot be read (dropped)"
    UNMATCHED_BUTTON = "press without release or the reverse (kept; holds need both)"
    TOO_SHORT = "too few events to learn from (recording left out)"
    MISSING_SESSION = "person without the sessions of the protocol (left out)"


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording of one person; `person` is unique over data sets, `session` orders his recordings."""

    dataset: str
    person: str
    session: str
    events: Events


@dataclass(slots=True)
class DefectLog:
    """How often each defect was met."""

    counts: Counter[Defect] = field(default_factory=Counter)

    def add(self, defect: Defect, count: int = 1) -> None:
        """Count `defect` `count` times more."""
        if count:
            self.counts[defect] += int(count)


def read_sapimouse(directory: Path, log: DefectLog) -> Iterator[Recording]:
    """Yield the recordings of SapiMouse: userN/session_DATE_{1min,3min}.csv, `client
    timestamp,button,state,x,y` in ms.
    """
    for folder in sorted(_folders(directory, "user*"), key=lambda path: int(path.name.removeprefix("user"))):
        files = sorted(folder.glob("session_*min.csv"))
        lengths = {path.stem.rsplit("_", 1)[1] for path in files}
        if not {"1min", "3min"} <= lengths:
            log.add(Defect.MISSING_SESSION)
        for path in files:
            yield from _button_recordings("sapimouse", folder.name, path, 1.0, log)


def read_balabit(directory: Path, log: DefectLog, part: str = "training_files") -> Iterator[Recording]:
    """Yield the recordings of one part of the Balabit challenge: PART/userN/session_ID, seconds on the
    client's clock.
    """
    for folder in sorted(_folders(directory / part, "user*")):
        for path in sorted(folder.glob("session_*")):
            yield from _button_recordings("balabit", folder.name, path, 1000.0, log)


def read_balabit_labels(directory: Path) -> dict[str, bool]:
    """Return for each labelled test session of Balabit whether it is an impostor's."""
    path = directory / "public_labels.csv"
    with _open(path) as stream:
        return {row["filename"]: row["is_illegal"] == "1" for row in csv.DictReader(stream)}


def read_hbrs(directory: Path, log: DefectLog) -> Iterator[Recording]:
    """Yield the movement recordings of the H-BRS survey: move/TOKEN_move.csv, ISO time and `[x, y]`; no
    buttons.
    """
    for path in sorted(_require(directory / "move").glob("*_move.csv")):
        times, xs, ys, bad = [], [], [], 0
        for (at_time, at_position), row in _table(path, ("time", "global_position"), ";"):
            try:
                when = datetime.fromisoformat(row[at_time]).timestamp() * 1000.0
                x, y = row[at_position].strip("[]").split(",")
                values = (when, float(x), float(y))
            except (ValueError, IndexError):
                bad += 1
                continue
            times.append(values[0])
            xs.append(values[1])
            ys.append(values[2])
        log.add(Defect.ROW, bad)
        kind = np.full(len(times), int(Kind.MOVE))
        table = np.column_stack([times, kind, 0 * kind, xs, ys]) if times else np.zeros((0, 5))
        yield from _mended("hbrs", path.name.removesuffix("_move.csv"), path.stem, table, log)


def _folders(directory: Path, pattern: str) -> list[Path]:
    return [path for path in _require(directory).glob(pattern) if path.is_dir()]


def _require(directory: Path) -> Path:
    if not directory.is_dir():
        raise BadInput(
            f"{directory} is missing: unpack the data sets there first (see models/MODEL_CARD.md)."
        )
    return directory


def _open(path: Path) -> TextIO:
    try:
        return path.open(newline="", encoding="utf-8", errors="replace")
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from error


def _table(path: Path, columns: Sequence[str], delimiter: str = ",") -> Iterator[tuple[list[int], list[str]]]:
    """Yield where `columns` are, and each row after the header. Raises BadInput by file, line and reason."""
    with _open(path) as stream:
        reader = csv.reader(stream, delimiter=delimiter)
        try:
            header = next(reader, [])
            if not set(columns) <= set(header):
                found = delimiter.join(header)[:80]
                raise BadInput(f"{path}, line 1: columns {','.join(columns)} expected, found {found!r}.")
            at = [header.index(name) for name in columns]
            for row in reader:
                yield at, row
        except (csv.Error, OSError) as error:
            raise BadInput(f"{path}, line {reader.line_num}: {error}.") from error


_COLUMNS = ("client timestamp", "button", "state", "x", "y")
_BUTTONS = {"NoButton": 0, "Left": 1, "Middle": 2, "Right": 3, "Other": 8, "Scroll": 0}
_KINDS = {"Move": Kind.MOVE, "Drag": Kind.MOVE, "Pressed": Kind.PRESS, "Released": Kind.RELEASE}


def _button_recordings(
    dataset: str, person: str, path: Path, to_ms: float, log: DefectLog
) -> Iterator[Recording]:
    rows: list[tuple[float, int, int, float, float]] = []
    bad = 0
    for (at_time, at_button, at_state, at_x, at_y), row in _table(path, _COLUMNS):
        try:
            state = row[at_state]
            if state in ("Up", "Down"):
                continue
            kind = _KINDS[state]
            button = _BUTTONS[row[at_button]] if kind is not Kind.MOVE else 0
            rows.append((float(row[at_time]) * to_ms, kind, button, float(row[at_x]), float(row[at_y])))
        except (ValueError, KeyError, IndexError):
            bad += 1
    log.add(Defect.ROW, bad)
    yield from _mended(dataset, person, path.stem, np.array(rows, np.float64).reshape(-1, 5), log)


def _mended(
    dataset: str, person: str, session: str, table: NDArray[np.float64], log: DefectLog
) -> Iterator[Recording]:
    sane = np.isfinite(table).all(axis=1) & (np.abs(table[:, 3:]) < COORDINATE_LIMIT).all(axis=1)
    log.add(Defect.COORDINATE, int((~sane).sum()))
    table = table[sane]
    steps = np.diff(table[:, 0])
    log.add(Defect.DUPLICATE_TIME, int((steps == 0).sum()))
    resets = np.flatnonzero(steps < -10_000.0) + 1
    log.add(Defect.CLOCK_RESET, len(resets))
    log.add(Defect.BACKWARD_TIME, int((steps < 0).sum()) - len(resets))
    presses, releases = (table[:, 1] == Kind.PRESS).sum(), (table[:, 1] == Kind.RELEASE).sum()
    log.add(Defect.UNMATCHED_BUTTON, abs(int(presses) - int(releases)))
    for number, part in enumerate(np.split(table, resets)):
        if len(part) < LEAST_EVENTS:
            log.add(Defect.TOO_SHORT)
            continue
        time_ms = np.maximum.accumulate(part[:, 0]) - part[0, 0]
        events = from_columns(np.round(time_ms), part[:, 1], part[:, 2], part[:, 3], part[:, 4])
        name = session if number == 0 else f"{session}.{number}"
        yield Recording(dataset, f"{dataset}/{person}", name, events)
