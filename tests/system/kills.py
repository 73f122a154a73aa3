"""Steps: each program is killed, with the screen open and locked; nothing opens, and all come back."""

from tests.e2e.screen import wait_until
from tests.system.furnish import ADA
from tests.system.house import House
from tests.system.locks import assert_services, lock_session
from tests.system.machine import await_fact
from tests.system.signature import await_login_screen

_LIGHTDM, _LOGIN_SCREEN = "lightdm", "mousegate-greeter"
_DAEMON, _KEEPER, _GREETER = "mousegate[ .]daemon", "mousegate[-.]lock", "mousegate[.]greeter"
"""As pgrep(1) looks for them. The keeper is forked from its supervisor, and killed with it."""


def while_open(house: House) -> str:
    """Daemon and waiting keeper are killed: their units start them again, and the screen stays as it is."""
    for name in (_DAEMON, _KEEPER):
        _kill(house, name)
        assert_services(house)
        assert house.person(ADA).witness.find("mousegate-cover") is None, f"{name} killed: locked"
    return "daemon and keeper are back"


def while_locked(house: House) -> str:
    """Daemon, greeter and keeper are killed behind the cover: it stays closed, and asks again."""
    lock_session(house)
    ada = house.person(ADA)
    ada.await_prompt()
    for name in (_DAEMON, _GREETER, _KEEPER):
        _kill(house, name)
        ada.await_prompt()
        assert ada.is_locked(), f"{name} killed: the desktop shows"
        assert_services(house)
    await_fact(lambda: house.session(ADA)["LockedHint"] == "yes", 20, "LockedHint to be yes")
    return "locked through all three; LockedHint=yes"


def at_login(house: House) -> str:
    """The login screen is killed: LightDM brings another, which lets nobody in by itself."""
    await_login_screen(house)
    _kill(house, _LOGIN_SCREEN, _LIGHTDM)
    house.leave_seat()
    await_login_screen(house)
    assert not house.machine.sessions(ADA)
    return "a new login screen asks"


def _kill(house: House, name: str, user: str = ADA) -> None:
    """Kill every process of this user's that runs this program, and wait until each of them is gone."""
    found = house.machine.must("pgrep", "-u", user, "-f", name).split()
    house.machine.must("kill", "-KILL", *found)

    def gone() -> bool:
        alive = house.machine.run("pgrep", "-u", user, "-f", name).stdout.split()
        return not set(found) & set(alive)

    wait_until(gone, 20, f"{name} to be gone")
