"""What every test may ask for: one private X server per session."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

# Before anything imports numpy: its threads only get in each other's way on matrices as small as ours.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.xvfb import xvfb

settings.register_profile("mousegate", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("mousegate")


@pytest.fixture(scope="session")
def x_server() -> Iterator[str]:
    """Name of a private Xvfb display, such as ":93", shared by the whole session."""
    with xvfb() as display_name:
        yield display_name
