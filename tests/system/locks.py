"""Steps: setup in the person's own session, and the lock that it arms, under the real service managers."""

from tests.e2e.hand import synthetic_hands
from tests.e2e.screen import wait_until
from tests.system.furnish import ADA
from tests.system.house import House
from tests.system.machine import await_fact

OWNER, OTHER = synthetic_hands()
_UNITS = ("mousegate.service", "mousegate-lock.service")


def setup(house: House) -> str:
    """Go through the wizard to the armed lock; the user manager runs both units then."""
    ada = house.person(ADA)
    ada.open()
    ada.play_through(OWNER, movement_s=45.0, seen=lambda step: house.picture(f"setup {step}"))
    running = assert_services(house)
    ada.driver.press_key("Return")
    wait_until(ada.is_locked, 60, "the trial lock")
    ada.unlock(OWNER)
    ada.escape(asked=False)
    return f"armed; {running}; unlocked once"


def lock_session(house: House) -> str:
    """`loginctl lock-session` covers the screen, and logind is told."""
    session = house.session(ADA)["Id"]
    house.machine.must("loginctl", "lock-session", session)
    waited_s = wait_until(house.person(ADA).is_locked, 20, "the screen to be covered")
    await_fact(lambda: house.session(ADA)["LockedHint"] == "yes", 20, "LockedHint to be yes")
    return f"covered {waited_s:.1f} s after logind's word; LockedHint=yes"


def refuse_other_hand(house: House) -> str:
    """Password and rhythm right, another hand: it stays locked, and the journal says why."""
    assert house.person(ADA).is_refused(OTHER), "another hand opened the lock"
    assert house.session(ADA)["LockedHint"] == "yes"
    (decision,) = house.machine.journal("MESSAGE_ID=0c9b2f9b5f9d4f0a8a4a5d3b6c1e7f42")[-1:]
    return f"locked; journal: {decision['MESSAGE']}"


def unlock_by_loginctl(house: House) -> str:
    """`loginctl unlock-session` unlocks nothing."""
    house.machine.must("loginctl", "unlock-session", house.session(ADA)["Id"])
    house.person(ADA).await_prompt()
    assert house.person(ADA).is_locked()
    return "still locked"


def unlock(house: House) -> str:
    """Password and signature open it, and logind is told."""
    house.person(ADA).unlock(OWNER)
    await_fact(lambda: house.session(ADA)["LockedHint"] == "no", 20, "LockedHint to be no")
    return "LockedHint=no"


def assert_services(house: House) -> str:
    """Wait until the person's user manager runs both units."""
    await_fact(lambda: _states(house) == ["active", "active"], 60, f"{' and '.join(_UNITS)} to be active")
    return f"{' and '.join(_UNITS)} are active under systemd --user"


def _states(house: House) -> list[str]:
    return [house.machine.unit(name, ADA, "ActiveState")[0] for name in _UNITS]
