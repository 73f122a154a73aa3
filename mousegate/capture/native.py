"""The native form: two lines that say what follows, the events as they lie in memory, and a checksum.

    mousegate recording 1
    {"events": 1234, "row": "time_ms <i8, kind u1, button u1, x <i4, y <i4"}
    1234 rows of 18 bytes (core.events.EVENT_DTYPE), little-endian
    CRC-32 of all before it, 4 bytes, little-endian

Compact, exact, and read at the speed of the disk. `convert` turns it into text.
"""

import json
import zlib
from pathlib import Path
from typing import Final

import numpy as np

from mousegate.capture.textrows import COORDINATE_RANGE, LIMITS, refuse, size_of
from mousegate.core.events import EVENT_DTYPE, Events, Kind
from mousegate.errors import BadInput

MAGIC: Final = b"mousegate recording "
VERSION: Final = 1
_ROW: Final = ", ".join(f"{name} {EVENT_DTYPE[name].str.lstrip('|')}" for name in EVENT_DTYPE.names or ())
_MAX_HEADER: Final = 512
_CRC_BYTES: Final = 4


def encode(events: Events) -> bytes:
    """Return the native form of `events`."""
    header = json.dumps({"events": len(events), "row": _ROW})
    body = MAGIC + f"{VERSION}\n{header}\n".encode() + np.ascontiguousarray(events, EVENT_DTYPE).tobytes()
    return body + zlib.crc32(body).to_bytes(_CRC_BYTES, "little")


def read(path: Path) -> Events:
    """Return the events of a native recording. Raises BadInput naming file, line and reason."""
    size_of(path)
    untrusted = path.read_bytes()
    first, _, rest = untrusted[:_MAX_HEADER].partition(b"\n")
    second, found, _ = rest.partition(b"\n")
    version = first.removeprefix(MAGIC)
    if not first.startswith(MAGIC) or not version.isdigit():
        refuse(path, 1, "this is not a native recording")
    if int(version) > VERSION:
        raise BadInput(f"{path}, line 1: version {int(version)} is newer than this mousegate; update it.")
    offset = len(first) + len(second) + 2
    count = _count(path, second) if found else refuse(path, 2, "the header is truncated")
    expected = offset + count * EVENT_DTYPE.itemsize + _CRC_BYTES
    if len(untrusted) != expected:
        refuse(path, 3, f"{expected} bytes were expected, {len(untrusted)} found: it is truncated or altered")
    body = untrusted[:-_CRC_BYTES]
    if zlib.crc32(body) != int.from_bytes(untrusted[-_CRC_BYTES:], "little"):
        refuse(path, 3, "the checksum does not match: it is altered")
    events: Events = np.frombuffer(body, EVENT_DTYPE, count, offset).copy()
    check(path, events)
    return events


def _count(path: Path, untrusted_header: bytes) -> int:
    try:
        header = json.loads(untrusted_header)
    except (ValueError, RecursionError):
        refuse(path, 2, "the header is not JSON")
    if not isinstance(header, dict) or header.get("row") != _ROW or type(header.get("events")) is not int:
        refuse(path, 2, "the header does not describe pointer events")
    count = int(header["events"])
    if not 0 <= count <= LIMITS.max_events:
        refuse(path, 2, f"{count} events are announced, and the limit is {LIMITS.max_events}")
    return count


def check(path: Path, events: Events) -> None:
    """Raise BadInput, naming the event, where `events` break the promises of core.events."""
    low, high = COORDINATE_RANGE
    is_move = events["kind"] == Kind.MOVE
    faults = (
        (events["kind"] > max(Kind), "its kind is unknown"),
        (is_move != (events["button"] == 0), "its button does not fit its kind"),
        (np.minimum(events["x"], events["y"]) < low, "its position is impossible"),
        (np.maximum(events["x"], events["y"]) > high, "its position is impossible"),
        (np.diff(events["time_ms"], prepend=events["time_ms"][:1]) < 0, "its time runs backwards"),
        ((events["time_ms"] < 0) | (events["time_ms"] > 1 << 53), "its time is impossible"),
    )
    for bad, reason in faults:
        if bad.any():
            refuse(path, 3, f"event {int(np.argmax(bad)) + 1}: {reason}")
