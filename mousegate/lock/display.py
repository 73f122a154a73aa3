"""Connecting to the X server, and logging its asynchronous errors without letting them stop the keeper."""

import logging
import os
from typing import Final

from Xlib import error, ext
from Xlib.display import Display
from Xlib.protocol import rq

from mousegate.errors import DisplayError

_log = logging.getLogger("mousegate.lock")

EXTENSIONS: Final = ("XTEST", "SHAPE", "Composite")
"""The X extensions that the keeper speaks; Xlib asks the server about no others, which halves its start."""


def connect() -> Display:
    """Return a connection to $DISPLAY.

    Raises DisplayError where there is none, or where it is a Wayland session: grabs there bind X clients
    only, so a lock would lie.
    """
    if os.environ.get("XDG_SESSION_TYPE") == "wayland" and os.environ.get("WAYLAND_DISPLAY"):
        raise DisplayError(
            "this is a Wayland session, which mousegate cannot lock. Log in with an X11 session."
        )
    if not os.environ.get("DISPLAY"):
        raise DisplayError("there is no X display (DISPLAY is not set). Run this inside your X11 session.")
    known = vars(ext)["__extensions__"]
    known[:] = [extension for extension in known if extension[0] in EXTENSIONS]
    try:
        display = Display()
    except (error.DisplayError, error.XauthError, OSError) as reason:
        raise DisplayError(f"cannot open the X display {os.environ['DISPLAY']}: {reason}") from reason
    display.set_error_handler(_log_error)
    if display.query_extension("XWAYLAND") is not None:
        raise DisplayError(
            "this X server is Xwayland, whose screen mousegate cannot lock. Use an X11 session."
        )
    return display


def lock_selection(display: Display, number: int) -> int:
    """Return the manager selection (ICCCM 2.8) that the one keeper of screen `number` owns."""
    return int(display.intern_atom(f"_MOUSEGATE_LOCK_S{number}"))


def _log_error(reason: error.XError, request: rq.Request | None) -> None:
    """Log an error of a request that has no reply: a window that is gone by now is the ordinary case."""
    _log.info("X error: %s", reason)
