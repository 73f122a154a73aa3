"""LightDM itself, through its own library: its conversation, whom it knows, and what it hints at.

The one module that imports gi for a login. Its signals come by GLib's main loop, which is Qt's as well where
Qt was built so (Debian's and PyPI's are). Source: liblightdm-gobject (greeter.h, user-list.h), LightDM 1.26.
"""

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from PyQt5.QtCore import QAbstractEventDispatcher

from mousegate.errors import MousegateError, ProtocolError, UsageError
from mousegate.greeter.backends.lightdm import LightDMBackend
from mousegate.greeter.faces import Person

_log = logging.getLogger("mousegate.greeter")
_PIPES: Final = ("LIGHTDM_TO_SERVER_FD", "LIGHTDM_FROM_SERVER_FD")


class LightDM:
    """LightDM as a DisplayManager."""

    def __init__(self, greeter: Any, users: Any, from_server_fd: int) -> None:
        self._greeter, self._users, self._fd = greeter, users, from_server_fd
        self._called: Callable[[str], None] = lambda why: None
        self._backend = LightDMBackend(greeter, self._calls)
        self._timer_runs = bool(greeter.get_autologin_timeout_hint() and greeter.get_autologin_user_hint())

    @classmethod
    def connect(cls, environ: Mapping[str, str] = os.environ) -> "LightDM":
        """Connect to whoever has started this process.

        Raises UsageError where that was not LightDM, or where its library is missing; ProtocolError where it
        does not answer.
        """
        if not all(environ.get(name, "").isdecimal() for name in _PIPES):
            raise UsageError("LightDM starts this greeter: run `sudo mousegate system enable USER` for it.")
        found = library()
        greeter = found.Greeter()
        try:
            greeter.connect_to_daemon_sync()
        except RuntimeError as error:  # GLib.Error
            raise ProtocolError(f"LightDM does not answer: {error}") from error
        return cls(greeter, found.UserList.get_instance(), int(environ[_PIPES[1]]))

    @property
    def backend(self) -> LightDMBackend:
        """Its conversation."""
        return self._backend

    def listen(self, called: Callable[[str], None]) -> None:
        """Have `called` told what LightDM asks. Raises MousegateError where Qt could not hear it."""
        from gi.repository import GLib

        loop = QAbstractEventDispatcher.instance()
        if loop is None or "Glib" not in loop.metaObject().className():
            raise MousegateError("This Qt cannot hear LightDM, being built without GLib: use python3-pyqt5.")
        self._called = called
        GLib.io_add_watch(self._fd, GLib.PRIORITY_DEFAULT, GLib.IO_HUP | GLib.IO_ERR, self._ended)

    def people(self) -> tuple[Person, ...]:
        """Return whose faces are shown; nobody's where the administrator hides them."""
        if self._greeter.get_hide_users_hint():
            return ()
        return tuple(map(_person, self._users.get_users()))

    def asks_names(self) -> bool:
        """Return whether a name may be typed instead of choosing a face."""
        return bool(self._greeter.get_show_manual_login_hint())

    def suggested(self) -> str:
        """Return whose session was locked or is to be switched to, or who logs in when the time is over."""
        return self._greeter.get_select_user_hint() or self._greeter.get_autologin_user_hint() or ""

    def is_locked(self) -> bool:
        """Return whether LightDM was asked to lock that person's session (`dm-tool lock`)."""
        return bool(self._greeter.get_lock_hint())

    def remembers_sessions(self) -> bool:
        """LightDM keeps each person's last desktop in ~/.dmrc or with AccountsService."""
        return True

    def ends_greeter(self) -> bool:
        """LightDM ends its greeter itself."""
        return True

    def autologin(self) -> None:
        """Begin to let in whom the administrator named for the timer that has expired."""
        if self._timer_runs:
            self._backend.autologin(self._greeter.get_autologin_user_hint())

    def stay(self) -> None:
        """Somebody is at the screen: no timer lets anybody in."""
        if self._timer_runs:
            self._timer_runs = False
            self._backend.stay()

    def _calls(self, why: str) -> None:
        self._called(why)

    def _ended(self, *_: object) -> bool:
        _log.error("LightDM has ended.")
        self._backend.vanished()
        return False


def library() -> Any:
    """Return LightDM's library. Raises UsageError where it is missing."""
    try:
        import gi

        gi.require_version("LightDM", "1")
        from gi.repository import LightDM as Library
    except (ImportError, ValueError) as error:
        raise UsageError("LightDM's library is missing: apt install gir1.2-lightdm-1.") from error
    return Library


def _person(user: Any) -> Person:
    name = str(user.get_name())
    home = Path(user.get_home_directory() or "/nonexistent")
    return Person(name, user.get_display_name() or name, home, bool(user.get_logged_in()))
