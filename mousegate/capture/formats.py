"""Reading and writing recordings, whatever their form.

`read` detects Balabit CSV, SapiMouse CSV, cnee text and the native form from the first bytes. What a
foreign recording may have wrong and still be read is named in `mending.Defects`; all else is refused with
file, line and reason.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from mousegate.capture import cnee, csvforms, native
from mousegate.capture.mending import Defects, mend_clock, place, unmatched_buttons, wheel_clicks
from mousegate.capture.textrows import LIMITS, Progress, refuse, size_of
from mousegate.core.events import Events
from mousegate.errors import BadInput, UsageError


class Format(StrEnum):
    """The forms a recording can have."""

    NATIVE = "native"
    BALABIT = "balabit"
    SAPIMOUSE = "sapimouse"
    CNEE = "cnee"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as read: its events, the form it was in, and what was mended."""

    events: Events
    format: Format
    defects: Defects


_HEAD_BYTES: Final = 16384
_CSV: Final = {Format.BALABIT: csvforms.BALABIT, Format.SAPIMOUSE: csvforms.SAPIMOUSE}


def detect(untrusted_head: bytes) -> Format | None:
    """Return the form of a recording that begins with these bytes; None when it is none that we know."""
    head = untrusted_head.removeprefix(b"\xef\xbb\xbf")
    if head.startswith(native.MAGIC):
        return Format.NATIVE
    lines = [line.rstrip(b"\r") for line in head.split(b"\n")]
    for name, form in _CSV.items():
        if lines[0] == form.header:
            return name
    rows = [line for line in lines if line[:1].isdigit()]
    if (
        rows
        and rows[0].count(b",") >= 1
        and rows[0].partition(b",")[0] in (b"0", b"1", b"2", b"3", b"6", b"7")
    ):
        return Format.CNEE
    return Format.CNEE if b"Xnee" in head else None


def read(path: Path, progress: Progress | None = None) -> Events:
    """Return the events of the recording at `path`, times monotonic, in ms.

    progress: called with (bytes read, bytes in all) while a large file is read.
    Raises BadInput, naming file, line and reason, for anything malformed, empty or absurdly large.
    """
    return read_recording(path, progress).events


def read_recording(path: Path, progress: Progress | None = None) -> Recording:
    """Like `read`, and say which form it was and what was mended."""
    size_of(path)
    with path.open("rb") as file:
        form = detect(file.read(_HEAD_BYTES))
    if form is None:
        raise BadInput(
            f"{path}, line 1: this is no recording that mousegate knows "
            "(Balabit CSV, SapiMouse CSV, cnee text or native). Name another file."
        )
    if form is Format.NATIVE:
        events = native.read(path)
        recording = Recording(events, form, Defects(unmatched_buttons=unmatched_buttons(events)))
    else:
        rows = cnee.rows(path, progress) if form is Format.CNEE else csvforms.rows(path, _CSV[form], progress)
        recording = _assemble(path, form, rows)
    if not len(recording.events):
        refuse(path, 2, "it holds no pointer events")
    return recording


def _assemble(path: Path, form: Format, rows: Iterable[csvforms.RawRows]) -> Recording:
    chunks = list(_bounded(path, rows))
    if not chunks:
        refuse(path, 2, "it holds no pointer events")
    events = np.concatenate([chunk.events for chunk in chunks])
    lines = np.concatenate([chunk.lines for chunk in chunks])
    wheel = np.concatenate([chunk.wheel for chunk in chunks])
    unplaced = np.concatenate([chunk.unplaced for chunk in chunks])
    impossible = sum(chunk.impossible for chunk in chunks)
    chunks.clear()
    duplicates = int(np.count_nonzero(np.diff(events["time_ms"]) == 0))
    times, clamped, resets = mend_clock(events["time_ms"], lines, path)
    events["time_ms"] = times
    place(events, unplaced)
    if wheel.any():
        events, _ = wheel_clicks(events, wheel)
    return Recording(
        events, form, Defects(duplicates, clamped, resets, impossible, unmatched_buttons(events))
    )


def _bounded(path: Path, rows: Iterable[csvforms.RawRows]) -> Iterator[csvforms.RawRows]:
    count = 0
    for chunk in rows:
        count += len(chunk.events)
        if count > LIMITS.max_events:
            raise BadInput(
                f"{path} holds more than {LIMITS.max_events} events (TextLimits.max_events). Split it."
            )
        yield chunk


def write(path: Path, events: Events, form: Format | str = Format.NATIVE) -> None:
    """Write `events` to `path` in `form`, atomically: the whole file appears, or nothing changes.

    Raises UsageError for an unknown form, and BadInput when the file cannot be written.
    """
    try:
        form = Format(form)
    except ValueError as error:
        raise UsageError(f"{form!r} is no form of recording; choose from {', '.join(Format)}.") from error
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with aside.open("xb") as file:
            for block in _blocks(events, form):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        aside.unlink(missing_ok=True)


def _blocks(events: Events, form: Format, rows: int = 65536) -> Iterator[bytes]:
    if form is Format.NATIVE:
        yield native.encode(events)
        return
    text = cnee.text(events) if form is Format.CNEE else csvforms.text(events, _CSV[form])
    block: list[str] = []
    for line in text:
        block.append(line)
        if len(block) >= rows:
            yield ("\n".join(block) + "\n").encode()
            block.clear()
    if block:
        yield ("\n".join(block) + "\n").encode()
