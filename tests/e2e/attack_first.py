"""A client that holds the grabs when the lock comes."""

from Xlib import X
from Xlib.display import Display

from tests.e2e.attack_base import Attacker
from tests.x11.stage import Lock, wait_until


class FirstAttacker(Attacker):
    """Grabs before the lock does."""

    def lock(self, words: list[str], real: str = "none", **variables: str) -> Lock:
        """Have locks fail while the grabs are held, then one succeed when they are let go in time."""
        holder = self.stage.connect()
        for number in range(self.extent.losses * 3):
            _hold(holder, keyboard=number % 3 != 0, pointer=number % 3 != 1)
            failed = self.stage.lock(*words, "--grab-timeout=0.2", real=real, passed=(), **variables)
            assert failed.wait_status() == 3 and "NOT locked" in failed.text()
            assert self.stage.covers() == [] and self.stage.beneath.pixels() > 0
        lock = self.stage.lock(*words, "--grab-timeout=20", real=real, passed=(), **variables)
        wait_until(lambda: "another client holds a grab" in lock.text(), "a nudge")
        _release(holder)
        lock.wait_locked()
        self.stage.beneath.received()
        return lock

    def grabs_first(self, lock: Lock) -> int:
        """Hold keyboard, pointer or both when the lock comes, and try to grab again while it is locked."""
        attacker = self.stage.connect()
        for _ in range(10 * self.extent.losses):
            _hold(attacker, keyboard=True, pointer=True)
            _release(attacker)
            self.poke()
        assert lock.is_running()
        return 13 * self.extent.losses + 1


def _hold(client: Display, *, keyboard: bool, pointer: bool) -> None:
    root = client.screen().root
    if keyboard:
        root.grab_keyboard(True, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
    if pointer:
        root.grab_pointer(
            True, X.ButtonPressMask, X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE, X.CurrentTime
        )
    client.sync()


def _release(client: Display) -> None:
    client.ungrab_keyboard(X.CurrentTime)
    client.ungrab_pointer(X.CurrentTime)
    client.sync()
