"""Steps: sleep, logout, reboot, and how a machine gets rid of all of it."""

import contextlib
import time
from pathlib import Path

from mousegate.capture.display import CONNECTION_LOST
from tests.e2e.desktop import PASSWORD
from tests.e2e.screen import wait_until
from tests.system.furnish import ADA, ASLEEP, AWAKE
from tests.system.house import House
from tests.system.locks import assert_services
from tests.system.logins import log_in
from tests.system.machine import await_fact

_LOGIND_WAITS_S = 5.0
"""InhibitDelayMaxSec of logind.conf(5): after that it sleeps although somebody holds it back."""

_SERVICE = "/etc/pam.d/mousegate-login"
_ELSEWHERE = ("/home/*", "/root/*", "/proc/*", "/var/log/*", "/var/lib/dpkg/*", "/var/cache/*")


def suspend(house: House) -> str:
    """logind sleeps only once the screen is covered, and the daemon holds the next sleep back, too."""
    assert _holds_sleep_back(house), "the daemon holds sleep back by nothing"
    assert not house.person(ADA).is_locked()
    assert house.machine.must("cat", "/sys/power/state") == "mem\n", "this could put the host to sleep"
    began = time.monotonic()
    house.machine.must("systemctl", "suspend")
    await_fact(lambda: house.machine.path(ASLEEP).exists(), 30, "the machine to sleep")
    slept_s = time.monotonic() - began
    covered = house.person(ADA).is_locked()
    house.picture("asleep")
    house.machine.path(AWAKE).touch()
    assert covered, "the machine slept with its desktop on the screen"
    assert slept_s < _LOGIND_WAITS_S, f"logind gave up waiting: it slept after {slept_s:.1f} s"
    await_fact(lambda: _holds_sleep_back(house), 20, "sleep to be held back again")
    return f"covered when the machine slept, {slept_s:.1f} s after `systemctl suspend`; held back again"


def log_out(house: House, user: str = ADA) -> str:
    """The window manager ends the session; nothing of ours goes on."""
    session = house.session(user)["Id"]
    with contextlib.suppress(*CONNECTION_LOST):  # the X server may end before the keys are let go
        house.seat.driver.chord("Super_L", "x")
    house.leave_seat()
    await_fact(lambda: all(one["Id"] != session or one["State"] == "closing" for one in
                           house.machine.sessions(user)), 30, "the session to end")  # fmt: skip
    await_fact(lambda: not _programs(house, user), 30, "the daemon and the lock to end")
    return f"session {session} is gone, and so are daemon and lock"


def log_in_again(house: House) -> str:
    """The next session has daemon and lock without anybody's doing."""
    shown = log_in(house, ADA)
    return f"{shown}; {assert_services(house)}"


def reboot_while_locked(house: House) -> str:
    """A reboot ends at the login, not in the session that was locked."""
    house.machine.must("loginctl", "lock-session", house.session(ADA)["Id"])
    wait_until(house.person(ADA).is_locked, 20, "the screen to be covered")
    house.leave_seat()
    house.machine.reboot()
    await_fact(lambda: house.machine.sessions("lightdm"), 60, "the greeter's session")
    assert not house.machine.sessions(ADA)
    return "the greeter asks; nobody is logged in"


def disable_on_console(house: House) -> str:
    """`login` on a terminal of its own, the password, and `mousegate disable` with the password again."""
    typed = f"{ADA}\n", f"{PASSWORD}\n", "mousegate disable\n", f"{PASSWORD}\n", "exit\n"
    said = house.console("ogin:", "assword:", "$", "assword", "$", answers=typed)
    assert "your password alone unlocks" in said, said
    return "login and password on a console: the lock does not ask for the signature any more"


def password_alone(house: House) -> str:
    """The lock covers as before, and opens on the password."""
    house.machine.must("loginctl", "lock-session", house.session(ADA)["Id"])
    ada = house.person(ADA)
    wait_until(ada.is_locked, 20, "the screen to be covered")
    ada.await_prompt()
    ada.driver.type(f"{PASSWORD}\n")
    wait_until(lambda: ada.witness.find("mousegate-cover") is None, 30, "the lock to open")
    return "locked and opened"


def remove(house: House) -> str:
    """Purge the package: its files are gone, nothing of it runs, and the next login works."""
    log_out(house)
    words = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "purge", "mousegate")
    house.machine.must(*words, timeout_s=120)
    # The LightDM that ran asks the usual stack under our name until it ends; the next one does not.
    house.machine.must("systemctl", "restart", "lightdm")
    house.leave_seat()
    stand_in = house.machine.path(_SERVICE)
    if stand_in.exists():
        assert _stack(stand_in) == "@include lightdm", stand_in.read_text()
        stand_in.unlink()
    found = ("find", "/", "-xdev", "-name", "*mousegate*")
    kept = (word for folder in _ELSEWHERE for word in ("-not", "-path", folder))
    left = house.machine.must(*found, *kept).split()
    assert not left, f"left behind: {' '.join(left)}"
    assert not _programs(house, ADA)
    log_in(house, ADA)
    return "no file and no process is left; the password logs in"


def _holds_sleep_back(house: House) -> bool:
    held = house.machine.run("systemd-inhibit", "--list", "--no-legend", "--no-pager").stdout
    return any(line.split()[0] == "mousegate" and "delay" in line for line in held.splitlines())


def _stack(service: Path) -> str:
    """Return a PAM service without its comments."""
    return "\n".join(line for line in service.read_text().splitlines() if not line.startswith("#"))


def _programs(house: House, user: str) -> str:
    return house.machine.run("pgrep", "-u", user, "-a", "-f", "mousegate").stdout
