"""The acts of the demo: what a person does at a private desktop, and what must come of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from mousegate.core.events import EVENT_DTYPE
from tests.e2e.desktop import PASSWORD, Desktop
from tests.e2e.driver import Driver, targets_from
from tests.e2e.hand import Hand
from tests.e2e.screen import Beneath, WaitTimeoutError, Witness, wait_until

Beat = tuple[str, int]
RHYTHM: tuple[Beat, ...] = (("face", 140), ("face", 140), ("password", 620), ("submit", 330))
"""The chosen rhythm: double click on the face, a long hold on the password box, a firm Submit."""
WRONG_RHYTHM: tuple[Beat, ...] = (("face", 420), ("face", 140), ("password", 180), ("submit", 760))
REPETITIONS, MOST_REPETITIONS = 5, 12
LOCKED, UNLOCKED = "locked", "unlocked"
OPEN = {"ready", "failed"}
"""States of the greeter in which a person may begin."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the table: what was tried, what must come of it, what came, and the seconds it took.

    waited_s counts from the release on Submit (or from the kill) to the outcome.
    """

    act: str
    expected: str
    seen: str
    waited_s: float
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether what was seen is what had to come."""
        return self.seen == self.expected


@dataclass
class Story:
    """Plays the acts one after another and keeps their outcomes and screenshots."""

    desktop: Desktop
    pictures: Path
    on_outcome: Callable[[Outcome], None]
    wander_s: float = 8.0
    outcomes: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.driver = Driver(self.desktop.display)
        self.witness = Witness(self.desktop.display)
        self.beneath = Beneath(self.desktop.display)
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.log = (self.pictures / "processes.log").open("w")
        size = f"{self.desktop.width}x{self.desktop.height}"
        layout = subprocess.run(
            [sys.executable, "-m", "mousegate.greeter", "--layout", size],
            env=dict(self.desktop.env), capture_output=True, text=True, check=True,
        )  # fmt: skip
        self.targets = targets_from(json.loads(layout.stdout))
        self._lock: subprocess.Popen[str] | None = None

    # --- enrolment -------------------------------------------------------------------------------------

    def enrol(self, hand: Hand, movement_s: float) -> None:
        """Record `movement_s` of ordinary use, then enrol movement and rhythm, all by real events."""
        recording = self.desktop.home / "movement.mouse"
        recorder = self.desktop.spawn(
            "mousegate.cli", "record", str(recording), "--duration", f"{movement_s + 1:g}", log=self.log
        )
        began = time.monotonic()
        self.driver.play(hand.session(movement_s, self.desktop.width, self.desktop.height))
        recorder.wait(timeout=30)
        enrolled = self.desktop.run("enrol", "--label", "demo", "--from", str(recording))
        self._append(Outcome("Enrol movement", "0", str(enrolled.returncode), time.monotonic() - began,
                             enrolled.stderr.strip()))  # fmt: skip
        if enrolled.returncode:
            raise WaitTimeoutError("movement could not be enrolled")
        self._enrol_rhythm(hand)

    def _enrol_rhythm(self, hand: Hand) -> None:
        began = time.monotonic()
        rehearsal = self.desktop.spawn("mousegate.cli", "enrol", "--label", "demo", "--rhythm", log=self.log)
        asked = ""
        for number in range(MOST_REPETITIONS):
            changed = self._wait_for_rehearsal(rehearsal, asked)
            if rehearsal.poll() is not None or self.witness.state() == "welcome":
                break
            asked = changed
            if number == REPETITIONS // 2:
                self._picture("rehearsal")
            self._perform(hand, RHYTHM, PASSWORD, wander_s=0)
        status = rehearsal.wait(timeout=30)
        self._append(Outcome("Enrol rhythm, five times", "0", str(status), time.monotonic() - began))

    def _wait_for_rehearsal(self, rehearsal: subprocess.Popen[str], asked: str) -> str:
        """Return the next prompt. One that stays the same means that the repetition is to be made again."""

        def came() -> bool:
            state = self.witness.state()
            return rehearsal.poll() is not None or (
                state != asked and state.startswith(("Repetition", "welcome"))
            )

        try:
            wait_until(came, 30 if not asked else 3, "the rehearsal's next prompt")
        except WaitTimeoutError:
            if self.witness.state() != asked:
                raise
        return self.witness.state()

    def make_recovery_code(self) -> str:
        """Return one of the recovery codes that `mousegate recovery new` printed."""
        began = time.monotonic()
        made = self.desktop.run("recovery", "new", "--json")
        codes: list[str] = json.loads(made.stdout)["codes"]
        self._append(Outcome("Print recovery codes", "0", str(made.returncode), time.monotonic() - began,
                             f"{len(codes)} codes"))  # fmt: skip
        return codes[0]

    # --- acts at the lock ------------------------------------------------------------------------------

    def lock(self) -> None:
        """Lock the screen, unless it still is, and wait until it is covered."""
        if self._lock is not None and self._lock.poll() is None:
            return
        began = time.monotonic()
        self._lock = self.desktop.spawn("mousegate.lock", log=self.log)
        wait_until(lambda: self.witness.find("mousegate-cover") is not None, 10, "the cover")
        covered_s = time.monotonic() - began
        self._wait_for(OPEN, 20)
        exposed = self.witness.exposed_pixels()
        self._append(Outcome("Lock", LOCKED, LOCKED if not exposed else f"{exposed} px exposed", covered_s,
                             f"ready for input after {time.monotonic() - began:.2f} s"))  # fmt: skip

    def attempt(
        self, act: str, hand: Hand, expected: str, rhythm: tuple[Beat, ...] = RHYTHM, password: str = PASSWORD
    ) -> None:
        """Try to unlock with this hand, rhythm and password."""
        self.lock()
        self._wait_for(OPEN, 60)
        self._perform(hand, rhythm, password, self.wander_s)
        self._conclude(act, expected)

    def move_on(self, hand: Hand, moved_s: float) -> None:
        """Go on moving in an attempt that was submitted already."""
        size = (self.desktop.width, self.desktop.height)
        self.driver.play(hand.wander(moved_s, self.driver.position, *size))

    def has_opened(self) -> bool:
        """Return whether the lock has ended as it does when it opens."""
        return self._lock is not None and self._lock.poll() == 0

    def recover(self, code: str) -> None:
        """Unlock with the password and a recovery code in place of the signature."""
        self.lock()
        self._wait_for(OPEN, 60)
        self._point_and_click("password")
        self.driver.type(PASSWORD)
        self._point_and_click("recovery")
        wait_until(lambda: self.witness.state() == "recovery", 5, "the recovery field")
        self.driver.type(code)
        self._picture("recovery-code")
        self._point_and_click("submit")
        self._conclude("Recovery code", UNLOCKED)

    def kill(self, act: str, module: str) -> None:
        """SIGKILL the process that runs `module`; the screen must stay covered and ask again."""
        self.lock()
        self._wait_for(OPEN, 60)
        before = self.beneath.count_received()
        victim = self._find_process(module)
        assert victim, f"no process runs {module}"
        began = time.monotonic()
        os.kill(victim, signal.SIGKILL)
        exposed = self.witness.exposed_pixels()
        self.driver.type("leak")
        wait_until(lambda: self._find_process(module) not in (0, victim), 20, f"a new {module}")
        self._wait_for(OPEN, 30)
        exposed += self.witness.exposed_pixels()
        leaked = self.beneath.count_received() - before
        seen = LOCKED if not exposed and not leaked else f"{exposed} px exposed, {leaked} keys leaked"
        self._append(Outcome(act, LOCKED, seen, time.monotonic() - began, "until it asked again"))
        self.driver.press_key("Escape")  # what was typed may have reached the new greeter's field

    def give_up(self, reason: str) -> None:
        """Write down that the story could not go on."""
        self._append(Outcome("The story ended here", "the next step", reason, 0.0))

    # --- pieces ----------------------------------------------------------------------------------------

    def _perform(self, hand: Hand, rhythm: tuple[Beat, ...], password: str, wander_s: float) -> None:
        """Wander, then click the rhythm; the password is typed after the click on its box."""
        if wander_s:
            self.driver.play(
                hand.wander(wander_s, self.driver.position, self.desktop.width, self.desktop.height)
            )
        previous = ""
        for target, hold_ms in rhythm:
            if target != previous:
                self.driver.play(hand.reach(self.driver.position, self.targets[target]))
            self.driver.play(hand.click(self.targets[target], hold_ms))
            if target == "password":
                self.driver.type(password)
            previous = target

    def _point_and_click(self, target: str) -> None:
        x, y = self.targets[target]
        events = np.array([(0, 0, 0, x, y), (80, 1, 1, x, y), (160, 2, 1, x, y)], dtype=EVENT_DTYPE)
        self.driver.play(events)

    def _conclude(self, act: str, expected: str) -> None:
        """Wait for the verdict, and write down what came of it."""
        began = time.monotonic()
        lock = self._lock
        assert lock is not None
        wait_until(
            lambda: lock.poll() is not None or self.witness.state() == "checking", 5, "Submit to be heard"
        )
        wait_until(lambda: lock.poll() is not None or self.witness.state() == "failed", 30, "a verdict")
        waited_s = time.monotonic() - began
        unlocked = lock.poll() == 0
        seen = UNLOCKED if unlocked else LOCKED
        if unlocked and not self.witness.exposed_pixels():
            seen = "unlocked but still covered"
        if not unlocked and self.witness.exposed_pixels():
            seen = "locked but exposed"
        self._append(Outcome(act, expected, seen, waited_s, self._last_decision()))

    def _last_decision(self) -> str:
        facts = json.loads(self.desktop.run("status", "--json").stdout)
        decisions = facts.get("decisions", [])
        if not decisions:
            return ""
        last = decisions[0]
        score = last.get("motion_llr")
        rhythm = {True: "rhythm yes", False: "rhythm no", None: "no rhythm"}[last.get("rhythm")]
        return f"{rhythm}, " + (f"motion {score:+.1f}" if score is not None else "no motion")

    def _find_process(self, name: str) -> int:
        """Return the id of this desktop's `python -m NAME`, or of what calls itself NAME, or 0."""
        return next((int(entry.name) for entry in Path("/proc").iterdir() if self._runs(entry, name)), 0)

    def _runs(self, entry: Path, name: str) -> bool:
        try:
            words = [*(entry / "cmdline").read_bytes().split(b"\0"), (entry / "comm").read_bytes().strip()]
            environment = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            return False
        return f"DISPLAY={self.desktop.display}".encode() in environment and name.encode() in words

    def _wait_for(self, states: set[str], timeout_s: float) -> None:
        wait_until(
            lambda: self.witness.state() in states, timeout_s, f"the greeter to be {' or '.join(states)}"
        )

    def _append(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)
        self.on_outcome(outcome)
        self._picture(outcome.act)

    def _picture(self, act: str) -> None:
        number = len(list(self.pictures.glob("*.png"))) + 1
        slug = "".join(c if c.isalnum() else "-" for c in act.lower())
        self.witness.save(self.pictures / f"{number:02d}-{slug}.png")

    def close(self) -> None:
        """End everything that this story started."""
        if self._lock is not None and self._lock.poll() is None:
            self._lock.kill()
            self._lock.wait()
        for name in ("mousegate-keep", "mousegate.auth", "mousegate.greeter"):
            while pid := self._find_process(name):
                os.kill(pid, signal.SIGKILL)
        self.beneath.close()
        self.witness.close()
        self.driver.close()
        self.log.close()
