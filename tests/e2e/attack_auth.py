"""Attacks on the real auth behind a real keeper and a real PAM stack; the greeter is the attacker's."""

import contextlib
import getpass
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT, RECOVERY_PREFIX
from mousegate.storage.store import Store
from tests.e2e.attack_base import Attacker
from tests.e2e.auth_peer import LIBRARIES, PASSWORD, pam_environment
from tests.x11.stage import Child, Lock, TooLateError, wait_until

REPOSITORY: Final = Path(__file__).parents[2]
FAKETIME: Final = LIBRARIES / "faketime/libfaketime.so.1"
BACK_OFF_S: Final = 301
"""Longer than the longest back-off."""
OUR_WORDS: Final = (
    "success",
    '{"type": "success"}',
    '{"type": "auth_message", "auth_message_type": "visible", "auth_message": "mousegate-probe:1"}',
    PROBE_PROMPT,
    RECOVERY_PREFIX + "aaaa-aaaa-aaaa",
    "alive",
    "window 4194305",
    "unlocked",
    "f" * 64,
    "\u202e%s%n\x1b[2J",
)


class Guest:
    """The attacker's greeter: a fake child that speaks to the real auth."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._decoder = greetd_ipc.Decoder()
        self._heard: list[Message] = []

    def send_bytes(self, data: bytes) -> None:
        """Send anything."""
        self.child.tell("send", data=data.decode("latin-1"))

    def send(self, message: Message) -> None:
        """Send one message."""
        self.send_bytes(greetd_ipc.encode(message))

    def receive(self) -> Message:
        """Return the next message of auth. Raises TooLateError when the pair is gone."""
        while not self._heard:
            self.child.tell("receive")
            self._heard += self._decoder.feed(self.child.hear()["received"].encode("latin-1"))
        return self._heard.pop(0)

    def attempt(self, password: str, answer: str = "rubbish") -> str:
        """Make one attempt; return how it ended: `success`, or what the error says."""
        self.send(greetd_ipc.create_session(getpass.getuser()))
        while (said := self.receive())["type"] == "auth_message":
            kind, text = said["auth_message_type"], said["auth_message"]
            response = None if kind in ("info", "error") else password
            asked = kind == "visible" and text == PROBE_PROMPT
            self.send(greetd_ipc.post_response(answer if asked else response))
        return str(said["type"] if said["type"] == "success" else said["description"])


class AuthAttacker(Attacker):
    """A home with recovery codes, a clock that the attacker may set, and a PAM stack that says our words."""

    def variables(self) -> dict[str, str]:
        """Make the home; return the environment in which it is this person's."""
        home = self.home
        home.mkdir(mode=0o700)
        (home / "config/mousegate").mkdir(parents=True)
        with Store.create(home / "data/mousegate") as store:
            self.code = store.recovery.renew()[0]
            store.settings.arm()
        texts = "".join(f"auth optional pam_echo.so file={self._text(n)}\n" for n in range(len(OUR_WORDS)))
        stack = "auth required {matrix} passdb={passwords}\naccount required {matrix} passdb={passwords}\n"
        variables = pam_environment(home, texts + stack)
        self.set_clock(0)
        return variables

    def words(self) -> list[str]:
        """Have auth run from a copy of the program, whose model may be taken away, and by a clock of its own.

        libfaketime is loaded into auth alone: in the keeper, which asks only the monotonic clock, it would
        make sleeps last for years (it takes their ends for wall clock times).
        """
        copy = self.stage.directory / "program"
        for part in ("mousegate", "models"):
            ignored = shutil.ignore_patterns("__pycache__", "training")
            shutil.copytree(REPOSITORY / part, copy / part, ignore=ignored)
        variables = {
            "PYTHONPATH": copy,
            "LD_PRELOAD": f"{LIBRARIES}/libpam_wrapper.so:{FAKETIME}",
            "FAKETIME_TIMESTAMP_FILE": self.home / "clock",
            "FAKETIME_NO_CACHE": 1,
            "FAKETIME_DONT_FAKE_MONOTONIC": 1,
            "FAKETIME_DISABLE_SHM": 1,
        }
        named = " ".join(f"{name}={value}" for name, value in variables.items())
        return [f"--auth-command=env {named} {sys.executable} -P -m mousegate.auth"]

    def set_clock(self, offset_s: int) -> None:
        """Set the clock that auth sees, `offset_s` from the real one."""
        following = self.home / "clock.new"
        following.write_text(f"{offset_s:+d}\n")
        following.replace(self.home / "clock")

    def guest(self) -> Guest:
        """Return the attacker's next greeter."""
        return Guest(self.stage.child("greeter"))

    def auth_pid(self, lock: Lock) -> int:
        """Return the process id of the running auth."""
        return self.stage.children_of(lock.wait_keeper(), "mousegate.auth")[0]

    def open(self, guest: Guest, lock: Lock) -> None:
        """Unlock as the owner would: with the password and a recovery code."""
        self.set_clock(10 * 366 * 86_400)
        with contextlib.suppress(TooLateError):  # killed with the pair before it could pass on the success
            assert guest.attempt(PASSWORD, RECOVERY_PREFIX + self.code) == "success"
        assert lock.wait_status() == 0

    # --- attacks ------------------------------------------------------------------------------------------

    def guesses(self, lock: Lock) -> int:
        """Guess the password, setting the clock past each back-off, then unlock."""
        guest = self.guest()
        for number in range(self.extent.guesses):
            self.set_clock(number * BACK_OFF_S)
            assert guest.attempt(f"guess {number}") != "success"
            if number % 10 == 0:
                self.poke()
        assert self._failures() == self.extent.guesses
        self.open(guest, lock)
        return self.extent.guesses

    def right_password_alone(self, lock: Lock) -> int:
        """Give the right password with rubbish for the signature, PAM saying our words, then unlock."""
        guest = self.guest()
        answers = ("", "success", "f" * 64, RECOVERY_PREFIX, RECOVERY_PREFIX + "aaaa-aaaa-aaaa")
        for number, answer in enumerate(answers):
            self.set_clock(number * BACK_OFF_S)
            assert guest.attempt(PASSWORD, answer) != "success"
        self.open(guest, lock)
        return len(answers) * len(OUR_WORDS)

    def clock_steps(self, lock: Lock) -> int:
        """Step the clock by years, forth and back, between guesses, then unlock."""
        guest = self.guest()
        steps = (5, -5, 0) * self.extent.losses
        for years in steps:
            self.set_clock(years * 365 * 86_400)
            assert guest.attempt("guess") != "success"
            self.poke()
        self.open(guest, lock)
        return len(steps)

    def megabytes(self, lock: Lock) -> int:
        """Answer with passwords of 60 kB, and of 1 MB, which is more than the protocol takes, then unlock."""
        for _ in range(self.extent.losses):
            guest = self.guest()
            assert guest.attempt("x" * 60_000) != "success"
            guest.send(greetd_ipc.create_session(getpass.getuser()))
            guest.send_bytes((1_000_000).to_bytes(4, sys.byteorder) + b'{"response": "' + b"x" * 1_000_000)
            guest.child.wait_gone()
        self.open(self.guest(), lock)
        return 2 * self.extent.losses

    def losses(self, lock: Lock) -> int:
        """Take the model away, spoil the store in three ways, take it away, then its directory; try each."""
        store = self.home / "data/mousegate/store.sqlite"
        self.guest()
        shutil.rmtree(self.stage.directory / "program/models")
        tried = [self._try_anew(lock)]
        whole = store.read_bytes()
        for spoilt in (whole[: len(whole) // 2], b"", b"\xff" * 5000):
            store.write_bytes(spoilt)
            tried.append(self._try_anew(lock))
        store.unlink()
        tried.append(self._try_anew(lock))
        shutil.rmtree(store.parent)
        tried.append(self._try_anew(lock))
        assert "success" not in tried
        return len(tried)

    def _try_anew(self, lock: Lock) -> str:
        """Kill the pair, and try the right password and code on the next one."""
        keeper = lock.wait_keeper()
        os.kill(self.stage.children_of(keeper, "mousegate.auth")[0], 9)
        try:
            return self.guest().attempt(PASSWORD, RECOVERY_PREFIX + "aaaa-aaaa-aaaa")
        except TooLateError:
            return "auth ended"

    def _failures(self) -> int:
        with Store.create(self.home / "data/mousegate") as store:
            return store.attempts.failures()

    def _text(self, number: int) -> Path:
        """Write down one of our words, which pam_echo is to say."""
        path = self.home / f"words{number}"
        path.write_text(OUR_WORDS[number].replace("%", "%%"))
        return path


class DiskAttacker(AuthAttacker):
    """A disk on which nothing more can be written, neither log nor store."""

    def lock(self, words: list[str], real: str = "none", **variables: str) -> Lock:
        """Have all processes log to where there is no space left (full(4))."""
        self.stage.log = Path("/dev/full")
        return super().lock(words, real, **variables)

    def disk_full(self, lock: Lock) -> int:
        """Fill the disk: guess, give the right password, a recovery code; then make room and unlock."""
        guest = self.guest()
        pid = self.auth_pid(lock)
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        for number in range(self.extent.losses):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, hard))
            self.set_clock((2 * number + 1) * BACK_OFF_S)
            assert guest.attempt("guess") != "success"
            self.poke()
            self.set_clock((2 * number + 2) * BACK_OFF_S)
            assert guest.attempt(PASSWORD) != "success"
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        os.kill(pid, 9)
        self.open(self.guest(), lock)
        return 2 * self.extent.losses


class BusAttacker(AuthAttacker):
    """A session bus that dies while the screen is locked."""

    def variables(self) -> dict[str, str]:
        """Start the bus."""
        variables = super().variables()
        address = f"unix:path={self.home}/bus"
        words = ["dbus-daemon", "--session", "--nofork", f"--address={address}"]
        self._bus = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until((self.home / "bus").exists, "the session bus")
        return variables | {"DBUS_SESSION_BUS_ADDRESS": address}

    def bus_gone(self, lock: Lock) -> int:
        """Kill the session bus, then the pair, guess, and unlock without a bus."""
        guest = self.guest()
        self._bus.kill()
        self._bus.wait()
        for _ in range(self.extent.losses):
            assert guest.attempt("guess") != "success"
            self.poke()
            os.kill(self.auth_pid(lock), 9)
            guest = self.guest()
        self.open(guest, lock)
        return self.extent.losses
