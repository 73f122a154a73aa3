"""The whole report, on made-up people and the shipped model."""

import re
from pathlib import Path

import pytest

from mousegate.capture import formats
from mousegate.training.report import main
from tests.unit.training.synthetic import person_moves


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder like SapiMouse's with three people whom nobody trained on, and Balabit's with two."""
    folder = tmp_path_factory.mktemp("data")
    for number in (81, 82, 83):
        person = folder / "sapimouse" / f"user{number}"
        person.mkdir(parents=True)
        for session, (name, seconds) in enumerate((("3min", 90.0), ("1min", 60.0))):
            events = person_moves(number, session, seconds)
            formats.write(person / f"session_2020_01_01_{name}.csv", events, "sapimouse")
    for number in (7, 9):
        person = folder / "balabit" / "training_files" / f"user{number}"
        person.mkdir(parents=True)
        for session in range(3):
            formats.write(person / f"session_{session}", person_moves(number, session, 60.0), "balabit")
    return folder


@pytest.mark.timeout(300)
def test_report_has_every_table_and_picture(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One command writes a self-contained page with all that the model card is made of."""
    out = tmp_path / "report.html"
    words = ["report", "--data", str(data), "--work", str(tmp_path / "work"), "--out", str(out)]
    monkeypatch.setattr("sys.argv", words)
    assert main() == 0
    page, tables = out.read_text(), out.with_suffix(".md").read_text()
    for heading in (
        "Ordinary use, as recorded", "clock and screen altered", "EER % by enrolment duration",
        "Leakage controls", "Who is like whom", "The lock", "Closed set", "Continuous use",
    ):  # fmt: skip
        assert heading in page
    assert "neither trained it nor set its thresholds" in tables
    for title in (
        "EER by probe duration", "Detection error trade-off", "Receiver operating", "Scores, 15 s",
        "Calibration", "EER by enrolment duration", "Mean score", "Embeddings", "EER of attempts",
        "spliced strangers",
    ):  # fmt: skip
        assert title in page
    assert not re.search(r"(src|href)=.http", page)
    assert "nan" not in tables


def test_report_without_people_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty folder, and an output that cannot be written, are each refused in a line."""
    monkeypatch.setattr("sys.argv", ["report", "--data", str(tmp_path), "--work", str(tmp_path / "work")])
    assert main() == 65
    assert "none of the data sets" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    words = ["report", "--data", str(tmp_path), "--work", str(tmp_path / "file" / "work")]
    monkeypatch.setattr("sys.argv", words)
    assert main() == 65
    assert "cannot be made" in capsys.readouterr().err
