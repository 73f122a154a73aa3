"""The keeper: locks one X screen in this order, and ends only by the nonce.

connect -> one keeper per screen -> both grabs -> cover -> readiness -> greeter and auth -> wait.

Everything that can fail and be mended is mended here (a grab, the cover, the focus, the pair). Everything
else raises: the process then ends with the screen covered, and the supervisor starts the next keeper.
"""

import logging
import os
import select
import signal
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from Xlib import X
from Xlib.display import Display
from Xlib.protocol.rq import Event

from mousegate.errors import MousegateError
from mousegate.lock.cover import Cover
from mousegate.lock.display import connect, lock_selection
from mousegate.lock.forward import INPUT_KINDS, Forwarder
from mousegate.lock.grabs import Grabs
from mousegate.lock.messages import GreeterWindow
from mousegate.lock.notice import Notice
from mousegate.lock.settings import Settings
from mousegate.lock.supervisor import REFUSED_SIGNALS

if TYPE_CHECKING:
    from mousegate.lock.children import Pair

_log = logging.getLogger("mousegate.lock")

FAMILY_EVENTS: Final = frozenset({X.ConfigureNotify, X.ReparentNotify, X.MapNotify, X.DestroyNotify})
"""What happens to the greeter's window, reported on the cover: it may be found, moved or lost."""
RETIREMENT_S: Final = 1.0
"""How long a predecessor's covers stay beneath ours: longer than a compositor takes to fade ours in."""
TICK_S: Final = 1.0
"""How often grabs and focus are looked after although no event asked for it."""


class AlreadyLockedError(MousegateError):
    """Another keeper holds this screen."""

    exit_status = 5


class Keeper:
    """Locks the default screen of one display."""

    def __init__(self, display: Display, settings: Settings) -> None:
        self._display = display
        self._settings = settings
        screen = display.screen()
        self._root = screen.root
        self._grabs = Grabs(display, screen.root)
        self._cover = Cover(display, screen.root)
        self._forwarder = Forwarder(display, screen.root)
        self._notice: Notice | None = None
        self._pair: Pair | None = None
        self._locked_s = 0.0
        self._started_s = 0.0
        self._start_at_s = 0.0
        self._wait_s = 0.0
        self._ticked_s = 0.0

    def lock(self) -> None:
        """Return once the screen is locked: grabbed and covered. Raises GrabError or AlreadyLockedError."""
        self._become_the_only_one()
        succeeding = self._cover.has_predecessors
        self._grabs.take(
            self._settings.patience,
            forever=succeeding,
            waiting=lambda: self._settings.report("waiting"),
        )
        for number in REFUSED_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self._cover.show()
        if succeeding:
            _log.warning("took over from a keeper that died; the screen stayed covered")
        self._locked_s = time.monotonic()
        self._settings.report("locked")

    def keep(self) -> None:
        """Guard the lock until the nonce comes back, then open the screen and return."""
        while not (self._pair is not None and self._pair.unlocked):
            self._wait()
            self._mend()
        self._cover.remove()
        self._grabs.release()
        self._display.close()
        self._settings.report("unlocked")
        self._pair.stop(let_auth_finish=True)

    def _become_the_only_one(self) -> None:
        """Take this screen's manager selection, under a server grab so that two cannot both."""
        selection = lock_selection(self._display)
        deadline_s = time.monotonic() + self._settings.succession_s
        while True:
            self._display.grab_server()
            free = self._display.get_selection_owner(selection) == X.NONE
            if free:
                self._cover.base.set_selection_owner(selection, X.CurrentTime)
            self._display.ungrab_server()
            self._display.flush()
            if free:
                return
            if time.monotonic() >= deadline_s:
                raise AlreadyLockedError("this screen is already locked by another mousegate-lock.")
            select.select([self._display.fileno()], [], [], 0.02)

    def _wait(self) -> None:
        """Sleep until something happens, then take it in."""
        self._display.flush()
        waiting = [self._display.fileno(), *(self._pair.descriptors() if self._pair else [])]
        timeout_s = 0.0 if self._display.pending_events() else self._next_s() - time.monotonic()
        ready, _, _ = select.select(waiting, [], [], max(0.0, timeout_s))
        if self._pair is not None:
            for message in self._pair.read(ready, time.monotonic()):
                if isinstance(message, GreeterWindow):
                    self._forwarder.aim(message.window_id)
                    self._forwarder.look(self._cover.host)
        self._take_events()

    def _next_s(self) -> float:
        deadline_s = self._ticked_s + TICK_S
        if self._pair is None:
            return min(deadline_s, self._start_at_s)
        return deadline_s

    def _take_events(self) -> None:
        """Handle every event that has arrived. Of moves in a row only the last is forwarded."""
        move: Event | None = None
        for _ in range(self._display.pending_events()):
            event = self._display.next_event()
            if event.type == X.MotionNotify:
                move = event
                continue
            if move is not None:
                self._forwarder.send(move)
                move = None
            self._handle(event)
        if move is not None:
            self._forwarder.send(move)

    def _handle(self, event: Event) -> None:
        if event.type in INPUT_KINDS:
            self._forwarder.send(event)
        elif event.type == X.MappingNotify:
            self._display.refresh_keyboard_mapping(event)
        elif event.type in (X.FocusIn, X.FocusOut) and event.mode == X.NotifyUngrab:
            self._retake()
        else:
            host = self._cover.host
            self._cover.tend(event)
            if self._cover.host is not host:
                self._fail("the cover they drew in was destroyed")
            if event.type in FAMILY_EVENTS and event.event.id == self._cover.host.id:
                self._forwarder.look(self._cover.host)

    def _mend(self) -> None:
        """Look after the pair, and once a tick after the rest."""
        now_s = time.monotonic()
        if self._pair is None and now_s >= self._start_at_s:
            # Only now that the screen is covered: what starts processes takes long to import.
            from mousegate.lock.children import Pair

            self._pair = Pair(self._settings.commands, self._settings.limits, self._cover.host.id, now_s)
            self._started_s = now_s
        if self._pair is not None and not self._pair.unlocked:
            self._pair.judge(now_s)
            if self._pair.failure is not None:
                self._fail(self._pair.failure)
        if now_s - self._ticked_s >= TICK_S:
            self._ticked_s = now_s
            self._settings.report("alive")
            self._retake()
            if self._cover.follow_compositor():
                self._fail("a compositor has come or gone")
            if now_s - self._locked_s >= RETIREMENT_S:
                self._cover.retire_predecessors()
                self._say_that_it_is_locked()
            self._forwarder.look(self._cover.host)
            if not self._cover.holds_focus():
                self._cover.take_focus()

    def _say_that_it_is_locked(self) -> None:
        """Write so on the cover while there is no greeter to show it."""
        if not self._forwarder.is_aimed:
            self._notice = self._notice or Notice(self._display, self._root)
            self._notice.draw(self._cover.host)

    def _retake(self) -> None:
        if not self._grabs.retake():
            _log.critical("EMERGENCY: another client holds the keyboard or the pointer of the locked screen")

    def _fail(self, reason: str) -> None:
        """Kill the pair and plan the next one."""
        if self._pair is None:
            return
        now_s = time.monotonic()
        self._wait_s = self._settings.backoff.next_s(self._wait_s, now_s - self._started_s)
        _log.error("restarting greeter and auth in %.1f s: %s", self._wait_s, reason)
        self._forwarder.rest()
        self._pair.stop()
        self._pair = None
        self._start_at_s = now_s + self._wait_s


def run(settings: Settings, wait: Callable[[Display], None]) -> int:
    """Lock, wait, unlock; return the exit status of the contracts for the ways that are not exceptions.

    wait: returns when it is time to lock.
    """
    os.umask(0o077)
    display = connect()
    wait(display)
    keeper = Keeper(display, settings)
    keeper.lock()
    keeper.keep()
    return 0
