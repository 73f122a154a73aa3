"""Steps: the machine boots, the package is installed, and people log in by mouse and keys."""

import contextlib

from mousegate.capture.display import CONNECTION_LOST
from mousegate.greeter.layout import compute
from tests.e2e.desktop import PASSWORD
from tests.system.furnish import ADA
from tests.system.house import House
from tests.system.machine import await_fact
from tests.system.seat import SIZE

_APT = ("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", "-y", "-o", "APT::Sandbox::User=root")
_PACKAGE = "/root/mousegate.deb"


def boot(house: House) -> str:
    """All units start."""
    house.machine.boot()
    return house.machine.must("systemctl", "--version").split("\n")[0]


def install(house: House) -> str:
    """Install the Debian package with apt, as an administrator does."""
    house.machine.path(_PACKAGE).write_bytes(house.package.read_bytes())
    house.machine.must(*_APT, "--no-install-recommends", "install", _PACKAGE, timeout_s=180)
    return house.machine.must("mousegate", "--version").strip()


def first_login(house: House) -> str:
    """A person who is not enrolled types the password into LightDM's own greeter."""
    return log_in(house, ADA)


def log_in(house: House, user: str) -> str:
    """Type the password into LightDM's own greeter, which has chosen `user`, and wait for the desktop."""
    await_fact(lambda: house.machine.sessions("lightdm"), 60, "the greeter's session")
    await_fact(lambda: house.seat.is_drawn("lightdm-gtk-greeter"), 60, "the greeter to be drawn")
    house.picture("LightDM's own greeter")
    house.seat.driver.type(PASSWORD)
    house.seat.driver.press_key("Return")
    return assert_desktop(house, user)


def assert_desktop(house: House, user: str) -> str:
    """Wait for the person's session at logind, user manager and desktop."""
    session = house.session(user)
    words = ("systemctl", "--user", "is-active", "default.target")
    await_fact(lambda: house.machine.run(*words, user=user).returncode == 0, 60, "the user manager")
    await_fact(
        lambda: house.seat.witness.exposed_pixels() > 0.5 * SIZE[0] * SIZE[1], 60, "the desktop to be drawn"
    )
    kind, seat = session["Type"], session["Seat"]
    return f"logind: session {session['Id']} of {user}, {kind} on {seat}; systemd --user runs"


def switch_user(house: House) -> str:
    """From the lock another person may log in; whoever comes back by the password finds it locked still."""
    house.machine.must("loginctl", "lock-session", house.session(ADA)["Id"])
    house.person(ADA).await_prompt()
    link = compute(*SIZE).switch
    house.seat.driver.click(link.x + link.width // 2, link.y + link.height // 2)
    await_fact(lambda: house.machine.sessions("lightdm"), 60, "the greeter's session")
    assert house.machine.sessions(ADA)[0]["LockedHint"] == "yes"
    house.leave_seat()
    await_fact(lambda: house.seat.is_drawn("lightdm-gtk-greeter"), 60, "the greeter to be drawn")
    house.picture("another person may log in")
    house.seat.driver.type(PASSWORD)
    with contextlib.suppress(*CONNECTION_LOST):  # LightDM may end this X server before the key is let go
        house.seat.driver.press_key("Return")
    house.session(ADA)
    await_fact(lambda: not house.machine.sessions("lightdm"), 60, "the greeter to end")
    house.leave_seat()
    house.person(ADA).await_prompt()
    assert house.person(ADA).is_locked(), "the password alone has opened the lock"
    return "LightDM's greeter beside the locked session; back by the password: locked still"
