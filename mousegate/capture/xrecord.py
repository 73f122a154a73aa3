"""Recording the pointer with the X RECORD extension.

Two connections, as the extension asks: one brings the records, one controls. The one that brings them is
read raw in the recorder's own thread, and many events are decoded at once by numpy. Only ButtonPress,
ButtonRelease and MotionNotify of devices are ever asked for; keys never reach this process. Grabs of other
clients hide nothing from RECORD.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np

from mousegate.capture.buffer import EventBuffer
from mousegate.capture.recordwire import MARK_BYTES, X_EVENT, RecordConnection, Replies
from mousegate.capture.wire import Listener
from mousegate.core.events import Events, Kind
from mousegate.errors import DisplayError, ProtocolError

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """How a recorder behaves.

    capacity: events kept; the oldest are dropped (and counted) beyond it. Two million are over four hours
        of uninterrupted movement at 125 events/s, in 36 MB.
    gather_s: events are gathered for so long (or until there are about 250), so that the process is not
        woken for each: a wake-up costs about 0.2 ms of CPU, an event 0.3 us. Nobody who asks waits for it.
    pending_bytes: this much is kept undecoded until somebody looks. flush_s: how often one who waits asks
        the server to hand over what it holds back.
    patience_s: how long the start and the end wait for the X server.
    """

    capacity: int = 2_000_000
    gather_s: float = 0.1
    pending_bytes: int = 1 << 20
    flush_s: float = 0.05
    patience_s: float = 5.0


class Recorder:
    """Records pointer events from entering the `with` block until leaving it.

    Every event that the server handles after `__enter__` has returned is seen, in order. `snapshot`, `take`,
    `clear` and the waits first catch up: they know every event that the server handled before the call.
    When the server goes away, `failure` says so and the events so far remain. All methods may be called from
    any thread.
    """

    def __init__(
        self, display_name: str | None = None, settings: RecorderSettings = RecorderSettings()
    ) -> None:
        self._display_name = display_name
        self._settings = settings
        self._changed = threading.Condition()
        self._decoded = EventBuffer(settings.capacity)
        self._pending = bytearray()
        self._replies = Replies()
        self._connection: RecordConnection | None = None
        self._ended = False
        self._closing = False
        self._failure: DisplayError | None = None

    def __enter__(self) -> Self:
        """Connect and start. Raises DisplayError: no display, Wayland, or no RECORD extension."""
        connection = self._connection = RecordConnection(self._display_name)
        self._thread = threading.Thread(
            target=self._run, args=(connection,), name="mousegate-xrecord", daemon=True
        )
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._ended or self._replies.started, self._settings.patience_s)
        if not self._replies.started:
            self._close()
            raise self._failure or DisplayError("The X server does not start recording; look at its log.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; what was recorded stays readable."""
        self._close()

    def snapshot(self) -> Events:
        """Return a copy of the events since the start or the last `clear`, oldest first."""
        self._catch_up()
        with self._changed:
            return self._events().copy()

    def take(self) -> Events:
        """Return the events so far and forget them, so that none is lost between the two."""
        self._catch_up()
        with self._changed:
            taken = self._events().copy()
            self._decoded.clear()
            return taken

    def clear(self) -> None:
        """Forget the events so far."""
        self.take()

    @property
    def failure(self) -> DisplayError | None:
        """Why recording ended before it was stopped; None while all is well."""
        return self._failure

    @property
    def seen(self) -> int:
        """How many events have come in since the start, cleared or not; this does not catch up."""
        with self._changed:
            return self._decoded.seen + len(self._pending) // X_EVENT.itemsize

    @property
    def dropped(self) -> int:
        """How many of the oldest events had to make room for newer ones."""
        with self._changed:
            return self._decoded.dropped

    def wait_for(self, kind: Kind, button: int, time_ms: int, timeout_s: float) -> bool:
        """Wait until the event of `kind` and `button` with X time `time_ms`, or a later one, was recorded.

        The X server records in order, so then every event before it was recorded too. `time_ms` may be the
        bare CARD32 of an X event. Returns False when it did not come within `timeout_s`, or the recording
        ended.
        """

        def arrived(events: Events) -> bool:
            same = events["time_ms"][(events["kind"] == kind) & (events["button"] == button)]
            late = ((same - time_ms) & 0xFFFFFFFF) < (1 << 31)
            return bool(late.any())

        return self.wait_until(arrived, timeout_s)

    def wait_until(self, predicate: Callable[[Events], bool], timeout_s: float) -> bool:
        """Wait until `predicate(events so far)` holds; False after `timeout_s` or when recording ended.

        The events are lent for the call: copy what is kept.
        """
        deadline_s = time.monotonic() + timeout_s
        while True:
            self._catch_up()
            with self._changed:
                if predicate(self._events()):
                    return True
                left_s = deadline_s - time.monotonic()
                if self._ended or left_s <= 0:
                    return False
                self._changed.wait(min(left_s, self._settings.flush_s))

    def _catch_up(self) -> None:
        """Return once every event that the server handled until now is kept."""
        mark = None if self._connection is None else self._connection.mark()
        if mark is None:
            return
        with self._changed:
            self._changed.wait_for(
                lambda: self._ended or self._replies.marks >= mark, self._settings.patience_s
            )

    def _run(self, connection: RecordConnection) -> None:
        listener = Listener(connection.socket)
        try:
            while not self._replies.ended:
                untrusted_bytes = listener.receive()
                with self._changed:
                    if not self._replies.started:
                        listener.gather(MARK_BYTES, self._settings.gather_s)
                    self._pending += self._replies.feed(untrusted_bytes)
                    if len(self._pending) >= self._settings.pending_bytes:
                        self._events()
                    self._changed.notify_all()
            self._fail("it ended the recording")
        except (OSError, ProtocolError) as error:
            self._fail(error)
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def _events(self) -> Events:
        """Decode what is pending; return all events, valid while the lock is held."""
        if self._pending:
            self._decoded.append(np.frombuffer(bytes(self._pending), X_EVENT))
            self._pending.clear()
        return self._decoded.view()

    def _fail(self, reason: object) -> None:
        if self._closing:
            return
        self._failure = DisplayError(
            f"The X server went away while recording ({reason}); what was recorded until then is kept."
        )
        _LOG.warning("%s", self._failure)

    def _close(self) -> None:
        connection, self._connection, self._closing = self._connection, None, True
        if connection is not None:
            connection.stop(self._thread, self._settings.patience_s)
