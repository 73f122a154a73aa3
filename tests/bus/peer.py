"""Programs on a private bus: one that runs the daemon, and ones that call it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

from mousegate.bus import names
from mousegate.bus.client import DaemonClient
from tests.e2e.desktop import Desktop

DEADLINE_S = 30.0


class TooLateError(AssertionError):
    """What was waited for did not come."""


def iterate_until(condition: Callable[[], bool], what: str, limit_s: float = DEADLINE_S) -> None:
    """Serve the bus until `condition` holds; TooLateError after `limit_s`."""
    context = GLib.MainContext.default()
    deadline_s = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise TooLateError(what)
        timer = GLib.timeout_add(20, lambda: False)
        context.iteration(True)
        if (source := context.find_source_by_id(timer)) is not None:
            source.destroy()


class Peer:
    """One program on the bus, with the daemon's signals as they came: (name, values)."""

    def __init__(self, address: str) -> None:
        loop = dbus.mainloop.glib.DBusGMainLoop()
        self.bus = dbus.bus.BusConnection(address, mainloop=loop)
        self.bus.set_exit_on_disconnect(False)
        self.signals: list[tuple[str, tuple[Any, ...]]] = []
        self.bus.add_signal_receiver(self._heard, path=names.PATH, member_keyword="member")
        self.daemon = DaemonClient(self.bus)

    def call(self, method: str, *values: Any) -> Any:
        """Call a method of the daemon."""
        return self.daemon.call(method, *values)

    def heard(self, member: str) -> list[tuple[Any, ...]]:
        """Return the values of every signal of this name so far."""
        return [values for name, values in self.signals if name == member]

    def close(self) -> None:
        """Leave the bus."""
        self.bus.close()

    def _heard(self, *values: Any, member: str) -> None:
        self.signals.append((str(member), values))


@contextmanager
def running_daemon(desktop: Desktop, log: Path, **environment: str) -> Iterator["subprocess.Popen[str]"]:
    """Run the daemon of a desktop; yield it once it is on the bus."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "mousegate.daemon"],
            env=dict(desktop.env) | environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    peer = Peer(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    try:
        iterate_until(
            lambda: process.poll() is not None or bool(peer.bus.name_has_owner(names.NAME)),
            f"the daemon: {log.read_text()}",
        )
        yield process
    finally:
        peer.close()
        process.terminate()
        process.wait(DEADLINE_S)
