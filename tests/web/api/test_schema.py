"""schemathesis, an independent judge, over the OpenAPI document."""

import subprocess
import sys
from pathlib import Path

from tests.web.api.conftest import Api
from tests.web.api.hands import clicked

CONFIG = Path(__file__).with_name("schemathesis.toml")


def test_schemathesis_runs_clean(api: Api, tmp_path: Path) -> None:
    """Every check, every phase: examples, boundaries, fuzzing and sequences of requests.

    The same cases each time, so that a failure is one of the API's.
    """
    token = api.token("schema")
    repeated = {"repetitions": [clicked()] * 5}
    assert api.call("PUT", "/users/anna/rhythm", token, repeated).status_code == 200
    words = [
        f"--config-file={CONFIG}", "run", f"{api.client.base_url}/api/v1/openapi.json",
        f"--header=Authorization: Bearer {token}", "--checks=all", "--max-examples=5",
        "--generation-deterministic", "--no-color", "--continue-on-failure", "--warnings=off",
    ]  # fmt: skip
    found = subprocess.run(
        [sys.executable, "-m", "schemathesis.cli", *words],
        cwd=tmp_path, capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout[-6000:] + found.stderr[-2000:]
    assert "Tested: 9" in found.stdout, found.stdout
