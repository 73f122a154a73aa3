"""A person who goes through the wizard, page by page, with keyboard and hand, by real events."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from mousegate.core.events import Events
from tests.e2e.desktop import PASSWORD
from tests.e2e.hand import Hand
from tests.e2e.screen import WaitTimeoutError, wait_until
from tests.e2e.story import OPEN, RHYTHM, Story
from tests.windows import title_of

GENUINE_TRIES = 3
"""A genuine attempt is refused now and then; three in a row hardly ever."""
STEPS = ("welcome", "checks", "person", "movement", "rhythm", "try", "policy", "recovery", "arm")


def without_pauses(events: Events, longest_ms: int = 250) -> Events:
    """Return the events with longer pauses cut short: a test has less patience than a person."""
    eager = events.copy()
    steps = np.minimum(np.diff(events["time_ms"], prepend=events["time_ms"][:1]), longest_ms)
    eager["time_ms"] = np.cumsum(steps)
    return eager


class SetupPlayer(Story):
    """Drives `python -m mousegate.wizard` on a private desktop. `seen` is called once on each page."""

    look = "light"
    process: "subprocess.Popen[str] | None" = None

    def open(self) -> None:
        """Start the wizard and wait until its window has the keyboard."""
        self.process = self.desktop.spawn("mousegate.cli", "setup", "--look", self.look, log=self.log)
        wait_until(lambda: self.step() != "", 30, "the wizard's window")
        wait_until(lambda: self.witness.has_focus("mousegate-setup"), 30, "the keyboard to be the wizard's")

    def step(self) -> str:
        """Return the step in the window's title, or "" where there is no window."""
        return self._title().partition(" ")[0]

    def mark(self) -> str:
        """Return what follows the step: "?" asked, "!" a problem told, "..." something is being done."""
        return self._title().partition(" ")[2]

    def _title(self) -> str:
        window = self.witness.find("mousegate-setup")
        title = title_of(window) if window is not None else ""
        return title.removeprefix("mousegate setup: ") if title.startswith("mousegate setup: ") else ""

    def go_on(self, timeout_s: float = 60.0) -> None:
        """Press Alt+Right, again every two seconds, until the next page is there."""
        here, pressed_s = self.step(), 0.0

        def gone() -> bool:
            nonlocal pressed_s
            if self.step() not in ("", here):
                return True
            if time.monotonic() - pressed_s > 2.0:
                pressed_s = time.monotonic()
                self.driver.chord("Alt_L", "Right")
            return False

        wait_until(gone, timeout_s, f"the page after {here}")

    def reach(self, wanted: str) -> None:
        """Press Alt+Right until this page is there; everything on the way must be possible already."""
        while self.step() != wanted:
            self.go_on()

    def play_through(
        self, hand: Hand, movement_s: float, tries: int = 1, seen: Callable[[str], None] = lambda step: None
    ) -> None:
        """Go from the first page to the armed lock."""
        for step in STEPS[:3]:
            wait_until(lambda step=step: self.step() == step, 30, step)  # type: ignore[misc]
            seen(step)
            self.go_on()
        self.driver.play(without_pauses(hand.session(movement_s, self.desktop.width, self.desktop.height)))
        seen("movement")
        self.go_on()
        self.rehearse(hand, seen)
        seen("rhythm")
        self.go_on()
        self.try_out(hand, tries, seen)
        seen("try")
        self.go_on()
        seen("policy")
        self.go_on()
        seen("recovery")
        self.keep_codes()
        self.go_on()
        seen("arm")
        self.arm()
        seen("armed")

    def rehearse(self, hand: Hand, seen: Callable[[str], None] = lambda step: None) -> None:
        """Start the rehearsal with Return, and repeat the rhythm until it is taken five times."""
        self.driver.press_key("Return")
        wait_until(lambda: self.witness.state().startswith("Repetition"), 30, "the rehearsal screen")
        for _ in range(12):
            wait_until(self._asked_or_over, 30, "the rehearsal's next prompt")
            asked = self.witness.state()
            if not asked.startswith("Repetition"):
                break
            if asked.startswith("Repetition 4"):
                seen("rehearsal")
            self._perform(hand, RHYTHM, PASSWORD, 0)
            self._submitted(asked)
        self._come_back()

    def show_task(self, name: str) -> None:
        """Choose a task on the movement page by its key."""
        self.driver.chord("Alt_L", {"pop": "p", "carry": "h", "follow": "f", "work": "w"}[name])

    def try_out(
        self,
        hand: Hand,
        tries: int,
        seen: Callable[[str], None] = lambda step: None,
        key: tuple[str, ...] = ("Return",),
    ) -> None:
        """Try `tries` times, and leave the screen then, with Escape where it asks for more."""
        self.driver.chord(*key)
        for number in range(tries):
            wait_until(lambda: self.witness.state().startswith("Attempt"), 30, "the screen to ask")
            asked = self.witness.state()
            self._perform(hand, RHYTHM, PASSWORD, self.wander_s)
            self._submitted(asked)
            if number == 0:
                seen("attempt")
        if self.witness.find("mousegate-greeter") is not None and self.witness.state().startswith("Attempt"):
            self.driver.press_key("Escape")
        self._come_back()

    def keep_codes(self) -> None:
        """Tick, once, that the codes are kept, as soon as they are there."""
        wait_until(lambda: self.step() == "recovery" and self.mark() == "", 60, "the codes")
        self.driver.chord("Alt_L", "h")

    def _come_back(self) -> None:
        """Wait until the copy of the lock is gone and the wizard has heard of it."""
        wait_until(lambda: self.step() != "" and self.mark() == "", 60, "the copy of the lock to end")

    def arm(self) -> None:
        """Press the last button."""
        self.driver.press_key("Return")
        wait_until(lambda: self.step() == "armed", 60, "the desktop to be protected")

    def unlock(self, hand: Hand) -> None:
        """Open the lock that is on the screen with password and signature."""
        wait_until(lambda: self.witness.find("mousegate-cover") is not None, 60, "the cover")
        for _ in range(GENUINE_TRIES):
            self._wait_for(OPEN, 30)
            self._perform(hand, RHYTHM, PASSWORD, self.wander_s)
            wait_until(lambda: self.witness.state() in ("", "failed"), 60, "a verdict")
            if self.witness.state() == "":
                break
        wait_until(lambda: self.witness.find("mousegate-cover") is None, 30, "the lock to open")

    def escape(self, asked: bool) -> None:
        """Press Escape until it is heard: a question is asked, or the window is gone."""
        pressed_s = 0.0

        def heard() -> bool:
            nonlocal pressed_s
            if self.mark() == "?" if asked else self.step() == "":
                return True
            if time.monotonic() - pressed_s > 5.0:
                pressed_s = time.monotonic()
                self.driver.press_key("Escape")
            return False

        wait_until(heard, 60, "Escape to be heard")

    def await_question(self) -> None:
        """Wait until something is asked within the window."""
        wait_until(lambda: self.mark() == "?", 30, "a question")

    def dismiss_problem(self) -> None:
        """Wait until a problem is told in place of the question, and say that it is all right."""
        wait_until(lambda: self.mark() == "!", 60, "the problem to be told")
        self.driver.press_key("Return")
        wait_until(lambda: self.mark() == "", 30, "the problem to be read")

    def save(self, path: Path) -> None:
        """Write a picture of the screen."""
        self.witness.save(path)

    def _asked_or_over(self) -> bool:
        return self.witness.state().startswith(("Repetition", "welcome")) or not self._is_rehearsing()

    def _is_rehearsing(self) -> bool:
        return bool(self._find_process("mousegate.greeter"))

    def _submitted(self, asked: str) -> None:
        """Wait for what follows the Submit: another prompt, the end, or after a while the same one again."""

        def came() -> bool:
            return self.witness.state() not in (asked, "checking") or not self._is_rehearsing()

        try:
            wait_until(came, 4, "the next prompt")
        except WaitTimeoutError:
            if self.witness.state() != asked:
                raise

    def close(self) -> None:
        """End the wizard, and everything else; a daemon ends with the session bus."""
        while pid := self._find_process("mousegate.wizard"):
            os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(timeout=10)
        super().close()
