"""Attacks by what the lock's processes say to each other: rubbish, too much, and other people's words."""

import contextlib
import json
import sys

from mousegate.core import greetd_ipc
from tests.e2e.attack_base import Attacker
from tests.x11.stage import Child, Lock, TooLateError

_FLOOD = 2_000_000
_TRUE_MESSAGES = (
    greetd_ipc.success(),
    greetd_ipc.error("auth_error", "x" * 1000),
    greetd_ipc.auth_message("visible", "mousegate-probe:1"),
    greetd_ipc.auth_message("secret", "Password:"),
    greetd_ipc.create_session("root"),
    {"type": "success", "nonce": "f" * 64},
    {"type": "unlock"},
)


class WordsAttacker(Attacker):
    """Each attack returns how many times something was said."""

    def rubbish(self, _lock: Lock) -> int:
        """Have greeter and auth spew random bytes on the heartbeat and unlock pipes."""
        for number in range(self.extent.rubbish):
            greeter, auth = self.stage.pair()
            victim: Child = greeter if number % 3 == 0 else auth
            victim.tell("write", to="unlock" if number % 3 == 1 else "keeper", data=self._bytes() + "\n")
            self.poke()
            victim.tell("exit", status=0)
            greeter.wait_gone()
            auth.wait_gone()
        return self.extent.rubbish

    def floods(self, lock: Lock) -> int:
        """Have greeter and auth say true words, megabytes of them, while somebody types."""
        lines = ("alive\n", "window 4194305\n", "window 536870911\n")
        for number in range(2 * self.extent.rounds):
            child = self.stage.pair()[number % 2]
            line = lines[number % 3]
            child.tell("write", to="keeper", data=line * (_FLOOD // len(line)))
            for _ in range(20):
                self.poke()
            keeper = lock.wait_keeper()
            assert lock.is_running() and keeper
            child.tell("exit", status=0)
            child.wait_gone()
        return 2 * self.extent.rounds

    def greeter_hears(self, _lock: Lock) -> int:
        """Have an auth spew random bytes and untimely messages at the real greeter over their socket."""
        return self._speak("auth")

    def auth_hears(self, _lock: Lock) -> int:
        """Have a greeter spew random bytes and untimely messages at the real auth over their socket."""
        return self._speak("greeter")

    def _speak(self, role: str) -> int:
        made = self.extent.rubbish // 2
        for number in range(made):
            child = self.stage.child(role)
            if number % 2:
                message = json.dumps(self.chance.choice(_TRUE_MESSAGES)).encode()
                data = (len(message).to_bytes(4, sys.byteorder) + message).decode("latin-1")
            else:
                data = self._bytes()
            child.tell("send", data=data)
            self.poke()
            self.pause(0.3)
            child.tell("exit", status=0)
            with contextlib.suppress(TooLateError):  # or the keeper was quicker
                child.wait_gone()
        return made

    def _bytes(self) -> str:
        return self.chance.randbytes(self.chance.choice((1, 63, 64, 65, 5000))).decode("latin-1")
