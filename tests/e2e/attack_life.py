"""Attacks on the life of the lock's processes: killed, stopped, ended in every way."""

import contextlib
import signal

from Xlib import X

from tests.e2e.attack_base import Attacker, strike
from tests.x11.stage import Child, Lock, TooLateError, wait_until


class LifeAttacker(Attacker):
    """Each attack returns how many blows were struck."""

    def words(self) -> list[str]:
        """Have silence noticed after two seconds instead of ten."""
        return ["--silence=2"]

    def kill(self, lock: Lock) -> int:
        """SIGKILL greeter, auth and keeper of a real lock at random moments."""
        struck = 0
        while struck < self.extent.kills:
            keeper = lock.wait_keeper()
            victims = [keeper, *self.stage.children_of(keeper, "mousegate.")]
            struck += strike(self.chance.choice(victims), signal.SIGKILL)
            self.poke()
            self.pause(0.4)
        return struck

    def stop(self, lock: Lock) -> int:
        """SIGSTOP each process for a random while, typing meanwhile."""
        struck = 0
        for _ in range(2 * self.extent.rounds):
            keeper = lock.wait_keeper()
            for victim in (lock.process.pid, keeper, *self.stage.children_of(keeper, "")):
                struck += strike(victim, signal.SIGSTOP)
                self.poke()
                self.pause(0.3)
                strike(victim, signal.SIGCONT)
        return struck

    def stop_for_good(self, lock: Lock) -> int:
        """SIGSTOP greeter, auth and keeper and never wake them: each is replaced; then the supervisor."""
        for _ in range(self.extent.rounds):
            for role in ("greeter", "auth"):
                victim = self._living(lock, role)
                strike(victim.pid, signal.SIGSTOP)
                self.poke()
                victim.wait_gone()
            keeper = lock.wait_keeper()
            strike(keeper, signal.SIGSTOP)
            self.poke()
            lock.wait_keeper(other_than=keeper)
        strike(lock.process.pid, signal.SIGSTOP)
        self.poke()
        while self.stage.covers():
            auth = self.stage.child("auth")  # those that are gone by now do not hear it
            auth.tell("write", to="unlock", data=auth.nonce)
            with contextlib.suppress(TooLateError):
                wait_until(lambda: self.stage.covers() == [], "an unlock without the supervisor", limit_s=2)
        strike(lock.process.pid, signal.SIGCONT)
        lock.wait_status()
        return 3 * self.extent.rounds + 1

    def _living(self, lock: Lock, role: str) -> Child:
        """Return the child of this role that the keeper of now has started, and that has begun to beat."""
        while True:
            child = self.stage.child(role)
            if child.pid in self.stage.children_of(lock.wait_keeper(), "fake_child.py"):
                return child

    def orphan(self, lock: Lock) -> int:
        """SIGKILL supervisor and keeper, type at the covers that nobody keeps; another lock adopts them."""
        selection = self.stage.display.intern_atom("_MOUSEGATE_LOCK_S0")
        for _ in range(self.extent.rounds):
            keeper = lock.wait_keeper()
            self.pause(0.5)
            lock.process.kill()
            lock.process.wait()
            strike(keeper, signal.SIGKILL)
            wait_until(
                lambda: self.stage.display.get_selection_owner(selection) == X.NONE, "the keeper's end"
            )
            for _ in range(20):
                self.poke()
            following = self.stage.lock("--silence=2")
            following.wait_locked()
            lock.process, lock.log = following.process, following.log
        return self.extent.rounds

    def exit_statuses(self, _lock: Lock) -> int:
        """Have greeter and auth each exit with many statuses, 0 first."""
        statuses = [0, *self.chance.sample(range(1, 256), self.extent.statuses - 1)]
        for status in statuses:
            for number in (0, 1):
                pair = self.stage.pair()
                pair[number].tell("exit", status=status)
                self.poke()
                for child in pair:
                    child.wait_gone()
        return 2 * len(statuses)
