"""Reading the recordings that enrolment and verification are given."""

from collections.abc import Sequence
from pathlib import Path

from mousegate.capture import formats
from mousegate.cli.output import progress
from mousegate.core.events import Events


def read_recordings(paths: Sequence[Path]) -> list[Events]:
    """Read recordings. Raises BadInput naming the file, line and reason."""
    with progress("Reading", len(paths)) as steps:
        events = []
        for path in paths:
            events.append(formats.read(path))
            steps.advance()
    return events
