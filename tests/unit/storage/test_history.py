"""The history's file."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mousegate.errors import StoreError
from mousegate.storage.history import DAY_S, KEPT_DAYS, Entry, History, Stretch, What

DAY = 20_000 * DAY_S


@pytest.fixture
def history(tmp_path: Path) -> History:
    """A history in a private directory."""
    return History(tmp_path / "person")


def test_entries_come_back_in_order(history: History) -> None:
    """What was appended is read, oldest first, of the time asked for; the file is private."""
    entries = [Entry(float(number), What.ANOMALY, 0.5, f"{number}", number / 2) for number in range(5)]
    for entry in entries:
        history.append(entry)
    assert history.since() == entries
    assert history.since(3.0) == entries[3:]
    assert history.since(1.0, 3.0) == entries[1:3]
    assert history.path.stat().st_mode & 0o777 == 0o600


def test_comparisons_come_back(history: History) -> None:
    """A stretch is read as it was written, an inconclusive one too."""
    stretches = [Stretch(5.0, 1.5, 5.0, 0.9, 1.7, "me", "mouse"), Stretch(9.0, None, 5.0, 0.9, 1.7)]
    history.append_stretches(stretches)
    history.append_stretches([])
    assert history.stretches() == stretches
    assert history.stretches(6.0) == stretches[1:]


@pytest.mark.parametrize("kept_days", [1, KEPT_DAYS])
def test_old_ones_are_dropped(tmp_path: Path, kept_days: int) -> None:
    """Nothing is kept longer than the days that were chosen; a day less is."""
    history = History(tmp_path / "person", kept_days)
    for age_days in (kept_days + 0.5, kept_days - 0.5):
        history.append(Entry(DAY - age_days * DAY_S, What.LOCKED, 1.0))
        history.append_stretches([Stretch(DAY - age_days * DAY_S, 1.0, 5.0, 1.0, 1.7)])
    History(tmp_path / "person", kept_days).append(Entry(DAY, What.LOCKED, 1.0))
    assert [(DAY - one.time_s) / DAY_S for one in history.since()] == [kept_days - 0.5, 0]
    assert len(history.stretches()) == 1


def test_a_clock_that_steps_back_drops_nothing(history: History) -> None:
    """Entries of a wrong future stay until their time, and the present ones are kept."""
    history.append(Entry(DAY + 400 * DAY_S, What.LOCKED, 1.0))
    history.append(Entry(DAY, What.LOCKED, 1.0))
    assert len(history.since()) == 2


def test_damaged_file_is_put_aside(history: History, caplog: pytest.LogCaptureFixture) -> None:
    """Appending to rubbish starts anew, keeps the rubbish, says so once, and loses nothing new."""
    history.append(Entry(1.0, What.LOCKED, 1.0))
    history.path.write_bytes(b"rubbish" * 1000)
    with pytest.raises(StoreError, match="move it away"):
        history.since()
    with caplog.at_level(logging.WARNING):
        history.append(Entry(2.0, What.LOCKED, 1.0))
        history.append(Entry(3.0, What.LOCKED, 1.0))
    assert [one.time_s for one in history.since()] == [2.0, 3.0]
    assert len(caplog.records) == 1 and "damaged" in caplog.text
    assert history.path.with_name("history.sqlite.damaged").read_bytes().startswith(b"rubbish")


def test_what_cannot_be_written_waits(history: History, caplog: pytest.LogCaptureFixture) -> None:
    """While another program holds the file nothing is lost: named once, and written later."""
    history.append(Entry(1.0, What.LOCKED, 1.0))
    with closing(sqlite3.connect(history.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        history.append(Entry(2.0, What.ANOMALY, 0.4))
        history.append(Entry(3.0, What.ANSWER, 0.4))
        other.execute("ROLLBACK")
    assert caplog.text.count("cannot be written") == 1
    history.append(Entry(4.0, What.UNLOCKED, 1.0))
    assert [one.time_s for one in history.since()] == [1.0, 2.0, 3.0, 4.0]


def test_older_files_are_read(history: History) -> None:
    """A history of the first version keeps its entries."""
    history.path.parent.mkdir(mode=0o700)
    history.path.touch(mode=0o600)
    with closing(sqlite3.connect(history.path)) as old, old:
        old.execute(
            """CREATE TABLE entry (number INTEGER PRIMARY KEY AUTOINCREMENT, time_s REAL NOT NULL,
            kind TEXT NOT NULL, trust REAL NOT NULL, detail TEXT NOT NULL)"""
        )
        old.execute("INSERT INTO entry (time_s, kind, trust, detail) VALUES (1, 'trust', 0.5, '')")
    assert history.since() == [Entry(1.0, What.TRUST, 0.5)]


def test_newer_files_are_left_alone(history: History) -> None:
    """A file of a newer version is neither read nor put aside."""
    history.append(Entry(1.0, What.LOCKED, 1.0))
    with closing(sqlite3.connect(history.path)) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match="newer"):
        history.since()
    history.append(Entry(2.0, What.LOCKED, 1.0))
    assert not history.path.with_name("history.sqlite.damaged").exists()


def test_erased_is_erased(history: History) -> None:
    """Afterwards there is nothing to read, and the words are not in the file any more."""
    history.append(Entry(1.0, What.ANOMALY, 0.4, "an unmistakable reason"))
    assert b"unmistakable" in history.path.read_bytes()
    history.erase()
    assert history.since() == []
    assert b"unmistakable" not in history.path.read_bytes()


def test_nothing_yet_is_nothing(history: History) -> None:
    """Before the first entry there is none, and reading or erasing creates none."""
    history.erase()
    assert (history.since(), history.stretches()) == ([], [])
    assert not history.path.exists()
