"""The greeter's line to the keeper: where its window is, and that it is alive."""

import ctypes
import logging
import os
import signal
from typing import Final

from mousegate.errors import ProtocolError

_log = logging.getLogger("mousegate.greeter")
_PR_SET_PDEATHSIG: Final = 1


class KeeperLink:
    """Writes lines to the keeper's pipe (ARCHITECTURE.md, "Keeper to its children")."""

    def __init__(self, write_fd: int) -> None:
        self._fd = write_fd
        os.set_blocking(write_fd, False)

    def window_ready(self, window_id: int) -> None:
        """Say that the window takes forwarded input. Raises ProtocolError when the keeper is gone."""
        self._write(f"window {window_id}\n")

    def alive(self) -> None:
        """Say that the event loop turns. Raises ProtocolError when the keeper is gone."""
        self._write("alive\n")

    def _write(self, line: str) -> None:
        try:
            os.write(self._fd, line.encode("ascii"))
        except BlockingIOError:
            _log.warning("The keeper does not read; it will judge by that.")
        except OSError as error:
            raise ProtocolError("The keeper is gone; the greeter ends.") from error


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent ends (prctl(2), PR_SET_PDEATHSIG).

    Raises ProtocolError when the parent had already ended.
    """
    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        _log.warning("The kernel refuses PR_SET_PDEATHSIG; the keeper's pipe alone will tell of its end.")
    if os.getppid() != parent:
        raise ProtocolError("The keeper ended while the greeter was starting.")
