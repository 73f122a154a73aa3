"""`python -m mousegate.daemon`: builds the daemon and runs its main loop until told to stop.

Exit statuses: 0 stopped; 5 another daemon runs; 64 config.toml has a mistake; 70 no session bus (any
more), or a defect.
"""

import argparse
import logging
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

from mousegate.bus import names
from mousegate.capture.windowclasses import names_in
from mousegate.core.trust import ALARM_POINTS
from mousegate.daemon import screensaver
from mousegate.daemon.chronicle import Chronicle
from mousegate.daemon.desk import Desk
from mousegate.daemon.idle import IdleAction, IdleLock, Inhibitors
from mousegate.daemon.interface import Interface
from mousegate.daemon.locker import Locker
from mousegate.daemon.logind import Logind
from mousegate.daemon.monitor import Monitor
from mousegate.daemon.notifier import Message, Notifier
from mousegate.daemon.places import ClickCounter
from mousegate.daemon.reactions import Reactions
from mousegate.daemon.recognition import Recognition
from mousegate.daemon.service import Service
from mousegate.errors import MousegateError
from mousegate.storage import config as configuration
from mousegate.storage import proof
from mousegate.storage.config import Config
from mousegate.storage.history import History
from mousegate.storage.history_places import Places
from mousegate.storage.unlocks import unlocked_with_signature_since

_LOG = logging.getLogger("mousegate.daemon")
LOOK_S: Final = 1
RESTING_LOOK_S: Final = 2
"""Between looks while nobody is there: each wakes the processor."""
REST_S: Final = 5.0
"""Idle time after which nobody is taken to be there."""
IDLE_HINT_S: Final = 300.0
EXIT_RUNNING: Final = 5
BUS_GONE: Final = "The session bus went away; systemd starts the daemon again when there is a new one."


class AnotherDaemonError(MousegateError):
    """The name on the bus is taken."""

    exit_status = EXIT_RUNNING


def main() -> None:
    """Run; errors are one line."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    parser = argparse.ArgumentParser("mousegate daemon", description="Watch the hand at the mouse.")
    parser.add_argument("--window-class", help="watch movement over windows of this class alone")
    arguments = parser.parse_args()
    try:
        config = configuration.load()
        if arguments.window_class is not None:
            config = replace(config, window_class=arguments.window_class)
        run(config)
    except dbus.DBusException as error:
        _LOG.error("%s (%s)", BUS_GONE, error)
        sys.exit(MousegateError.exit_status)
    except MousegateError as error:
        _LOG.error("%s", error)
        sys.exit(error.exit_status)


def run(config: Config) -> None:
    """Build everything and serve until SIGTERM, SIGINT or the end of the bus."""
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    loop = GLib.MainLoop()
    failed: list[Exception] = []

    def gone() -> None:
        failed.append(MousegateError(BUS_GONE))
        loop.quit()

    bus = session_bus(gone)
    daemon = Daemon(config, bus)
    daemon.look()
    claim(bus, names.NAME)
    daemon.join_desktop(bus)
    daemon.chronicle.started()
    if proof.is_fresh(pwd.getpwuid(os.getuid()).pw_name):
        daemon.service.prove()

    def look() -> bool:
        """Look; what nobody foresaw ends the daemon, which systemd starts anew, not the looking alone."""
        try:
            GLib.timeout_add_seconds(daemon.look(), look)
        except Exception as error:  # noqa: BLE001 - GLib would drop it, and never look again
            failed.append(error)
            loop.quit()
        return False

    GLib.timeout_add_seconds(LOOK_S, look)
    for number in (signal.SIGTERM, signal.SIGINT):
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
    try:
        loop.run()
    finally:
        daemon.close()
    if failed:
        raise failed[0]


class Daemon:
    """The object graph, and the look at the desk that drives it."""

    def __init__(self, config: Config, bus: Any) -> None:
        recogniser = Recognition()
        monitor = Monitor(recogniser.score, ALARM_POINTS[config.alarm], config.allow_synthetic)
        self.service = Service(
            recogniser, Locker(watch_child), monitor, config.operating_point, config.allow_synthetic
        )
        self.service.renewed = unlocked_with_signature_since
        history = History(kept_days=config.history_days)
        self.chronicle = Chronicle(history)
        self.service.add_listener(self.chronicle)
        self._clicks = ClickCounter(Places(history), self._may_count) if config.click_maps else None
        self._reactions = Reactions(self.service, config.on_anomaly, config.hook, start_program)
        self._interface = Interface(bus, self.service, time.monotonic)
        self._desk = Desk(window_classes=names_in(config.window_class))
        self._idle_lock = IdleLock(config.idle_minutes, config.grace_s)
        self._grace_s = config.grace_s
        self._inhibitors = Inhibitors()
        self._notifier: Notifier | None = None
        self._screensaver: object = None
        self._logind: Logind | None = None

    def join_desktop(self, bus: Any) -> None:
        """Use what the desktop offers: notifications, the screen saver's name, logind."""
        self._notifier = Notifier(bus, self._reactions.pressed, time.monotonic)
        self._reactions.show_on(self._notifier)
        self._screensaver = screensaver.serve(bus, self.service, self._inhibitors, self._desk.wake)
        try:
            self._logind = Logind(dbus.SystemBus(private=True), self.service, self._desk.wake)
        except dbus.DBusException as error:
            _LOG.warning("There is no system bus (%s): the screen is not locked before sleep.", error)

    def look(self) -> int:
        """Look at the desk once, and return in how many seconds to look again."""
        now_s = time.monotonic()
        seen = self._desk.look(now_s)
        self.service.see(seen, now_s, time.time())
        self.chronicle.look()
        if self._clicks is not None:
            self._clicks.look(now_s, time.time())
        if seen is None:
            return LOOK_S
        locked = self.service.state.locked
        if self._logind is not None:
            self._logind.tell(locked, seen.idle_s >= IDLE_HINT_S)
        self._act(self._idle_lock.decide(seen.idle_s, locked, len(self._inhibitors) > 0, now_s))
        return LOOK_S if seen.idle_s < REST_S or self._idle_lock.warned else RESTING_LOOK_S

    def close(self) -> None:
        """Let everything go; what was seen is written down."""
        self.chronicle.stopped()
        if self._clicks is not None:
            self._clicks.close(time.time())
        if self._logind is not None:
            self._logind.close()
        self._desk.close()
        self._interface.remove_from_connection()

    def _may_count(self) -> bool:
        state = self.service.state
        return not state.locked and not state.paused_until_s

    def _act(self, action: IdleAction) -> None:
        match action:
            case IdleAction.LOCK:
                self.service.lock(lambda error: None)
            case IdleAction.WARN if self._notifier is not None:
                text = f"Move the mouse within {self._grace_s} s to go on working."
                self._notifier.show(Message("The screen is about to be locked", text))
            case IdleAction.UNWARN if self._notifier is not None:
                self._notifier.clear()
            case _:
                pass


def session_bus(gone: Callable[[], object]) -> Any:
    """Connect to the session bus; `gone` is told when it ends."""
    try:
        bus = dbus.SessionBus(private=True)
    except dbus.DBusException as error:
        raise MousegateError("There is no session bus; run this inside your desktop session.") from error
    bus.set_exit_on_disconnect(False)
    bus.call_on_disconnection(lambda connection: gone())
    return bus


def claim(bus: Any, name: str) -> None:
    """Own `name` as long as the bus lasts. Raises AnotherDaemonError when it is taken."""
    if bus.request_name(name, dbus.bus.NAME_FLAG_DO_NOT_QUEUE) == dbus.bus.REQUEST_NAME_REPLY_EXISTS:
        raise AnotherDaemonError("A mousegate daemon runs in this session already.")


def watch_child(pid: int, ended: Any) -> None:
    """Call `ended` with the exit status of a child (128 and the number of the signal that killed it)."""

    def told(_pid: int, wait_status: int) -> None:
        status = os.waitstatus_to_exitcode(wait_status)
        ended(status if status >= 0 else 128 - status)

    GLib.child_watch_add(GLib.PRIORITY_DEFAULT, pid, told)


def start_program(program: str, facts: dict[str, str]) -> None:
    """Run a program with `facts` added to the environment, and reap it. Raises OSError."""
    process = subprocess.Popen(
        [program],
        env=dict(os.environ) | facts,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )

    def ended(status: int) -> None:
        process.returncode = status
        if status:
            _LOG.warning("The program %s of `hook` ended with status %d.", program, status)

    watch_child(process.pid, ended)


if __name__ == "__main__":
    main()
