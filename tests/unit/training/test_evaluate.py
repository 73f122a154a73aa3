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


def test_bad_recordings_are_told_by_line_and_reason(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A missing or malformed recording, on either side, is told at each line that names it."""
    (recordings / "torn.csv").write_text("client timestamp,button,state,x,y\n1,NoButton,Move,x,1\n")
    lines = [
        "p0,nobody.csv,p0s1.csv,0,5", "p0,p0s0.csv;torn.csv,p0s1.csv,0,5", "p0,p0s0.csv,torn.csv,0,5",
        "p0,p0s0.csv,torn.csv,5,5", "p0,p0s0.csv,p0s1.csv,0,5",
    ]  # fmt: skip
    status, rows = scores(recordings, lines)
    assert status == 65
    assert [bool(row["score"]) for row in rows] == [False, False, False, False, True]
    told = capsys.readouterr().err.splitlines()
    assert [f"line {number}" in line for number, line in zip((2, 3, 4, 5), told, strict=True)] == [True] * 4
    assert "nobody.csv" in told[0]
    assert all("torn.csv" in line and "line 2" in line for line in told[1:])


def test_too_little_to_enrol_is_told_and_inconclusive(
    recordings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person with too little movement is named once with the reason, and none of their trials matches."""
    formats.write(recordings / "brief.csv", person_moves(5, 0, 5.0), "sapimouse")
    status, rows = scores(recordings, [f"short,brief.csv,p0s1.csv,{start},5" for start in range(3)])
    assert status == 0
    assert {row["decision"] for row in rows} == {"inconclusive"}
    assert {float(row["score"]) for row in rows} == {NOTHING_TO_COMPARE}
    told = capsys.readouterr().err
    assert told.count("not enrolled: short: Only") == 1
    assert "at least 20 s" in told


def test_order_of_lines_does_not_matter(recordings: Path) -> None:
    """Trials are scored in another order than they stand in, and come back in theirs with the same scores."""
    lines = [f"p{r},p{r}s0.csv,p{p}s1.csv,{start},5" for start in (10, 0) for p in (1, 0) for r in (0, 1)]
    forward = scores(recordings, lines)[1]
    backward = scores(recordings, lines[::-1])[1]
    assert forward == backward[::-1]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"reference;enrol\n", b"\x00\x01"])
def test_what_is_no_trials_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    """One line and exit status 65, and no scores are written."""
    (tmp_path / "trials.csv").write_bytes(content)
    assert main([str(tmp_path / "trials.csv"), "--out", str(tmp_path / "scores.csv")]) == 65
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "scores.csv").exists()


def test_no_trials_file_no_folder_and_no_model(recordings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A missing trials file, a place that cannot be written and a missing model each are told in a line."""
    trials, out = recordings / "one.csv", recordings / "out.csv"
    trials.write_text(f"{HEADER}\np0,p0s0.csv,p0s1.csv,0,5\n")
    cases = [
        ([str(recordings / "none.csv"), "--out", str(out)], 65, "none.csv"),
        ([str(trials), "--out", str(recordings / "nowhere" / "out.csv")], 65, "--out"),
        ([str(trials), "--out", str(out), "--model", str(recordings)], 70, "Install mousegate again"),
        ([str(trials)], 64, "--out"),
    ]
    for words, status, text in cases:
        assert main(words) == status
        assert text in capsys.readouterr().err


@pytest.mark.parametrize(
    "bad",
    [
        "p0,p0s0.csv,p0s1.csv,soon,5",
        "p0,p0s0.csv,p0s1.csv,nan,5",
        "p0,p0s0.csv,p0s1.csv,0,inf",
        "p0,p0s0.csv",
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
