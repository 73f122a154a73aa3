"""Steps: the daemon watches who is at the mouse, and what the person answers to its alert."""

import time

from mousegate.storage.journal import Message
from tests.e2e.hand import Hand
from tests.e2e.screen import wait_until
from tests.system.furnish import ADA
from tests.system.house import House
from tests.system.locks import OTHER, OWNER
from tests.system.machine import await_fact
from tests.system.seat import SIZE

_OWNER_S, _AT_ONCE_S, _MOST_S = 30.0, 10.0, 180.0


def owner_works(house: House) -> str:
    """The person's own hand raises no alert."""
    _work(house, OWNER, _OWNER_S)
    assert not _journal(house, Message.ANOMALY), "the person's own hand was taken for another's"
    assert house.seat.witness.find("Dunst") is None
    return f"{_OWNER_S:g} s of movement, no alert"


def other_hand_is_told(house: House) -> str:
    """Another hand is noticed: the journal has it, and dunst shows the alert."""
    began = time.monotonic()
    while not _journal(house, Message.ANOMALY):
        assert time.monotonic() - began < _MOST_S, f"another hand worked for {_MOST_S:g} s unnoticed"
        _work(house, OTHER, _AT_ONCE_S)
    waited_s = time.monotonic() - began
    await_fact(lambda: house.seat.witness.find("Dunst"), 20, "dunst's notification")
    (anomaly,) = _journal(house, Message.ANOMALY)
    return f"{anomaly} after {waited_s:.0f} s; dunst shows it"


def lock_now(house: House) -> str:
    """A click on the alert opens dunst's menu; "Lock now", chosen there by keys, locks."""
    window = house.seat.witness.find("Dunst")
    assert window is not None
    shown = window.get_geometry()
    house.seat.driver.click(shown.x + shown.width // 2, shown.y + shown.height // 2, button=2)
    await_fact(lambda: house.seat.witness.find("dmenu"), 20, "dunst's menu of answers")
    house.picture("answers to the alert")
    house.seat.driver.type("Lock\n")
    wait_until(house.person(ADA).is_locked, 20, "the screen to be covered")
    await_fact(lambda: house.session(ADA)["LockedHint"] == "yes", 20, "LockedHint to be yes")
    assert _journal(house, Message.ANSWER), "the answer is not in the journal"
    wait_until(lambda: house.seat.witness.find("Dunst") is None, 20, "the alert to go")
    return "covered; LockedHint=yes; the answer is in the journal; the alert is gone"


def _work(house: House, hand: Hand, duration_s: float) -> None:
    house.seat.driver.play(hand.session(duration_s, *SIZE))


def _journal(house: House, message: Message) -> list[str]:
    return [str(entry["MESSAGE"]) for entry in house.machine.journal(f"MESSAGE_ID={message}")]
