"""mousegate.js is small enough that no login page minds."""

import gzip

from mousegate.web.api.server import RECORDER
from tests.web.api.conftest import Api


def test_the_recorder_is_small_and_needs_nothing() -> None:
    """Under 4 kB gzipped, and it asks for nothing else."""
    script = RECORDER.read_bytes()
    assert len(gzip.compress(script, 9)) < 4096
    assert not any(
        word in script for word in (b"import ", b"require(", b"fetch(", b"XMLHttpRequest", b"keydown")
    )
    assert RECORDER.with_name("mousegate.d.ts").is_file()


def test_it_is_served(api: Api) -> None:
    """Beside the API, as a script."""
    response = api.client.get("/mousegate.js")
    assert response.status_code == 200 and response.headers["content-type"].startswith("text/javascript")
