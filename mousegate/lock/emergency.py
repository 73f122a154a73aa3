"""The log of the lock: one level above `critical`, and what journald makes of each."""

import logging
import os
from typing import IO, Final

EMERGENCY: Final = logging.CRITICAL + 10
"""Somebody is breaking into a locked screen."""
_PRIORITIES: Final = {EMERGENCY: 0, logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4}
"""As in syslog(3); 0 is shown on every terminal of the machine (journald.conf(5), ForwardToWall)."""
_INFO: Final = 6


class PriorityFormatter(logging.Formatter):
    """Begins each line with its priority, as sd-daemon(3) has it."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of one record."""
        priority = f"<{_PRIORITIES.get(record.levelno, _INFO)}>"
        return "\n".join(priority + line for line in super().format(record).splitlines())


def log_to(stream: IO[str]) -> None:
    """Log to `stream`, with priorities where it leads to the journal."""
    logging.addLevelName(EMERGENCY, "EMERGENCY")
    handler = logging.StreamHandler(stream)
    kind = PriorityFormatter if _is_journal(stream) else logging.Formatter
    handler.setFormatter(kind("%(name)s: %(levelname)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _is_journal(stream: IO[str]) -> bool:
    """Tell whether `stream` is what systemd says is the journal (systemd.exec(5), JOURNAL_STREAM)."""
    try:
        status = os.fstat(stream.fileno())
    except OSError:
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"
