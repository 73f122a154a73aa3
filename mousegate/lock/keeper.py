"""The keeper: locks every screen of one X server in this order, and ends only by the nonce.

connect -> one keeper per screen -> both grabs -> covers -> readiness -> greeter and auth -> wait.

Everything that can fail and be mended is mended here (a grab, a cover, the focus, the pair). Everything
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
from mousegate.lock.emergency import EMERGENCY
from mousegate.lock.focus import Focus
from mousegate.lock.forward import INPUT_KINDS, Forwarder
from mousegate.lock.grabs import Grabs
from mousegate.lock.messages import GreeterWindow
from mousegate.lock.notice import ELSEWHERE, STARTING, write_notice
from mousegate.lock.settings import Settings
from mousegate.lock.supervisor import REFUSED_SIGNALS

if TYPE_CHECKING:
    from mousegate.lock.children import Pair

_log = logging.getLogger("mousegate.lock")

RETIREMENT_S: Final = 1.0
"""How long a predecessor's covers stay beneath ours: longer than a compositor takes to fade ours in."""
TICK_S: Final = 1.0
"""How often grabs, focus and greeter are looked after although no event asked for it."""
EVENTS_AT_ONCE: Final = 256
"""However fast somebody types, grabs, pair and supervisor are looked after in between."""
_FOCUS_LOST: Final = (X.NotifyNormal, X.NotifyWhileGrabbed)
_CROSSINGS: Final = (X.FocusIn, X.FocusOut, X.EnterNotify)
_GREETER_MOVES: Final = (X.ConfigureNotify, X.ReparentNotify, X.MapNotify, X.DestroyNotify)
"""What happens to the greeter's window, reported on the host: it may be found, moved or lost."""


class AlreadyLockedError(MousegateError):
    """Another keeper holds this screen."""

    exit_status = 5


class Keeper:
    """Locks the screens of one X server. The greeter is on the display's default screen, `self._cover`."""

    def __init__(self, display: Display, settings: Settings) -> None:
        self._display, self._settings = display, settings
        self._covers = [Cover(display, number) for number in range(display.screen_count())]
        self._cover = self._covers[display.get_default_screen()]
        self._focus = Focus(display, self._cover)
        self._grabs = Grabs(display, self._cover.root)
        self._forwarder = Forwarder(display, self._cover.root)
        self._pair: Pair | None = None
        self._locked_s = self._ticked_s = 0.0
        self._started_s = self._start_at_s = self._wait_s = 0.0

    def lock(self) -> None:
        """Return once the screen is locked: grabbed and covered. Raises GrabError or AlreadyLockedError."""
        self._become_the_only_one()
        succeeding = any(cover.has_predecessors for cover in self._covers)
        self._grabs.take(
            self._settings.patience, forever=succeeding, waiting=lambda: self._settings.report("waiting")
        )
        for number in REFUSED_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        self._focus.remember()
        self._display.set_close_down_mode(X.RetainPermanent)
        for cover in self._covers:
            cover.show()
        self._focus.take()
        self._display.sync()  # the server has done it: what lay beneath is not visible any more
        if succeeding:
            _log.warning("took over from a keeper that died; the screen stayed covered")
        self._locked_s = time.monotonic()
        self._settings.report("locked")

    def keep(self) -> None:
        """Guard the lock until the nonce comes back, then open the screen and return."""
        while not (self._pair is not None and self._pair.unlocked):
            self._wait()
            self._look_after_the_pair()
            if time.monotonic() - self._ticked_s >= TICK_S:
                self._tick()
        self._display.set_close_down_mode(X.DestroyAll)
        for cover in self._covers:
            cover.remove()
        self._focus.restore()
        self._display.sync()
        self._grabs.release()
        self._display.close()
        self._settings.report("unlocked")
        self._pair.stop(let_auth_finish=True)

    def _become_the_only_one(self) -> None:
        """Take the manager selection of every screen, under a server grab so that two cannot both."""
        selections = [lock_selection(self._display, number) for number in range(len(self._covers))]
        deadline_s = time.monotonic() + self._settings.succession_s
        while True:
            self._display.grab_server()
            free = all(self._display.get_selection_owner(selection) == X.NONE for selection in selections)
            for selection in selections if free else ():
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
        next_s = self._ticked_s + TICK_S if self._pair else min(self._ticked_s + TICK_S, self._start_at_s)
        timeout_s = 0.0 if self._display.pending_events() else max(0.0, next_s - time.monotonic())
        ready, _, _ = select.select(waiting, [], [], timeout_s)
        for message in self._pair.read(ready, time.monotonic()) if self._pair else ():
            if isinstance(message, GreeterWindow):
                self._forwarder.aim(message.window_id)
                self._forwarder.look(self._cover.host)
        move: Event | None = None
        for _ in range(min(EVENTS_AT_ONCE, self._display.pending_events())):
            event = self._display.next_event()
            if move is not None and event.type != X.MotionNotify:
                self._forwarder.send(move)
            move = event if event.type == X.MotionNotify else None  # of moves in a row the last is enough
            if move is None:
                self._handle(event)
        if move is not None:
            self._forwarder.send(move)

    def _handle(self, event: Event) -> None:
        if event.type in INPUT_KINDS:
            self._forwarder.send(event)
        elif event.type == X.MappingNotify:
            self._display.refresh_keyboard_mapping(event)
        elif event.type in _CROSSINGS:
            self._regain(event)
        else:
            host = self._cover.host
            for cover in self._covers:
                cover.tend(event)
            if event.type == X.DestroyNotify:
                self._focus.look_after()
            if self._cover.host is not host:
                self._fail("the cover they drew in was destroyed")
            if event.type in _GREETER_MOVES and event.event.id == self._cover.host.id:
                self._forwarder.look(self._cover.host)

    def _regain(self, event: Event) -> None:
        """Take back what the focus or the pointer's coming and going says is lost."""
        if event.mode == X.NotifyUngrab:
            _log.log(EMERGENCY, "somebody broke a grab of the locked screen; taking it again")
            self._grabs.retake()
        elif event.type == X.FocusOut and event.mode in _FOCUS_LOST:
            self._focus.look_after()

    def _look_after_the_pair(self) -> None:
        """Start the pair when it is time, and end it at its first fault."""
        now_s = time.monotonic()
        if self._pair is None and now_s >= self._start_at_s:
            # Only now that the screen is covered: what starts processes takes long to import.
            from mousegate.lock.children import Pair

            settings, host = self._settings, self._cover.host
            self._pair = Pair(settings.commands, settings.limits, host.id, now_s)
            self._started_s = now_s
        if self._pair is not None and not self._pair.unlocked:
            self._pair.judge(now_s)
            if self._pair.failure is not None:
                self._fail(self._pair.failure)

    def _tick(self) -> None:
        """Once a second: look after what no event may have told of."""
        self._ticked_s = time.monotonic()
        self._settings.report("alive")
        self._grabs.retake()
        self._focus.look_after()
        for cover in self._covers:
            if cover.follow_compositor() and cover is self._cover:
                self._fail("a compositor has come or gone")
        self._forwarder.look(self._cover.host)
        if self._ticked_s - self._locked_s < RETIREMENT_S:
            return
        for cover in self._covers:
            cover.retire_predecessors()
            if cover is not self._cover:
                write_notice(self._display, cover, ELSEWHERE)
            elif not self._forwarder.is_aimed:
                write_notice(self._display, cover, STARTING)

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
