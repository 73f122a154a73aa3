"""libpam's C interface (Linux-PAM 1.5, <security/pam_appl.h> and <security/_pam_types.h>) by ctypes."""

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_uint, c_void_p
from enum import IntEnum
from typing import Any, Final

from mousegate.errors import PamError

SUCCESS: Final = 0
BUF_ERR: Final = 5
NEW_AUTHTOK_REQD: Final = 12
CONV_ERR: Final = 19
TTY: Final = 3
FAIL_DELAY: Final = 10
REFRESH_CRED: Final = 0x10
MAX_NUM_MSG: Final = 32

FAULTS: Final = {
    1: "a module cannot be loaded",
    2: "a module lacks a function",
    3: "a module reports a service error",
    4: "a module reports a system error",
    5: "out of memory",
    26: "a module asks to stop at once",
    28: "a module is unknown",
}
"""Return codes that speak of a broken stack, not of a wrong password."""


class Style(IntEnum):
    """How PAM wants a message shown and answered."""

    ECHO_OFF = 1
    ECHO_ON = 2
    ERROR = 3
    INFO = 4


class PamMessage(Structure):
    """struct pam_message."""

    _fields_ = (("style", c_int), ("text", c_char_p))


class PamResponse(Structure):
    """struct pam_response; PAM frees both it and the text."""

    _fields_ = (("text", c_void_p), ("retcode", c_int))


CONVERSE = CFUNCTYPE(c_int, c_int, POINTER(POINTER(PamMessage)), POINTER(POINTER(PamResponse)), c_void_p)
DELAY = CFUNCTYPE(None, c_int, c_uint, c_void_p)


class PamConv(Structure):
    """struct pam_conv."""

    _fields_ = (("converse", CONVERSE), ("data", c_void_p))


class Library:
    """The functions of libpam, and those of libc that its conversation needs."""

    def __init__(self) -> None:
        try:
            ctypes.CDLL("libpam.so.0", mode=ctypes.RTLD_GLOBAL)
            # Looked up in the whole process, so that a preloaded pam_wrapper is found before libpam.
            found = ctypes.CDLL(None)
            self.start = _typed(
                found.pam_start, c_int, c_char_p, c_char_p, POINTER(PamConv), POINTER(c_void_p)
            )
            self.start_in = _typed(
                found.pam_start_confdir,
                c_int,
                c_char_p,
                c_char_p,
                POINTER(PamConv),
                c_char_p,
                POINTER(c_void_p),
            )
            self.end = _typed(found.pam_end, c_int, c_void_p, c_int)
            self.authenticate = _typed(found.pam_authenticate, c_int, c_void_p, c_int)
            self.acct_mgmt = _typed(found.pam_acct_mgmt, c_int, c_void_p, c_int)
            self.setcred = _typed(found.pam_setcred, c_int, c_void_p, c_int)
            self.set_item = _typed(found.pam_set_item, c_int, c_void_p, c_int, c_void_p)
            self.calloc = _typed(found.calloc, c_void_p, ctypes.c_size_t, ctypes.c_size_t)
            self.free = _typed(found.free, None, c_void_p)
            self.mlock = _typed(found.mlock, c_int, c_void_p, ctypes.c_size_t)
        except (OSError, AttributeError) as cause:
            raise PamError("libpam cannot be loaded: install the package libpam0g.") from cause

    def copy(self, secret: bytearray) -> int:
        """Return the address of a NUL-terminated copy of `secret` that PAM can free; 0 without memory."""
        address: int = self.calloc(1, len(secret) + 1) or 0
        if address and secret:
            # Keeps it out of swap where the limit on locked memory allows; harmless where it does not.
            self.mlock(address, len(secret))
            view = (ctypes.c_char * len(secret)).from_buffer(secret)
            ctypes.memmove(address, view, len(secret))
        return address


def _typed(function: Any, result: Any, *arguments: Any) -> Any:
    function.restype = result
    function.argtypes = arguments
    return function
