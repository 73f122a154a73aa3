"""Steps: the login screen asks for the signature as well, of those who have enrolled."""

from mousegate.greeter.layout import compute, lobby
from tests.e2e.desktop import PASSWORD
from tests.e2e.screen import wait_until
from tests.system.furnish import ADA, BOB
from tests.system.house import House
from tests.system.life import log_out
from tests.system.locks import OTHER, OWNER, assert_services
from tests.system.logins import assert_desktop
from tests.system.machine import await_fact
from tests.system.seat import SIZE

_TRIES = 5


def enable(house: House) -> str:
    """The administrator switches it on for ada; LightDM asks so from its next start."""
    said = house.machine.must("mousegate", "system", "enable", ADA)
    log_out(house)
    house.machine.must("systemctl", "restart", "lightdm")
    return said.splitlines()[0]


def refuse_other_hand(house: House) -> str:
    """Password and rhythm right, another hand: nobody is logged in, and the journal says why."""
    await_login_screen(house)
    ada = house.person(ADA)
    ada.try_once(OTHER)
    wait_until(lambda: ada.witness.state() == "failed", 60, "the login screen to say no")
    assert not house.machine.sessions(ADA)
    (decision,) = house.machine.journal("MESSAGE_ID=0c9b2f9b5f9d4f0a8a4a5d3b6c1e7f42")[-1:]
    return f"nobody is logged in; journal: {decision['MESSAGE']}"


def log_in(house: House) -> str:
    """Password and signature log in; daemon and lock are there with the session."""
    await_login_screen(house)
    ada = house.person(ADA)
    tries = 0
    while tries < _TRIES:
        tries += 1
        ada.try_once(OWNER)
        wait_until(lambda: ada.witness.state() in ("", "failed", "welcome"), 60, "a verdict")
        if ada.witness.state() != "failed":
            break
    shown = assert_desktop(house, ADA)
    services = assert_services(house)
    begun = house.machine.must("date", "+@%s", "-d", house.session(ADA)["Timestamp"]).strip()
    proved = ("MOUSEGATE_KIND=proved", f"--since={begun}")
    await_fact(lambda: house.machine.journal(*proved), 20, "the daemon to know of the signature")
    return f"at try {tries}: {shown}; {services}; the daemon knows of the signature"


def keyring_opens(house: House) -> str:
    """The keyring took the password from the stack, where the signature came after it."""
    asked = (
        "busctl", "--user", "get-property", "org.freedesktop.secrets",
        "/org/freedesktop/secrets/collection/login", "org.freedesktop.Secret.Collection", "Locked",
    )  # fmt: skip
    await_fact(lambda: house.machine.run(*asked, user=ADA).stdout == "b false\n", 30, "an open keyring")
    return "GNOME's login keyring: Locked=false"


def bob_logs_in(house: House) -> str:
    """Who is not enrolled clicks on his face and types the password, and that is all."""
    log_out(house)
    await_login_screen(house)
    face = lobby(compute(*SIZE)).after[0]
    house.seat.driver.click(face.x + face.width // 2, face.y + face.height // 2)
    house.seat.driver.type(f"{PASSWORD}\n")
    shown = assert_desktop(house, BOB)
    house.picture("bob's desktop")
    return f"the password alone: {shown}"


def ada_comes_back(house: House) -> str:
    """Bob leaves, and ada logs in by password and signature again."""
    log_out(house, BOB)
    return log_in(house)


def restart(house: House) -> str:
    """The login screen's power menu restarts the machine."""
    await_login_screen(house)
    power = lobby(compute(*SIZE)).power
    house.seat.driver.click(power.x + power.width // 2, power.y + power.height // 2)
    house.picture("power menu")
    for key in ("Down", "Return"):  # from Sleep, which is first, to Restart
        house.seat.driver.press_key(key)
    house.leave_seat()
    house.machine.await_reboot()
    return "restarted, and up again"


def await_login_screen(house: House) -> None:
    """Wait until our login screen asks, for ada."""
    await_fact(lambda: house.machine.sessions("lightdm"), 60, "the greeter's session")
    wait_until(lambda: house.seat.witness.state() in ("ready", "failed"), 60, "the login screen to ask")
    house.picture("login screen")
