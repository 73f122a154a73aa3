"""Lock and daemon as user services: systemd units where there are any, else the session's autostart."""

import logging
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from typing import Final, Protocol

from mousegate.bus.names import NAME
from mousegate.errors import MousegateError
from mousegate.storage.paths import config_file

_LOG = logging.getLogger(__name__)
UNITS: Final = ("mousegate-lock.service", "mousegate.service")
"""The lock that waits, and the daemon."""
_AUTOSTART: Final = "mousegate-autostart.desktop"
_TIMEOUT_S: Final = 60.0


class Services(Protocol):
    """What keeps lock and daemon running."""

    def describe(self) -> str:
        """Say in one sentence what `start` will do."""

    def running(self) -> bool:
        """Whether they are started with the session already."""

    def start(self) -> None:
        """Start them, now and with every session. Raises MousegateError."""

    def stop(self) -> None:
        """Stop them, and start them no more. Raises MousegateError."""


class SystemdServices:
    """Units of the user's systemd."""

    def describe(self) -> str:
        """Say in one sentence what `start` will do."""
        return "systemd will start the lock and the daemon now and with every session."

    def running(self) -> bool:
        """Whether both units are enabled."""
        return _systemctl("is-enabled", *UNITS).returncode == 0

    def start(self) -> None:
        """Enable and start both units. Raises MousegateError."""
        _check(_systemctl("enable", "--now", *UNITS), "started")

    def stop(self) -> None:
        """Disable both units and stop the daemon. The lock's cannot be stopped: it ends with the session."""
        _check(_systemctl("disable", *UNITS), "disabled")
        _check(_systemctl("stop", "mousegate.service"), "stopped")


class AutostartServices:
    """A file in ~/.config/autostart (freedesktop Autostart specification), for sessions without systemd."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self._file = config_file().parent.parent / "autostart" / _AUTOSTART
        self._environment = dict(environment)

    def describe(self) -> str:
        """Say in one sentence what `start` will do."""
        return "Your session will start the daemon from now on, and it starts now."

    def running(self) -> bool:
        """Whether the file is there."""
        return self._file.exists()

    def start(self) -> None:
        """Write the file, and start the daemon. Raises MousegateError."""
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(_entry(), encoding="utf-8")
            subprocess.Popen(
                _daemon(), env=self._environment, cwd="/", start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            ).returncode = 0  # fmt: skip  # it outlives the wizard on purpose
        except OSError as cause:
            self._file.unlink(missing_ok=True)
            raise MousegateError(f"The daemon cannot be started with the session: {cause}.") from cause

    def stop(self) -> None:
        """Remove the file, and end the daemon that runs."""
        _end_daemon()
        try:
            self._file.unlink(missing_ok=True)
        except OSError as cause:
            raise MousegateError(f"{self._file} cannot be removed: {cause.strerror}.") from cause


def _end_daemon() -> None:
    """Ask the process that owns the daemon's name to end; where there is none, there is nothing to do."""
    import dbus

    try:
        bus = dbus.SessionBus()
        if bus.name_has_owner(NAME):
            broker = dbus.Interface(
                bus.get_object("org.freedesktop.DBus", "/org/freedesktop/DBus"), "org.freedesktop.DBus"
            )
            os.kill(int(broker.GetConnectionUnixProcessID(NAME)), signal.SIGTERM)
    except (dbus.DBusException, OSError) as cause:
        _LOG.info("the daemon was not ended: %s", cause)


def services() -> Services:
    """Return what this session has: a user manager that knows the units, or the autostart."""
    known = all(
        _systemctl("show", "--property=LoadState", "--value", unit).stdout.strip() == "loaded"
        for unit in UNITS
    )
    return SystemdServices() if known else AutostartServices()


def _systemctl(*words: str) -> subprocess.CompletedProcess[str]:
    command = ["systemctl", "--user", *words]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as cause:
        _LOG.info("systemctl: %s", cause)
        return subprocess.CompletedProcess(command, 1, "", str(cause))


def _check(done: subprocess.CompletedProcess[str], what: str) -> None:
    if done.returncode != 0:
        raise MousegateError(
            f"Lock and daemon could not be {what} ({done.stderr.strip() or 'systemd says no more'})."
        )


def _daemon() -> list[str]:
    return [sys.executable, "-P", "-m", "mousegate.cli", "daemon"]


def _entry() -> str:
    command = " ".join(shlex.quote(word) for word in _daemon())
    return (
        "[Desktop Entry]\nType=Application\nName=mousegate\nComment=Watches the hand at the mouse\n"
        f"Exec={command}\nNoDisplay=true\nX-GNOME-Autostart-enabled=true\n"
    )
