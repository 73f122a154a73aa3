"""A person at a machine's seat: works in the session, goes through the setup, and opens the lock."""

import json
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.desktop import PASSWORD, Desktop
from tests.e2e.driver import targets_from
from tests.e2e.hand import Hand
from tests.e2e.screen import wait_until
from tests.e2e.setup_player import SetupPlayer
from tests.e2e.story import OPEN, RHYTHM
from tests.system.machine import Machine
from tests.system.seat import SIZE, Seat


@dataclass
class Person(SetupPlayer):
    """Drives the seat's screen; everything is started by keys typed in the session itself."""

    machine: Machine | None = None
    seat: Seat | None = None
    user: str = ""

    def __post_init__(self) -> None:
        assert self.machine is not None
        assert self.seat is not None
        self.driver, self.witness = self.seat.driver, self.seat.witness
        words = ("env", "QT_QPA_PLATFORM=offscreen", "/usr/lib/mousegate/bin/mousegate-greeter")
        layout = self.machine.must(*words, "--layout", "x".join(map(str, SIZE)), user=self.user)
        self.targets = targets_from(json.loads(layout))

    def command(self, line: str) -> None:
        """Open a terminal by its key, and type a command that takes its place."""
        wait_until(lambda: self.witness.find("Terminal") is None, 10, "the terminal before to be gone")
        self.driver.chord("Super_L", "t")
        wait_until(lambda: self.witness.has_focus("Terminal"), 20, "a terminal")
        self.driver.type(f"exec {line}\n")

    def open(self) -> None:
        """Start the wizard as a person does, and wait until its window has the keyboard."""
        self.command("mousegate setup")
        wait_until(lambda: self.step() != "", 60, "the wizard's window")
        wait_until(lambda: self.witness.has_focus("mousegate-setup"), 30, "the keyboard to be the wizard's")

    def is_locked(self) -> bool:
        """Tell whether a cover is there and nothing of the desktop shows."""
        return self.witness.find("mousegate-cover") is not None and not self.witness.exposed_pixels()

    def await_prompt(self, timeout_s: float = 60.0) -> None:
        """Wait until the lock is covered and asks."""
        wait_until(lambda: self.witness.state() in OPEN, timeout_s, "the lock to ask")

    def try_once(self, hand: Hand, password: str = PASSWORD) -> None:
        """Give password, rhythm and movement once, up to Submit."""
        self._perform(hand, RHYTHM, password, self.wander_s)

    def is_refused(self, hand: Hand, password: str = PASSWORD) -> bool:
        """Try to open the lock once; tell whether it says no and stays closed."""
        self.await_prompt()
        self.try_once(hand, password)
        wait_until(lambda: self.witness.state() not in OPEN, 10, "Submit to be heard")
        wait_until(lambda: self.witness.state() in ("", "failed"), 60, "a verdict")
        return self.witness.state() == "failed" and self.is_locked()


def person(machine: Machine, seat: Seat, user: str, pictures: Path) -> Person:
    """Return whoever has this user's session at the seat."""
    desktop = Desktop(seat.display, *SIZE, machine.path(f"/home/{user}"), {})
    one = Person(desktop, pictures, lambda outcome: None, machine=machine, seat=seat, user=user)
    one.wander_s = 6.0
    return one
