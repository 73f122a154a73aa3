"""What a machine can be told from its login screen, by logind, which decides who may. No Qt.

Source: org.freedesktop.login1(5). Nothing is forced: where others are logged in, or something holds the
machine awake, logind asks for an administrator, and then it is not offered here.
"""

import logging
from enum import Enum
from typing import Final, Protocol

_log = logging.getLogger("mousegate.greeter")
_PATIENCE_S: Final = 2.0


class Power(Enum):
    """A method of org.freedesktop.login1.Manager; `Can…` in front asks whether it may be used."""

    SUSPEND = "Suspend"
    REBOOT = "Reboot"
    POWER_OFF = "PowerOff"


class Manager(Protocol):
    """Calls org.freedesktop.login1.Manager."""

    def __call__(self, method: str, *words: object) -> object:
        """Call `method` and return its answer. Raises OSError."""


def logind(method: str, *words: object) -> object:
    """Call logind on the system bus; at most two seconds. Raises OSError where it does not answer."""
    import dbus

    try:
        bus = dbus.SystemBus()
        proxy = bus.get_object("org.freedesktop.login1", "/org/freedesktop/login1", introspect=False)
        return proxy.get_dbus_method(method, "org.freedesktop.login1.Manager")(*words, timeout=_PATIENCE_S)
    except dbus.DBusException as error:
        raise OSError(error.get_dbus_message()) from error


def offered(manager: Manager = logind) -> tuple[Power, ...]:
    """Return what can be done without asking anybody; nothing where there is no logind."""
    return tuple(one for one in Power if _can(manager, one))


def _can(manager: Manager, one: Power) -> bool:
    try:
        return manager(f"Can{one.value}") == "yes"
    except OSError:
        return False


def do(one: Power, manager: Manager = logind) -> str:
    """Do it; return an empty text, or why it was refused."""
    _log.info("%s was chosen on the login screen.", one.value)
    try:
        # False: logind may not ask anybody for a password, since nobody could be asked here.
        manager(one.value, False)
    except OSError as error:
        _log.warning("logind refused %s: %s", one.value, error)
        return str(error)
    return ""
