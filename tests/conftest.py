"""What every test may ask for: one private X server per session."""

from collections.abc import Iterator

import pytest

from tests.xvfb import xvfb


@pytest.fixture(scope="session")
def x_server() -> Iterator[str]:
    """Name of a private Xvfb display, such as ":93", shared by the whole session."""
    with xvfb() as display_name:
        yield display_name
