"""What a process that handles passwords asks of the kernel (prctl(2), setrlimit(2), mlockall(2))."""

import ctypes
import logging
import resource
import signal
from typing import Final

_LOG: Final = logging.getLogger(__name__)
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_MCL_CURRENT_FUTURE_ONFAULT: Final = 1 | 2 | 4


def harden(die_with_parent: bool) -> None:
    """No core dumps, no ptrace by others of the same user, no swap where allowed; die with the parent.

    Nothing here is necessary for a right verdict, so what the kernel refuses is logged only.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        _LOG.warning("the kernel refused PR_SET_DUMPABLE")
    if die_with_parent and libc.prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        _LOG.warning("the kernel refused PR_SET_PDEATHSIG")
    # Below an unlimited RLIMIT_MEMLOCK a later allocation could fail, which is worse than a page in swap.
    unlimited = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY
    if unlimited and libc.mlockall(_MCL_CURRENT_FUTURE_ONFAULT) != 0:
        _LOG.info("memory is not locked (errno %d)", ctypes.get_errno())
