"""Where people click, per application, for the dashboard; only where `click_maps` is on.

What is kept are daily counts on a coarse grid (core.places). Some windows are never counted: mousegate's own,
whose clicks are the rhythm; dialogs that ask for passwords; and keyboards on the screen, where a place is a
letter.
"""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Final

from gi.repository import GLib

from mousegate.capture.clickplaces import ClickPlaces
from mousegate.core.places import PlacedClick
from mousegate.errors import DisplayError
from mousegate.storage.history_places import Places

_LOG = logging.getLogger(__name__)
RETRY_S: Final = 5.0
WRITTEN_S: Final = 60.0
"""Counts are written at most so often."""
MOST_WAITING: Final = 2000
PRIVATE: Final = (
    *("mousegate", "pinentry", "gcr-prompter", "polkit", "policykit", "askpass", "keepass", "kwallet"),
    *("seahorse", "bitwarden", "1password", "onboard", "florence", "kvkbd", "xvkbd", "squeekboard"),
    *("maliit", "matchbox-keyboard", "svkbd"),
)
"""Parts of window classes, in lower case, whose clicks are never counted."""


class ClickCounter:
    """Counts clicks while `allowed` says so, woken by clicks alone."""

    def __init__(self, places: Places, allowed: Callable[[], bool], display_name: str | None = None) -> None:
        self._places = places
        self._allowed = allowed
        self._display_name = display_name
        self._connections = ExitStack()
        self._watch: ClickPlaces | None = None
        self._waiting: list[PlacedClick] = []
        self._retry_at_s = float("-inf")
        self._write_at_s: float | None = None

    def look(self, now_s: float, unix_s: float) -> None:
        """Connect where that is due, and write what was counted. now_s: monotonic."""
        if self._watch is None and now_s >= self._retry_at_s:
            self._connect(now_s)
        self._read()
        if self._waiting and self._write_at_s is None:
            self._write_at_s = now_s + WRITTEN_S
        if self._write_at_s is not None and now_s >= self._write_at_s:
            self.flush(unix_s)

    def flush(self, unix_s: float) -> None:
        """Write what was counted."""
        waiting, self._waiting, self._write_at_s = self._waiting, [], None
        self._places.add(waiting, unix_s)

    def close(self, unix_s: float) -> None:
        """Write what was counted and disconnect."""
        self.flush(unix_s)
        self._disconnect()

    def _connect(self, now_s: float) -> None:
        self._retry_at_s = now_s + RETRY_S
        try:
            with ExitStack() as stack:
                watch = stack.enter_context(ClickPlaces(self._display_name))
                events = GLib.IO_IN | GLib.IO_HUP | GLib.IO_ERR
                source = GLib.io_add_watch(watch.fileno(), GLib.PRIORITY_DEFAULT, events, self._readable)
                stack.callback(GLib.source_remove, source)
                self._connections = stack.pop_all()
        except DisplayError as error:
            _LOG.debug("%s", error)  # the desk names it
            return
        self._watch = watch

    def _disconnect(self) -> None:
        self._watch = None
        self._connections.close()

    def _readable(self, _descriptor: int, _condition: Any) -> bool:
        self._read()
        return True

    def _read(self) -> None:
        if self._watch is None:
            return
        try:
            clicks = self._watch.take()
        except DisplayError as error:
            _LOG.debug("%s", error)
            self._disconnect()
            return
        if self._allowed():
            room = max(0, MOST_WAITING - len(self._waiting))
            self._waiting += [one for one in clicks if not is_private(one.application)][:room]


def is_private(application: str) -> bool:
    """Return whether clicks in windows of this class are never counted."""
    return any(part in application.lower() for part in PRIVATE)
