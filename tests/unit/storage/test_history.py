"""The history's file."""

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.errors import StoreError
from mousegate.storage.history import KEPT_S, Entry, History, ago


@pytest.fixture
def history(tmp_path: Path) -> History:
    """A history in a private directory."""
    return History(tmp_path / "person")


def test_entries_come_back_in_order(history: History) -> None:
    """What was appended is read, oldest first, from the time asked for; the file is private."""
    entries = [Entry(float(number), "trust", 0.5, f"{number}") for number in range(5)]
    for entry in entries:
        history.append(entry)
    assert history.since() == entries
    assert history.since(3.0) == entries[3:]
    assert history.path.stat().st_mode & 0o777 == 0o600


def test_old_entries_are_dropped(history: History) -> None:
    """Nothing is kept longer than it says."""
    history.append(Entry(1.0, "trust", 1.0))
    history.append(Entry(KEPT_S + 2.0, "trust", 1.0))
    assert [entry.time_s for entry in history.since()] == [KEPT_S + 2.0]


def test_broken_file_is_named_once_and_never_raises(
    history: History, caplog: pytest.LogCaptureFixture
) -> None:
    """Appending to rubbish is one line in the log; reading it is a StoreError that says what to do."""
    history.append(Entry(1.0, "trust", 1.0))
    history.path.write_bytes(b"rubbish" * 1000)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            history.append(Entry(2.0, "trust", 1.0))
    assert len(caplog.records) == 1
    with pytest.raises(StoreError, match="move it away"):
        history.since()


def test_nothing_yet_is_nothing(history: History) -> None:
    """Before the first entry there is none."""
    assert history.since() == []


@given(st.integers(0, 999_999), st.sampled_from("mhd"))
def test_spans_are_read(number: int, unit: str) -> None:
    """30m, 8h and 7d mean what they say."""
    assert ago(f"{number}{unit}", 1e12) == 1e12 - number * {"m": 60, "h": 3600, "d": 86400}[unit]


@given(st.text(max_size=8))
def test_other_words_are_refused(words: str) -> None:
    """Anything else is a ValueError."""
    if words[-1:] in ("m", "h", "d") and words[:-1].isascii() and words[:-1].isdigit():
        return
    with pytest.raises(ValueError):
        ago(words)
