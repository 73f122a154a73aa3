"""The data-set readers mend what is known to be wrong, count it, and refuse the rest."""

import tarfile
from pathlib import Path

import numpy as np
import pytest

from mousegate.core.events import Kind
from mousegate.errors import BadInput
from mousegate.training.augment import Retiming, retime
from mousegate.training.corpus import load
from mousegate.training.datasets import Defect, DefectLog, read_balabit, read_hbrs, read_sapimouse
from tests.unit.training.synthetic import person_moves

SAPIMOUSE = "client timestamp,button,state,x,y"
BALABIT = "record timestamp,client timestamp,button,state,x,y"


def rows(count: int = 80, step: float = 16) -> list[str]:
    """Return `count` moves in SapiMouse's columns."""
    return [f"{number * step},NoButton,Move,{100 + number},{200 + number}" for number in range(count)]


def sapimouse(folder: Path, lines: list[str], header: str = SAPIMOUSE) -> Path:
    """Write a data set of one person whose 1-minute session has `lines`."""
    person = folder / "sapimouse" / "user1"
    person.mkdir(parents=True)
    (person / "session_2020_05_14_1min.csv").write_text("\n".join([header, *lines]) + "\n")
    (person / "session_2020_05_14_3min.csv").write_text("\n".join([header, *rows()]) + "\n")
    return folder / "sapimouse"


def test_clean_recording(tmp_path: Path) -> None:
    """A clean recording reads whole, with no defect."""
    log = DefectLog()
    found = list(read_sapimouse(sapimouse(tmp_path, rows()), log))
    assert [len(one.events) for one in found] == [80, 80]
    assert found[0].person == "sapimouse/user1"
    assert not log.counts


@pytest.mark.parametrize(
    ("line", "defect"),
    [
        ("80,NoButton,Move,65535,65535", Defect.COORDINATE),
        ("80,NoButton,Flying,1,1", Defect.ROW),
        ("80,NoButton", Defect.ROW),
        ("soon,NoButton,Move,1,1", Defect.ROW),
        ("nan,NoButton,Move,1,1", Defect.COORDINATE),
        ("80,Left,Pressed,105,205", Defect.UNMATCHED_BUTTON),
        ("60,NoButton,Move,105,205", Defect.BACKWARD_TIME),
    ],
)
def test_each_defect_is_mended_and_counted(tmp_path: Path, line: str, defect: Defect) -> None:
    """One defective row is counted by name, and the recording still reads with times never decreasing."""
    lines = rows()
    lines.insert(6, line)
    log = DefectLog()
    found = list(read_sapimouse(sapimouse(tmp_path, lines), log))
    assert log.counts[defect] == 1
    assert (np.diff(found[0].events["time_ms"]) >= 0).all()
    assert np.abs(found[0].events["x"]).max() < 32767


def test_clock_reset_splits(tmp_path: Path) -> None:
    """A clock that starts again makes two recordings, as in Balabit's user15."""
    folder = tmp_path / "balabit" / "training_files" / "user15"
    folder.mkdir(parents=True)
    moves = [f"0,{n * 0.016},NoButton,Move,{n},{n}" for n in range(2000)]
    (folder / "session_1").write_text("\n".join([BALABIT, *moves, *moves[:100]]) + "\n")
    log = DefectLog()
    found = list(read_balabit(tmp_path / "balabit", log))
    assert [len(one.events) for one in found] == [2000, 100]
    assert log.counts[Defect.CLOCK_RESET] == 1


def test_too_short_and_missing_session(tmp_path: Path) -> None:
    """A recording of a few events is left out by name, and so is told a person without both sessions."""
    folder = sapimouse(tmp_path, rows(5))
    (folder / "user2").mkdir()
    log = DefectLog()
    assert len(list(read_sapimouse(folder, log))) == 1
    assert log.counts[Defect.TOO_SHORT] == 1
    assert log.counts[Defect.MISSING_SESSION] == 1


def test_wrong_columns_are_refused(tmp_path: Path) -> None:
    """A file with other columns is refused by file, line and what was found."""
    folder = sapimouse(tmp_path, rows(), header="a,b,c")
    with pytest.raises(BadInput, match="line 1"):
        list(read_sapimouse(folder, DefectLog()))


def test_hbrs_moves(tmp_path: Path) -> None:
    """H-BRS rows give movement in ms; a row that cannot be read is counted."""
    (tmp_path / "move").mkdir()
    lines = [
        f"{n};2022-01-13 12:44:{n // 10:02d}.{n % 10}00000+00:00;t;move;[{n}, {2 * n}]" for n in range(100)
    ]
    text = "\n".join([";time;token;event;global_position", *lines, "9;never;t;move;[1, 1]"])
    (tmp_path / "move" / "t_move.csv").write_text(text + "\n")
    log = DefectLog()
    (found,) = read_hbrs(tmp_path, log)
    assert found.person == "hbrs/t"
    assert (found.events["kind"] == Kind.MOVE).all()
    assert found.events["time_ms"][-1] == 9900
    assert log.counts[Defect.ROW] == 1


def test_no_data_is_told(tmp_path: Path) -> None:
    """A folder without any data set, and a damaged archive, are each refused in a line."""
    with pytest.raises(BadInput, match="none of the data sets"):
        load(tmp_path, tmp_path / "cache")
    (tmp_path / "sapimouse.tar.xz").write_bytes(b"no archive")
    with pytest.raises(BadInput, match="cannot be unpacked"):
        load(tmp_path, tmp_path / "cache")


def test_archive_is_unpacked_once(tmp_path: Path) -> None:
    """A data set is read from its .tar.xz archive, and from the cache when the archive is gone."""
    sapimouse(tmp_path / "made", rows())
    archive = tmp_path / "sapimouse.tar.xz"
    with tarfile.open(archive, "w:xz") as stream:
        stream.add(tmp_path / "made" / "sapimouse", "sapimouse")
    assert len(load(tmp_path, tmp_path / "cache").recordings) == 2
    archive.unlink()
    assert len(load(tmp_path, tmp_path / "cache").recordings) == 2


@pytest.mark.parametrize("name", ["../outside.csv", "/outside.csv"])
def test_archive_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    """A member that would be written outside the cache is refused, and nothing is written there."""
    with tarfile.open(tmp_path / "sapimouse.tar.xz", "w:xz") as stream:
        stream.addfile(tarfile.TarInfo(name))
    with pytest.raises(BadInput, match="cannot be unpacked"):
        load(tmp_path, tmp_path / "cache" / "deep")
    assert not list(tmp_path.rglob("outside.csv"))


def test_retiming_keeps_order_and_clicks() -> None:
    """Any alteration keeps times in order and every press and release."""
    events = person_moves(0, 0, 20.0)
    rng = np.random.default_rng(0)
    altered = retime(events, Retiming(1.25, 15.6, 3.0, 0.3, 0.5, (10, -10)), rng)
    assert (np.diff(altered["time_ms"]) >= 0).all()
    assert (altered["kind"] != Kind.MOVE).sum() == (events["kind"] != Kind.MOVE).sum()
    assert len(altered) < len(events)


def test_wrong_columns_of_hbrs_are_refused(tmp_path: Path) -> None:
    """A survey file with other columns is refused by file and line, rather than read as empty."""
    (tmp_path / "move").mkdir()
    (tmp_path / "move" / "t_move.csv").write_text("a;b\n1;2\n")
    with pytest.raises(BadInput, match=r"t_move\.csv, line 1"):
        list(read_hbrs(tmp_path, DefectLog()))


def test_row_without_end_is_refused(tmp_path: Path) -> None:
    """A row longer than any reader takes is refused by file and line."""
    lines = [*rows(), "9" * 200_000]
    with pytest.raises(BadInput, match="line 8"):
        list(read_sapimouse(sapimouse(tmp_path, lines), DefectLog()))


def test_missing_files_of_a_set_are_named(tmp_path: Path) -> None:
    """A data set whose inner folder is missing is refused with the folder's name."""
    (tmp_path / "balabit").mkdir()
    with pytest.raises(BadInput, match="training_files is missing"):
        load(tmp_path, tmp_path / "cache")


def test_missing_set_is_told_and_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With one data set of three, that one is read and the others are named as missing."""
    sapimouse(tmp_path, rows())
    assert len(load(tmp_path, tmp_path / "cache").recordings) == 2
    assert "balabit" in caplog.text
    assert "hbrs" in caplog.text
