"""Joins window, presenter, peer, recorder and keeper on Qt's event loop."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from PyQt5.QtCore import QObject, QSocketNotifier, QTimer, pyqtSignal

from mousegate.core.greetd_ipc import Message
from mousegate.greeter.backends.auth import PeerClosedError
from mousegate.greeter.battery import read_battery
from mousegate.greeter.blanking import Blanker
from mousegate.greeter.cut import Cut
from mousegate.greeter.desk import Desk, monitor_of
from mousegate.greeter.keeper import KeeperLink
from mousegate.greeter.presenter import Manner, Presenter
from mousegate.greeter.screen import Phase
from mousegate.greeter.window import GreeterWindow

_log = logging.getLogger("mousegate.greeter")
ALIVE_MS: Final = 1000
_LOOK_MS: Final = 120
_MEASURE_MS: Final = 150


class Backend(Protocol):
    """A conversation in the greetd vocabulary; the lock's, LightDM's and greetd's look alike from here."""

    def fileno(self) -> int:
        """Return the descriptor to watch."""

    def send(self, message: Message) -> None:
        """Send one message."""

    def receive(self) -> list[Message]:
        """Return what has arrived."""


class Maker(Protocol):
    """Makes probes in a thread of its own."""

    def warm_up(self, warn: Callable[[str], None]) -> None:
        """Load what takes long; call `warn` from any thread with what the person should know."""

    def begin(self, server_time_ms: Callable[[], int]) -> int:
        """A new attempt begins; `server_time_ms` asks the X server for its time, which is returned."""

    def make(self, cut: Cut, done: Callable[[str, str], None]) -> None:
        """Call `done(encoded probe, note)` from any thread."""

    def measure(self, cut: Cut, done: Callable[[float], None]) -> None:
        """Call `done(share of the movement that is needed, 0 to 1)` from any thread."""


class Greeter(QObject):
    """The running greeter. `leave` is called when the person leaves the rehearsal or it is over.

    named: a name was typed where nobody had been named yet.
    """

    named = pyqtSignal(str)

    _taken = pyqtSignal(int, str, str)
    _measured = pyqtSignal(float)
    _warned = pyqtSignal(str)

    def __init__(
        self,
        *,
        window: GreeterWindow,
        desk: Desk,
        backend: Backend,
        maker: Maker,
        keeper: KeeperLink | None,
        user: str,
        manner: Manner,
        leave: Callable[[], None],
        blanker: Blanker,
        translate: Callable[[str], str] = str,
    ) -> None:
        super().__init__()
        self._window, self._desk, self._backend, self._maker = window, desk, backend, maker
        self._keeper, self._manner, self._leave = keeper, manner, leave
        self._blanker = blanker
        self._motion_since_ms: int | None = None
        self._rhythm_since_ms: int | None = None
        self._cut: Cut | None = None
        self._ticket = 0
        self._presenter = Presenter(
            user=user,
            send=backend.send,
            view=window,
            recorder=self,
            leave=leave,
            manner=manner,
            translate=translate,
            named=self.named.emit,
        )
        self._taken.connect(self._presenter.probe_taken)
        self._measured.connect(self._gathered)
        self._warned.connect(self._presenter.notice)
        window.submitted.connect(self._presenter.submit)
        window.escaped.connect(self._presenter.escape)
        window.recovery_toggled.connect(self._presenter.toggle_recovery)
        window.started_over.connect(self.restart)
        window.keyed.connect(self._look_soon)
        window.edited.connect(self._presenter.edited)
        window.lit.connect(self._lit)
        self._notifier = QSocketNotifier(backend.fileno(), QSocketNotifier.Read, self)  # type: ignore[arg-type]
        self._notifier.activated.connect(self._peer_spoke)
        self._alive = QTimer(self)
        self._alive.setInterval(ALIVE_MS)
        self._alive.timeout.connect(self._second_passed)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_LOOK_MS)
        self._soon.timeout.connect(self._look)
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(_MEASURE_MS)
        self._gathering.timeout.connect(self._measure)

    def start(self) -> None:
        """Take the first look around, tell the keeper where the window is, and begin."""
        self._look()
        self._window.show_battery(read_battery())
        self._presenter.start()
        self._alive.start()
        self._announce()
        self._maker.warm_up(self._warned.emit)

    def address(self, user: str, message: str = "") -> bool:
        """Turn to another person (Presenter.address)."""
        return self._presenter.address(user, message)

    def wait(self) -> bool:
        """The peer begins an attempt by itself (Presenter.wait)."""
        return self._presenter.wait()

    def renew(self) -> None:
        """The peer has forgotten everything, and so does the screen."""
        self._presenter.start()

    def notice(self, text: str) -> None:
        """Tell the person something, unless something else is being told."""
        self._presenter.notice(text)

    # ---- the probe

    def take(self, ticket: int) -> None:
        """Cut the probe at the input event that is being handled, which is the Submit."""
        window = self._window
        self._cut = Cut(
            monitor=window.monitor,
            motion_since_ms=self._motion_since_ms,
            rhythm_since_ms=self._rhythm_since_ms,
            until_ms=window.last_input_ms,
            release=window.last_release,
        )
        self._make(self._cut, ticket)

    def gather(self, ticket: int) -> None:
        """Watch the movement that follows the Submit until there is enough; then cut the probe again."""
        assert self._cut is not None
        self._cut, self._ticket = replace(self._cut, more=True), ticket
        self._gathering.start()

    def _measure(self) -> None:
        if self._cut is not None and self._cut.more:
            self._maker.measure(self._cut, self._measured.emit)

    def _gathered(self, share: float) -> None:
        if self._cut is None or not self._cut.more:
            return
        self._presenter.gathered(share)
        if share < 1.0:
            self._gathering.start()
        else:
            self._make(self._cut, self._ticket)

    def _make(self, cut: Cut, ticket: int) -> None:
        self._maker.make(cut, lambda answer, note: self._taken.emit(ticket, answer, note))

    def restart(self) -> None:
        """The rhythm begins anew after the input event that is being handled."""
        self._rhythm_since_ms = self._window.last_input_ms
        self._window.touched = False

    def forget(self) -> None:
        """A new attempt begins: neither clicks nor movement so far belong to it."""
        self.restart()
        self._cut = None
        now_ms = self._maker.begin(self._desk.server_time_ms)
        self._motion_since_ms = self._rhythm_since_ms = now_ms

    # ---- around it

    def _peer_spoke(self) -> None:
        try:
            for message in self._backend.receive():
                self._presenter.received(message)
        except PeerClosedError:
            self._notifier.setEnabled(False)
            if self._manner.eager:
                self._leave()
            elif self._presenter.screen.phase is not Phase.WELCOME:
                raise

    def _second_passed(self) -> None:
        if self._keeper is not None:
            self._keeper.alive()
        self._window.tick()
        self._window.show_battery(read_battery())
        self._look()
        self._look_after_light()

    def _look_after_light(self) -> None:
        """Tell the window that it is dark, and a second late that it is lit: after the key that lit it."""
        was_dark = self._blanker.is_dark
        self._blanker.look(time.monotonic())
        if self._blanker.is_dark:
            self._window.is_dark = True
        elif not was_dark:
            self._window.is_dark = False

    def _lit(self) -> None:
        """Somebody has come: what they do begins now."""
        self._blanker.touched()
        self.restart()

    def _look_soon(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    def _look(self) -> None:
        """Follow the pointer to its monitor while nothing has been begun there; show the keyboard's state."""
        window = self._window
        window.show_keyboard(self._desk.keyboard())
        monitors = self._desk.monitors()
        if self._manner.eager or (window.is_begun() and window.monitor in monitors):
            return
        if window.place(monitor_of(self._desk.pointer(), monitors)):
            self.restart()
            self._announce()

    def _announce(self) -> None:
        if self._keeper is not None and self._alive.isActive():
            self._keeper.window_ready(int(self._window.winId()))
