"""Moments as people write them: how long ago, a day, or a date."""

import re
import time
from datetime import datetime, timedelta
from typing import Final

from mousegate.errors import UsageError

_UNITS: Final = {
    "s": 1.0, "second": 1.0, "m": 60.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0,
    "d": 86_400.0, "day": 86_400.0, "w": 604_800.0, "week": 604_800.0, "month": 2_592_000.0,
}  # fmt: skip
_PART: Final = re.compile(r"(\d{1,6})\s*([a-z]+)\s*(?:and|,)?\s*", re.ASCII)
_FORMATS: Final = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S")
HINT: Final = "write it as 30m, 8h, '2 days', yesterday, monday, 2026-11-20, '2026-11-20 14:30' or 14:30"
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def since(untrusted_words: str, now_s: float | None = None) -> float:
    """Return the Unix time that is meant, in the local time zone. Raises UsageError with how to write it.

    A span counts back from `now_s` (by default now): `30m`, `1h30m`, `2 days`. `today`, `yesterday` and names
    of days mean their midnight, dates too; `14:30` is today's, and yesterday's where that is still to come.
    """
    now_s = time.time() if now_s is None else now_s
    words = untrusted_words.strip().lower()
    found = _span(words)
    if found is not None:
        return now_s - found
    moment = _day(words, now_s) or _date(untrusted_words.strip()) or _clock(words, now_s)
    if moment is None:
        raise UsageError(f"--since {untrusted_words!r}: {HINT}.")
    try:
        return moment.timestamp()
    except (OverflowError, OSError, ValueError) as error:
        raise UsageError(f"--since {untrusted_words!r}: there is no such time here; {HINT}.") from error


def _span(words: str) -> float | None:
    words = words.removesuffix("ago").strip()
    total_s, at = 0.0, 0
    while at < len(words):
        match = _PART.match(words, at)
        unit = match and _UNITS.get(match[2], _UNITS.get(match[2].removesuffix("s")))
        if match is None or not unit:
            return None
        total_s, at = total_s + int(match[1]) * unit, match.end()
    return total_s if words else None


def _day(words: str, now_s: float) -> datetime | None:
    midnight = datetime.fromtimestamp(now_s).replace(hour=0, minute=0, second=0, microsecond=0)
    if words in ("today", "yesterday"):
        return midnight - timedelta(days=words == "yesterday")
    if words in _DAYS:
        return midnight - timedelta(days=(midnight.weekday() - _DAYS.index(words)) % 7)
    return None


def _date(words: str) -> datetime | None:
    for pattern in _FORMATS:
        try:
            return datetime.strptime(words, pattern)
        except ValueError:
            continue
    return None


def _clock(words: str, now_s: float) -> datetime | None:
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", words, re.ASCII)
    if match is None or int(match[1]) > 23 or int(match[2]) > 59:
        return None
    now = datetime.fromtimestamp(now_s)
    moment = now.replace(hour=int(match[1]), minute=int(match[2]), second=0, microsecond=0)
    return moment if moment <= now else moment - timedelta(days=1)
