"""Recording the pointer with the X RECORD extension.

Two connections, as the extension asks: one brings the records, one controls. The one that brings them is
read raw in the recorder's own thread, and many events are decoded at once by numpy. Only ButtonPress,
ButtonRelease and MotionNotify of devices are ever asked for; keys never reach this process. Grabs of other
clients hide nothing from RECORD.

Source: "Record Extension Protocol" 1.13, X Consortium; event layout: X11 protocol, appendix B.
"""

import logging
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType
from typing import Final, Self

import numpy as np
from Xlib import X
from Xlib.display import Display
from Xlib.ext import record

from mousegate.capture.buffer import EventBuffer
from mousegate.capture.display import CONNECTION_LOST, limitation, open_display, require_extension
from mousegate.capture.wire import ERROR, REPLY, Packets, take_over
from mousegate.core.events import Events, Kind
from mousegate.errors import DisplayError, ProtocolError

_LOG = logging.getLogger(__name__)

_EXTENSION: Final = "RECORD"
_ENABLE_CONTEXT: Final = struct.Struct("=BBHI")
_ENABLE_CONTEXT_MINOR: Final = 5
_REPLY_SIZE: Final = 32
_FROM_SERVER: Final = 0
_X_EVENT: Final = np.dtype(
    {
        "names": ["type", "detail", "time", "x", "y"],
        "formats": ["u1", "u1", "=u4", "=i2", "=i2"],
        "offsets": [0, 1, 4, 20, 22],
        "itemsize": 32,
    }
)


class _Stage(IntEnum):
    """Where the recording is; the values are the categories of RECORD's replies."""

    CONNECTING = 0
    RECORDING = 4
    ENDED = 5


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """How a recorder behaves.

    capacity: events kept; the oldest are dropped (and counted) beyond it. Two million are over four hours
        of uninterrupted movement at 125 events/s, in 36 MB.
    gather_s: the socket is read at most every so often, so that many events are decoded at once and the
        process is not woken for each; waiting for an event overrides it. 25 ms are 200 events at 8,000/s.
    receive_bytes: size of one read. patience_s: how long the start and the end wait for the X server.
    """

    capacity: int = 2_000_000
    gather_s: float = 0.025
    receive_bytes: int = 1 << 18
    patience_s: float = 5.0


class Recorder:
    """Records pointer events from entering the `with` block until leaving it.

    Every event that the server handles after `__enter__` has returned is seen, in order. When the server
    goes away, `failure` says so and the events so far remain. All methods may be called from any thread.
    """

    def __init__(
        self, display_name: str | None = None, settings: RecorderSettings = RecorderSettings()
    ) -> None:
        self._display_name = display_name
        self._settings = settings
        self._changed = threading.Condition()
        self._hurry = threading.Event()
        self._events = EventBuffer(settings.capacity)
        self._connection: _Connection | None = None
        self._waiters = 0
        self._stage = _Stage.CONNECTING
        self._closing = False
        self._failure: DisplayError | None = None
        self._thread = threading.Thread(target=self._run, name="mousegate-xrecord", daemon=True)

    def __enter__(self) -> Self:
        """Connect and start. Raises DisplayError: no display, Wayland, or no RECORD extension."""
        self._connection = _Connection(self._display_name)
        self._thread.start()
        with self._changed:
            started = self._changed.wait_for(
                lambda: self._stage is not _Stage.CONNECTING, self._settings.patience_s
            )
        if not started or self._stage is _Stage.ENDED:
            self._close()
            raise DisplayError("The X server does not start recording; look at its log.")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop; what was recorded stays readable."""
        self._close()

    def snapshot(self) -> Events:
        """Return a copy of the events since the start or the last `clear`, oldest first."""
        with self._changed:
            return self._events.copy()

    def take(self) -> Events:
        """Return the events so far and forget them, so that none is lost between the two."""
        with self._changed:
            taken = self._events.copy()
            self._events.clear()
            return taken

    def clear(self) -> None:
        """Forget the events so far."""
        with self._changed:
            self._events.clear()

    @property
    def failure(self) -> DisplayError | None:
        """Why recording ended before it was stopped; None while all is well."""
        return self._failure

    @property
    def seen(self) -> int:
        """How many events were seen since the start, cleared or not."""
        return self._events.seen

    @property
    def dropped(self) -> int:
        """How many of the oldest events had to make room for newer ones."""
        return self._events.dropped

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
        with self._changed:
            self._waiters += 1
            self._hurry.set()
            try:
                self._changed.wait_for(
                    lambda: self._stage is _Stage.ENDED or predicate(self._events.view()), timeout_s
                )
                return predicate(self._events.view())
            finally:
                self._waiters -= 1
                if not self._waiters and not self._closing:
                    self._hurry.clear()

    def _run(self) -> None:
        assert self._connection is not None
        replies = _Replies()
        try:
            while replies.stage is not _Stage.ENDED:
                untrusted_bytes = self._connection.socket.recv(self._settings.receive_bytes)
                if not untrusted_bytes:
                    raise ConnectionResetError("it closed the connection")
                payload = replies.feed(untrusted_bytes)
                with self._changed:
                    self._events.append(np.frombuffer(payload, _X_EVENT))
                    self._stage = replies.stage
                    self._changed.notify_all()
                if len(untrusted_bytes) < self._settings.receive_bytes:
                    self._hurry.wait(self._settings.gather_s)
        except (OSError, ProtocolError) as error:
            self._fail(error)
        finally:
            with self._changed:
                self._stage = _Stage.ENDED
                self._changed.notify_all()

    def _fail(self, error: Exception) -> None:
        if self._closing:
            return
        self._failure = DisplayError(
            f"The X server went away while recording ({error}); what was recorded until then is kept."
        )
        _LOG.warning("%s", self._failure)

    def _close(self) -> None:
        with self._changed:
            self._closing = True
            self._hurry.set()
        if self._connection is not None:
            self._connection.stop(self._thread, self._settings.patience_s)
            self._connection = None


class _Connection:
    """The two X connections and the record context."""

    def __init__(self, display_name: str | None) -> None:
        self._control = open_display(display_name)
        try:
            require_extension(self._control, _EXTENSION, "start the X server with '+extension RECORD'")
            if lacking := limitation(self._control):
                _LOG.warning("%s", lacking)
            self._context = _create_context(self._control)
            data = open_display(display_name)
        except BaseException:
            self._control.close()
            raise
        data.sync()
        major = data.display.get_extension_major(_EXTENSION)
        self.socket = take_over(data)
        self.socket.sendall(_ENABLE_CONTEXT.pack(major, _ENABLE_CONTEXT_MINOR, 2, self._context))

    def stop(self, thread: threading.Thread, patience_s: float) -> None:
        """Disable the context, wait for the thread that reads, close both connections."""
        try:
            self._control.record_disable_context(self._context)
            self._control.sync()
            thread.join(patience_s)
            self._control.close()
        except CONNECTION_LOST as error:
            _LOG.debug("the X server is gone: %s", error)
        if thread.is_alive():
            self.socket.shutdown(socket.SHUT_RDWR)
            thread.join(patience_s)
        self.socket.close()


def _create_context(control: Display) -> int:
    nothing = (0, 0)
    context = control.record_create_context(
        0,
        [record.AllClients],
        [
            {
                "core_requests": nothing,
                "core_replies": nothing,
                "ext_requests": (0, 0, 0, 0),
                "ext_replies": (0, 0, 0, 0),
                "delivered_events": nothing,
                "device_events": (X.ButtonPress, X.MotionNotify),
                "errors": nothing,
                "client_started": False,
                "client_died": False,
            }
        ],
    )
    control.sync()
    return int(context)


class _Replies:
    """Cuts the replies of EnableContext out of the byte stream."""

    def __init__(self) -> None:
        self.stage = _Stage.CONNECTING
        self._packets = Packets()

    def feed(self, untrusted_bytes: bytes) -> bytes:
        """Return the recorded X events that these bytes complete, 32 bytes each.

        Raises ProtocolError when the server answers with an error or with half an event.
        """
        parts = []
        for code, category, packet in self._packets.feed(untrusted_bytes):
            if code == ERROR:
                raise ProtocolError(f"it answered with error {category}")
            if code != REPLY:
                continue
            if category == _FROM_SERVER:
                parts.append(packet[_REPLY_SIZE:])
            elif category in (_Stage.RECORDING, _Stage.ENDED):
                self.stage = _Stage(category)
        payload = b"".join(parts)
        if len(payload) % _X_EVENT.itemsize:
            raise ProtocolError("it sent half an event")
        return payload
