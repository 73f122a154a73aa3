"""Opening the X display, and saying in one clear line why it cannot be used."""

import contextlib
import io
import logging
import os
import traceback
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

from Xlib import error as xerror
from Xlib.display import Display

from mousegate.errors import DisplayError

_LOG = logging.getLogger(__name__)

CONNECTION_LOST: Final = (xerror.ConnectionClosedError, OSError)
"""What python-xlib raises when the server is gone."""


@dataclass(frozen=True, slots=True)
class Session:
    """What the environment says about the desktop session."""

    display_name: str
    wayland: bool

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> "Session":
        """Read DISPLAY, WAYLAND_DISPLAY and XDG_SESSION_TYPE."""
        wayland = bool(environment.get("WAYLAND_DISPLAY")) or environment.get("XDG_SESSION_TYPE") == "wayland"
        return cls(environment.get("DISPLAY", ""), wayland)


def open_display(name: str | None = None) -> Display:
    """Connect to the X server `name`, by default that of DISPLAY. The caller closes it.

    Raises DisplayError where there is none, where this is a Wayland session without one, or where the
    server refuses.
    """
    session = Session.of()
    name = name or session.display_name
    if not name:
        if session.wayland:
            raise DisplayError(
                "This is a Wayland session without an X display; mousegate needs X11. "
                "Log out and choose the session named 'Xorg' or 'X11'."
            )
        raise DisplayError("There is no X display (DISPLAY is not set); run this inside an X11 session.")
    chatter = io.StringIO()
    try:
        with contextlib.redirect_stdout(chatter):
            return Display(name)
    except xerror.DisplayNameError as error:
        raise DisplayError(f"{name!r} is not the name of an X display; DISPLAY looks like ':0'.") from error
    except (xerror.DisplayError, xerror.XauthError, OverflowError, *CONNECTION_LOST) as error:
        _drop_sockets(error)
        raise DisplayError(
            f"The X display {name} cannot be opened; is its server running, and may you use it (xauth)?"
        ) from error
    finally:
        if chatter.getvalue():
            _LOG.debug("python-xlib: %s", chatter.getvalue().strip())


class Connected:
    """The base of whoever asks the X server: a connection of its own within the `with` block."""

    def __init__(self, display_name: str | None = None) -> None:
        self._display_name = display_name

    def __enter__(self) -> Self:
        """Connect. Raises DisplayError: no display, Wayland, or the server lacks what is needed."""
        with contextlib.ExitStack() as stack:
            self._display = open_display(self._display_name)
            stack.callback(self._display.close)
            self._prepare()
            stack.pop_all()
        return self

    def _prepare(self) -> None:
        """Ask for what the connection is for, just after it was made. Raises DisplayError."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Disconnect."""
        with contextlib.suppress(*CONNECTION_LOST):
            self._display.close()


def _drop_sockets(error: BaseException | None) -> None:
    """Close the sockets that python-xlib leaves in its frames when it cannot connect; a daemon retries."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        while error is not None:
            traceback.clear_frames(error.__traceback__)
            error = error.__context__


def require_extension(display: Display, extension: str, remedy: str) -> None:
    """Raise DisplayError, with the `remedy`, where the server has no such extension."""
    if not display.has_extension(extension):
        raise DisplayError(
            f"The X display {display.get_display_name()} has no {extension} extension; {remedy}."
        )


def limitation(display: Display) -> str:
    """Return, in one line, what does not work on this server; empty when all does.

    Xwayland names itself by its extension XWAYLAND (since 23.1) or by its outputs (XWAYLAND0 and so on).
    """
    xwayland = display.has_extension("XWAYLAND")
    if not xwayland and display.has_extension("RANDR"):
        resources = display.screen().root.xrandr_get_screen_resources()
        names = [
            display.xrandr_get_output_info(output, resources.config_timestamp).name
            for output in resources.outputs
        ]
        xwayland = any(name.startswith("XWAYLAND") for name in names)
    if not xwayland:
        return ""
    return (
        "This X display is Xwayland: only movement over X11 windows is seen, and nothing can be locked. "
        "Log out and choose the session named 'Xorg' or 'X11'."
    )
