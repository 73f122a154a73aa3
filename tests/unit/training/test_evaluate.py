"""`mousegate evaluate`: the trials contract, with the shipped model and recordings made by the test."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from mousegate.capture import formats
from mousegate.errors import BadInput
from mousegate.training.evaluate import NOTHING_TO_COMPARE, main
from mousegate.training.trials import read_trials
from tests.unit.training.synthetic import person_moves

HEADER = "reference,enrol,probe,start_s,duration_s"


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of recordings of three made-up people, two sessions each."""
    folder = tmp_path_factory.mktemp("recordings")
    for person in range(3):
        for session in range(2):
            formats.write(
                folder / f"p{person}s{session}.csv", person_moves(person, session, 40.0), "sapimouse"
            )
    return folder


def scores(folder: Path, lines: list[str], *options: str) -> tuple[int, list[dict[str, str]]]:
    """Write trials, evaluate them, and return the exit status and the rows of the scores."""
    (folder / "trials.csv").write_text("\n".join([HEADER, *lines]) + "\n")
    status = main([str(folder / "trials.csv"), "--out", str(folder / "scores.csv"), *options])
    with (folder / "scores.csv").open(newline="") as stream:
        return status, list(csv.DictReader(stream))


def test_scores_repeat_the_trials(recordings: Path) -> None:
    """Each row comes back in its place with a finite score and a decision."""
    lines = [
        f"p{r},p{r}s0.csv,p{p}s1.csv,{start},10" for r in range(3) for p in range(3) for start in (0, 12.5)
    ]
    status, rows = scores(recordings, lines)
    assert status == 0
    assert [",".join(list(row.values())[:5]) for row in rows] == lines
    assert all(row["decision"] in {"match", "non-match", "inconclusive"} for row in rows)
    assert all(abs(float(row["score"])) < 100 for row in rows)


def test_missing_file_is_told_and_the_rest_scored(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A trial that names a missing file gives its line number and exit status 65; the others are scored."""
    lines = ["p0,p0s0.csv,p0s1.csv,0,", "p0,p0s0.csv,nobody.csv,0,5", "p1,p1s0.csv,p0s1.csv,0,5"]
    status, rows = scores(recordings, lines)
    assert status == 65
    assert [bool(row["score"]) for row in rows] == [True, False, True]
    assert rows[1]["decision"] == ""
    assert "line 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    "bad",
    [
        "p0,p0s0.csv,p0s1.csv,soon,5",
        "p0,p0s0.csv,p0s1.csv,0,0",
        "p0,,p0s1.csv,0,5",
        "p0,p0s0.csv,p0s1.csv,-1,5",
    ],
)
def test_malformed_line_is_told(recordings: Path, capsys: pytest.CaptureFixture[str], bad: str) -> None:
    """A line that makes no sense is refused by number; the rest are scored."""
    status, rows = scores(recordings, [bad, "p0,p0s0.csv,p0s1.csv,0,5"])
    assert status == 65
    assert [bool(row["score"]) for row in rows] == [False, True]
    assert "line 2" in capsys.readouterr().err


def test_stretch_without_movement_is_inconclusive(recordings: Path) -> None:
    """A stretch beyond the recording's end compares nothing, scores lowest and is inconclusive."""
    status, rows = scores(recordings, ["p0,p0s0.csv,p0s1.csv,500,5"])
    assert status == 0
    assert rows[0]["decision"] == "inconclusive"
    assert float(rows[0]["score"]) == NOTHING_TO_COMPARE


def test_several_recordings_enrol_together(recordings: Path) -> None:
    """Recordings separated by a semicolon make one reference."""
    status, rows = scores(recordings, ["p0,p0s0.csv;p1s0.csv,p0s1.csv,0,10", "p0,p0s0.csv,p0s1.csv,0,10"])
    assert status == 0
    assert rows[0]["score"] != rows[1]["score"]


def test_rhythm_compares_holds(recordings: Path) -> None:
    """With --factor rhythm a person's natural holds score above those of another made-up person."""
    lines = [f"p{r},p{r}s0.csv,p{p}s1.csv,0," for r in range(3) for p in range(3)]
    status, rows = scores(recordings, lines, "--factor", "rhythm")
    values = [float(row["score"]) for row in rows]
    assert status == 0
    assert sum(values[0::4]) / 3 > (sum(values) - sum(values[0::4])) / 6


def test_wrong_columns_are_refused(tmp_path: Path) -> None:
    """A file with other columns is refused by its first line."""
    path = tmp_path / "trials.csv"
    path.write_text("who,what\n1,2\n")
    with pytest.raises(BadInput, match="line 1"):
        read_trials(path)


def test_evaluate_never_loads_torch() -> None:
    """Importing what `mousegate evaluate` runs leaves torch out."""
    code = "import sys, mousegate.training.evaluate; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
