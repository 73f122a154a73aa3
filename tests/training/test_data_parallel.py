"""Two processes of torchrun train one model from a folder of recordings, by the very command of one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mousegate.core.events import Kind
from mousegate.embedding.manifest import load_cohort, load_manifest
from tests.unit.training.synthetic import person_moves

_STATES = {Kind.MOVE: "NoButton,Move", Kind.PRESS: "Left,Pressed", Kind.RELEASE: "Left,Released"}
LEARNERS, WATCHED = range(1, 7), range(61, 64)


def write_sapimouse(folder: Path) -> None:
    """Write made-up people as the data set has them: some who train, some for development."""
    for user in [*LEARNERS, *WATCHED]:
        person = folder / "sapimouse" / f"user{user}"
        person.mkdir(parents=True)
        for session, (name, seconds) in enumerate([("3min", 90.0), ("1min", 40.0)]):
            rows = [
                f"{event['time_ms']},{_STATES[Kind(event['kind'])]},{event['x']},{event['y']}"
                for event in person_moves(user, session, seconds)
            ]
            text = "\n".join(["client timestamp,button,state,x,y", *rows])
            (person / f"session_2020_01_01_{name}.csv").write_text(text + "\n")


@pytest.mark.timeout(300)
def test_torchrun_trains_one_model(tmp_path: Path) -> None:
    """Two processes end well, write one curve for each network, and ship one model that loads."""
    write_sapimouse(tmp_path / "data")
    start = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    train = ["-m", "mousegate.training", "train", "--data", "data", "--samples", "1920"]
    done = subprocess.run(
        [*start, *train, "--out", "models", "--work", "work"],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("is in models") == 1
    for seed in (1, 2):
        steps = (tmp_path / "work" / f"seed-{seed}" / "curve.csv").read_text().splitlines()[1:]
        assert [line.split(",")[0] for line in steps] == ["10"]
    manifest = load_manifest(tmp_path / "models")
    cohort = load_cohort(manifest, tmp_path / "models")
    assert set(cohort.natural.person) == set(cohort.lock.person) == set(range(len(LEARNERS)))
