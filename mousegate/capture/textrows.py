"""Rows of comma-separated text, split and parsed by numpy a chunk at a time.

A recording of ten million rows is read in seconds and in bounded memory, and a malformed row is still
named by its line. Nothing here knows what the columns mean.
"""

import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from mousegate.errors import BadInput

Progress = Callable[[int, int], None]
"""Called with (bytes read, bytes in all)."""


@dataclass(frozen=True, slots=True)
class TextLimits:
    """What is refused without being read: no recording that a person made comes near any of these.

    max_events: 40 hours of uninterrupted movement at 125 events/s is 18 million.
    max_bytes: that many rows of the widest format. max_line: the longest device name is far shorter.
    """

    max_events: int = 20_000_000
    max_bytes: int = 2 << 30
    max_line: int = 4096
    chunk_bytes: int = 4 << 20


LIMITS: Final = TextLimits()
MAX_TIME_DIGITS: Final = 13
"""Digits of a time before its point: Unix time in ms has 13 until the year 2286."""
COORDINATE_RANGE: Final = (-32768, 32767)
"""X11 protocol: positions are INT16."""

_NEWLINE, _COMMA, _RETURN, _MINUS, _POINT, _ZERO, _NINE, _SPACE = (ord(c) for c in "\n,\r-.09 ")
_FRACTION_DIGITS: Final = 5
_PAD: Final = 64


def refuse(path: Path, line: int, reason: str) -> NoReturn:
    """Raise the BadInput that every malformed recording gets: file, line and reason."""
    raise BadInput(f"{path}, line {line}: {reason}. Nothing was read; repair the file or record again.")


def size_of(path: Path, limits: TextLimits = LIMITS) -> int:
    """Return the size of a readable, regular, not absurd file in bytes. Raises BadInput otherwise."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise BadInput(f"{path} is not a regular file; name a recording.")
        with path.open("rb"):
            pass
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror or error}. Check its name.") from error
    if found.st_size == 0:
        refuse(path, 1, "the file is empty")
    if found.st_size > limits.max_bytes:
        raise BadInput(
            f"{path} is too large: {found.st_size >> 20} MiB, and the limit is {limits.max_bytes >> 20} MiB "
            "(TextLimits.max_bytes). Split it."
        )
    return found.st_size


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of one chunk: `text` (uint8, padded), and of each line its start, end and number."""

    path: Path
    text: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    numbers: NDArray[np.int64]

    def select(self, mask: NDArray[np.bool_]) -> "Lines":
        """Return only the lines where `mask` is true."""
        return Lines(self.path, self.text, self.starts[mask], self.ends[mask], self.numbers[mask])

    def first_byte(self) -> NDArray[np.uint8]:
        """Return the first byte of each line; a newline for an empty one."""
        return np.where(self.ends > self.starts, self.text[self.starts], _NEWLINE).astype(np.uint8)

    def refuse(self, index: int, reason: str) -> NoReturn:
        """Raise BadInput for line `index` of this chunk."""
        refuse(self.path, int(self.numbers[index]), reason)

    def refuse_where(self, bad: NDArray[np.bool_], reason: str) -> None:
        """Raise BadInput for the first line where `bad` is true; return where there is none."""
        if bad.any():
            self.refuse(int(np.argmax(bad)), reason)


def line_chunks(path: Path, progress: Progress | None = None, limits: TextLimits = LIMITS) -> Iterator[Lines]:
    """Yield the file's lines, about `chunk_bytes` of them at a time.

    Carriage returns before a newline and a UTF-8 byte order mark are dropped, and so are empty lines at the
    very end. Raises BadInput for a line that is longer than `max_line`.
    """
    total = size_of(path, limits)
    number, rest, done = 1, b"", 0
    with path.open("rb") as file:
        while block := file.read(limits.chunk_bytes):
            rest = block.removeprefix(b"\xef\xbb\xbf") if done == 0 else rest + block
            done += len(block)
            chunk, rest = _whole_lines(rest)
            if chunk:
                yield (lines := _lines(path, chunk, number, limits))
                number += len(lines.starts)
            if len(rest) > limits.max_line:
                refuse(path, number, f"no row ends within {limits.max_line} bytes")
            if progress is not None:
                progress(done, total)
    if rest.strip(b"\r\n"):
        yield _lines(path, rest + b"\n", number, limits)


def _whole_lines(text: bytes) -> tuple[bytes, bytes]:
    """Cut after the last line that is not empty and is complete."""
    complete = text.rfind(b"\n") + 1
    filled = len(text[:complete].rstrip(b"\r\n"))
    cut = text.find(b"\n", filled) + 1 if filled else 0
    return text[:cut], text[cut:]


def _lines(path: Path, chunk: bytes, number: int, limits: TextLimits) -> Lines:
    text = np.frombuffer(chunk + bytes(_PAD), np.uint8)
    ends = np.flatnonzero(text[: len(chunk)] == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    ends = ends - ((ends > starts) & (text[ends - 1] == _RETURN))
    lines = Lines(path, text, starts, ends, number + np.arange(len(starts), dtype=np.int64))
    lines.refuse_where(ends - starts > limits.max_line, f"a line is longer than {limits.max_line} bytes")
    return lines


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of some lines: `starts` and `ends` have shape (lines, columns)."""

    lines: Lines
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def span(self, first: int, last: int | None = None) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where field `first` (to `last`, joined by their commas) starts and ends in each line."""
        return self.starts[:, first], self.ends[:, first if last is None else last]


def split(lines: Lines, columns: int, *, exact: bool = True) -> Fields:
    """Return the first `columns` fields of each line.

    Raises BadInput for a line with fewer, or with more where `exact`.
    """
    commas = np.flatnonzero(lines.text == _COMMA)
    first = np.searchsorted(commas, lines.starts)
    count = np.searchsorted(commas, lines.ends) - first + 1
    wrong = (count != columns) if exact else (count < columns)
    if wrong.any():
        index = int(np.argmax(wrong))
        lines.refuse(index, f"{columns} fields were expected, {count[index]} found")
    places = np.append(commas, np.zeros(columns, np.int64))[first[:, None] + np.arange(columns)]
    starts = np.column_stack((lines.starts, places[:, : columns - 1] + 1))
    last = np.where(count > columns, places[:, columns - 1], lines.ends)
    ends = np.column_stack((places[:, : columns - 1], last))
    return Fields(lines, starts, ends)


def integers(
    fields: Fields, column: int, name: str, allowed: tuple[int, int] = COORDINATE_RANGE
) -> NDArray[np.int64]:
    """Return the whole numbers of `column`. Raises BadInput for anything else, or outside `allowed`."""
    starts, ends = fields.span(column)
    negative = (fields.lines.text[starts] == _MINUS) & (ends > starts)
    value, places, bad = _digits(fields.lines.text, starts + negative, ends, fraction=False)
    del places
    fields.lines.refuse_where(bad, f"{name} is not a whole number of reasonable size")
    value = np.where(negative, -value, value)
    low, high = allowed
    fields.lines.refuse_where((value < low) | (value > high), f"{name} is not within {low} to {high}")
    return value


def milliseconds(fields: Fields, column: int, name: str, unit_ms: int) -> NDArray[np.int64]:
    """Return times in whole ms (rounded half up), of `column` in units of `unit_ms` (1 or 1000).

    Raises BadInput for what is not a plain decimal number of at most MAX_TIME_DIGITS digits: NaN, infinity,
    exponents, signs, nothing.
    """
    starts, ends = fields.span(column)
    value, places, bad = _digits(fields.lines.text, starts, ends, fraction=True)
    fields.lines.refuse_where(bad, f"{name} is not a plain number of reasonable size")
    fine = value * 10 ** (_FRACTION_DIGITS - places)
    divisor = 10**_FRACTION_DIGITS // unit_ms
    return (fine + divisor // 2) // divisor


def _digits(
    text: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64], *, fraction: bool
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Return (digits as one integer, digits after the point kept, malformed) for each span."""
    width = ends - starts
    value = np.zeros(len(starts), np.int64)
    kept = np.zeros(len(starts), np.int64)
    whole = np.zeros(len(starts), np.int64)
    pointed = np.zeros(len(starts), np.bool_)
    longest = MAX_TIME_DIGITS + 20
    bad = (width < 1) | (width > longest)
    for place in range(int(min(width.max(initial=0), longest))):
        byte = text[np.minimum(starts + place, len(text) - 1)]
        inside = place < width
        digit = (byte >= _ZERO) & (byte <= _NINE)
        point = inside & (byte == _POINT)
        bad |= (inside & ~digit & ~point) | (point & pointed)
        take = inside & digit & (~pointed | (kept < _FRACTION_DIGITS)) & (whole < MAX_TIME_DIGITS + pointed)
        bad |= inside & digit & ~pointed & (whole >= MAX_TIME_DIGITS)
        value = np.where(take, value * 10 + (byte.astype(np.int64) - _ZERO), value)
        kept += take & pointed
        whole += take & ~pointed
        pointed |= point
    bad |= (whole == 0) | (pointed & (not fraction))
    return value, kept, bad


def categories(fields: Fields, first: int, last: int, words: Sequence[bytes], name: str) -> NDArray[np.int64]:
    """Return for each line the index in `words` of its fields `first` to `last`, joined by commas.

    Raises BadInput that quotes the first text that is none of the words.
    """
    starts, ends = fields.span(first, last)
    width = ends - starts
    size = max(len(word) for word in words)
    text = fields.lines.text
    columns = np.minimum(starts[:, None] + np.arange(size), len(text) - 1)
    found = np.where(np.arange(size) < width[:, None], text[columns], 0).astype(np.uint8)
    keys = np.ascontiguousarray(found).view(f"S{size}")[:, 0]
    codes: NDArray[Any] = np.full(len(starts), -1, np.int64)
    for code, word in enumerate(words):
        codes[(width == len(word)) & (keys == word)] = code
    unknown = codes < 0
    if unknown.any():
        index = int(np.argmax(unknown))
        shown = bytes(text[starts[index] : min(ends[index], starts[index] + 40)]).decode("ascii", "replace")
        fields.lines.refuse(index, f"{name} {shown!r} is not known")
    return codes
