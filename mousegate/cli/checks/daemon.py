"""Checks of what runs in the background: the daemon, its bus name, the units, a notification server."""

import shutil
from collections.abc import Iterator
from typing import Any, Final

from mousegate import __version__
from mousegate.bus.names import INTERFACE, NAME, NOTIFICATIONS_NAME, PATH, PROPERTIES, SCREENSAVER_NAME
from mousegate.cli.finding import Finding, ask, good, hint, problem

_UNITS: Final = {
    "mousegate-lock.service": "locks within milliseconds and is started again if it is killed",
    "mousegate.service": "watches who is at the mouse",
}


def check_daemon() -> Iterator[Finding]:
    """The daemon can be reached, and is of this version."""
    import dbus

    try:
        bus = dbus.SessionBus()
        running = bus.name_has_owner(NAME)
        if not running and NAME not in bus.list_activatable_names():
            yield hint(
                "daemon", f"{NAME} is not known to the session bus, so nothing watches.",
                "Install mousegate (make install), then log in again.",
            )  # fmt: skip
        elif not running:
            yield hint(
                "daemon", "is not running.", "Start it: systemctl --user enable --now mousegate.service"
            )
        else:
            yield from _check_version(bus)
        yield from _check_screen_saver(bus)
    except dbus.DBusException as error:
        yield hint(
            "daemon", f"the session bus does not answer ({error.get_dbus_name()}).",
            "Run this inside your desktop session.",
        )  # fmt: skip


def _check_version(bus: Any) -> Iterator[Finding]:
    proxy = bus.get_object(NAME, PATH, introspect=False)
    untrusted = proxy.Get(INTERFACE, "Version", dbus_interface=PROPERTIES, timeout=5)
    if str(untrusted) == __version__:
        yield good("daemon", f"runs, version {__version__}.")
    else:
        yield problem(
            "daemon", f"runs in version {untrusted}, but {__version__} is installed.",
            "Restart it: systemctl --user restart mousegate.service",
        )  # fmt: skip


def _check_screen_saver(bus: Any) -> Iterator[Finding]:
    both = bus.name_has_owner(SCREENSAVER_NAME) and bus.name_has_owner(NAME)
    if both and bus.get_name_owner(SCREENSAVER_NAME) != bus.get_name_owner(NAME):
        yield hint(
            "daemon", f"another program owns {SCREENSAVER_NAME}, and is told when not to lock.",
            "End that screen saver if mousegate should lock this desktop.",
        )  # fmt: skip


def check_notifications() -> Iterator[Finding]:
    """A notification server is there to say when something is amiss."""
    import dbus

    try:
        bus = dbus.SessionBus()
        there = bus.name_has_owner(NOTIFICATIONS_NAME) or NOTIFICATIONS_NAME in bus.list_activatable_names()
    except dbus.DBusException as error:
        yield hint(
            "notifications", f"there is no session bus ({error.get_dbus_name()}).",
            "Run this inside your desktop session.",
        )  # fmt: skip
        return
    if there:
        yield good("notifications", "a notification server answers.")
    else:
        yield hint("notifications", "no notification server runs.", "Install dunst, for instance.")


def check_units() -> Iterator[Finding]:
    """The user manager answers, and the units are installed, enabled, and have not failed."""
    if shutil.which("systemctl") is None:
        yield hint("units", "there is no systemd here.", "Start `mousegate lock` from your session.")
        return
    status, text = ask("systemctl", "--user", "show-environment")
    if status != 0:
        yield hint(
            "units", f"the systemd user manager does not answer ({(text or str(status)).splitlines()[0]}).",
            "Run this inside your desktop session; a display manager starts one, through libpam-systemd.",
        )  # fmt: skip
        return
    for unit, purpose in _UNITS.items():
        yield _check_unit(unit, purpose)


def _check_unit(unit: str, purpose: str) -> Finding:
    _, text = ask(
        "systemctl", "--user", "show", "--property=LoadState,UnitFileState,ActiveState,NeedDaemonReload", unit
    )
    state = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if state.get("LoadState") != "loaded":
        return hint("units", f"{unit}, which {purpose}, is not installed.", "Install mousegate: make install")
    if state.get("ActiveState") == "failed":
        return problem("units", f"{unit} has failed.", f"Say why: journalctl --user -u {unit} -n 20")
    if state.get("NeedDaemonReload") == "yes":
        return problem("units", f"{unit} has changed on disk.", "Run: systemctl --user daemon-reload")
    if state.get("UnitFileState") not in ("enabled", "static", "linked", "enabled-runtime"):
        return hint("units", f"{unit} is not enabled.", f"Enable it: systemctl --user enable --now {unit}")
    if state.get("ActiveState") != "active":
        return hint("units", f"{unit} does not run.", f"Start it: systemctl --user start {unit}")
    return good("units", f"{unit} is enabled and runs.")
