"""`python -m mousegate.daemon`: builds the daemon and runs its main loop until told to stop.

Exit statuses: 0 stopped; 5 another daemon runs; 64 config.toml has a mistake; 70 no session bus.
"""

import logging
import os
import signal
import sys
import time
from typing import Any, Final

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

from mousegate.bus import names
from mousegate.core.trust import ALARM_POINTS
from mousegate.daemon.desk import Desk
from mousegate.daemon.interface import Interface
from mousegate.daemon.locker import Locker
from mousegate.daemon.monitor import Monitor
from mousegate.daemon.recognition import Recogniser
from mousegate.daemon.service import Service
from mousegate.errors import MousegateError
from mousegate.storage import config as configuration
from mousegate.storage.unlocks import unlocked_with_signature_since

_LOG = logging.getLogger("mousegate.daemon")
LOOK_S: Final = 1
EXIT_RUNNING: Final = 5


class AnotherDaemonError(MousegateError):
    """The name on the bus is taken."""

    exit_status = EXIT_RUNNING


def main() -> None:
    """Run; errors are one line."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        run()
    except MousegateError as error:
        _LOG.error("%s", error)
        sys.exit(error.exit_status)


def run() -> None:
    """Build everything and serve until SIGTERM, SIGINT or the end of the bus."""
    config = configuration.load()
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    loop = GLib.MainLoop()
    bus = session_bus(loop)
    recogniser = Recogniser()
    monitor = Monitor(recogniser.score, ALARM_POINTS["balanced"], config.allow_synthetic)
    service = Service(
        recogniser, Locker(watch_child), monitor, config.operating_point, config.allow_synthetic
    )
    service.renewed = unlocked_with_signature_since
    interface = Interface(bus, service, time.monotonic)
    desk = Desk()

    def look() -> bool:
        service.see(desk.look(time.monotonic()), time.monotonic(), time.time())
        return True

    look()
    name = claim(bus, names.NAME)
    GLib.timeout_add_seconds(LOOK_S, look)
    for number in (signal.SIGTERM, signal.SIGINT):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    try:
        loop.run()
    finally:
        desk.close()
        interface.remove_from_connection()
        del name


def session_bus(loop: Any) -> Any:
    """Connect to the session bus; the loop ends with the bus."""
    try:
        bus = dbus.SessionBus(private=True)
    except dbus.DBusException as error:
        raise MousegateError("There is no session bus; run this inside your desktop session.") from error
    bus.set_exit_on_disconnect(False)
    bus.call_on_disconnection(lambda connection: loop.quit())
    return bus


def claim(bus: Any, name: str) -> Any:
    """Own `name` as long as what is returned lives. Raises AnotherDaemonError when it is taken."""
    try:
        return dbus.service.BusName(name, bus, do_not_queue=True)
    except dbus.exceptions.NameExistsException as error:
        raise AnotherDaemonError("A mousegate daemon runs in this session already.") from error


def watch_child(pid: int, ended: Any) -> None:
    """Call `ended` with the exit status of a child (128 and the number of the signal that killed it)."""

    def told(_pid: int, wait_status: int) -> None:
        status = os.waitstatus_to_exitcode(wait_status)
        ended(status if status >= 0 else 128 - status)

    GLib.child_watch_add(GLib.PRIORITY_DEFAULT, pid, told)


if __name__ == "__main__":
    main()
