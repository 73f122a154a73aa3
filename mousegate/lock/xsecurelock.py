"""`auth_mousegate`: mousegate's greeter and auth as the authentication module of xsecurelock(1).

xsecurelock holds the grabs, covers the screen and starts this program whenever somebody touches something. It
gives `XSCREENSAVER_WINDOW`, to draw in, and on standard input what is typed, in the locale's encoding; it
believes exit status 0, and nothing else (README of xsecurelock 1.5, "Authentication Modules"). Status 0 is
returned in one place here, after auth has returned the nonce, exactly as in the keeper. Whatever else happens
(an exception, a signal, a greeter or auth that ends, too long a silence) is another status: xsecurelock stays
locked, and starts us anew at the next touch.

Buttons and movement go to xsecurelock alone, so the pointer is followed by RECORD, as probes are, and sent on
to the greeter by XSendEvent, as the keeper does. Keys are never recorded: they come on standard input.
"""

import logging
import os
import resource
import select
import struct
import sys
import threading
import time
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from Xlib import X, error
from Xlib.display import Display
from Xlib.ext import record
from Xlib.protocol import event as x_event
from Xlib.protocol import rq
from Xlib.xobject.drawable import Window

from mousegate.errors import DisplayError, MousegateError, UsageError
from mousegate.lock.children import Pair
from mousegate.lock.forward import Forwarder
from mousegate.lock.messages import GreeterWindow
from mousegate.lock.settings import Commands, Limits

_log = logging.getLogger("mousegate.xsecurelock")

UNLOCKED: Final = 0
NOT_UNLOCKED: Final = 1
SILENCE_S: Final = 300
"""After so long without a touch the saver may come back (default of XSECURELOCK_AUTH_TIMEOUT)."""
_TICK_S: Final = 0.5
_TYPED_BYTES: Final = 4096
_POINTER: Final = struct.Struct("=BBIhhH")
"""Type, detail, time, root_x, root_y and state of one pointer event, as the recording thread passes it on."""
_RECORDED_AT_ONCE: Final = 512
_NOTHING: Final[dict[str, Any]] = {
    "core_requests": (0, 0),
    "core_replies": (0, 0),
    "ext_requests": (0, 0, 0, 0),
    "ext_replies": (0, 0, 0, 0),
    "delivered_events": (0, 0),
    "device_events": (0, 0),
    "errors": (0, 0),
    "client_started": False,
    "client_died": False,
}
_KINDS: Final = {
    X.ButtonPress: x_event.ButtonPress,
    X.ButtonRelease: x_event.ButtonRelease,
    X.MotionNotify: x_event.MotionNotify,
}


class Module:
    """One life of greeter and auth in xsecurelock's window."""

    def __init__(self, display: Display, window: Window, commands: Commands, silence_s: float) -> None:
        self._display = display
        self._window = window
        self._silence_s = silence_s
        self._touched_s = time.monotonic()
        self._forwarder = Forwarder(display, display.screen().root)
        self._pointer, pointer_end = os.pipe()
        keys_end, self._keys = os.pipe()
        os.set_blocking(self._keys, False)
        window.map()
        display.sync()
        # Before there is a second thread: a child that is forked beside one may hang.
        self._pair = Pair(commands, Limits(), window.id, time.monotonic(), {"MOUSEGATE_KEYS_FD": keys_end})
        os.close(keys_end)
        follow_pointer(pointer_end)

    def run(self) -> bool:
        """Serve until it is over; return whether auth has returned the nonce."""
        try:
            while self._pair.failure is None and not self._pair.unlocked:
                if not self._serve():
                    break
            if self._pair.failure is not None:
                _log.error("greeter and auth are started again at the next touch: %s", self._pair.failure)
            return self._pair.unlocked
        finally:
            self._pair.stop(let_auth_finish=self._pair.unlocked)

    def _serve(self) -> bool:
        """Wait for what happens next and take it in; False where there is nobody to serve any more."""
        typed = sys.stdin.fileno()
        self._display.flush()
        waiting = [self._display.fileno(), self._pointer, typed, *self._pair.descriptors()]
        ready, _, _ = select.select(waiting, [], [], _TICK_S)
        now_s = time.monotonic()
        for message in self._pair.read(ready, now_s):
            if isinstance(message, GreeterWindow):
                self._forwarder.aim(message.window_id)
        self._pair.judge(now_s)
        for _ in range(self._display.pending_events()):
            self._display.next_event()
        self._forwarder.look(self._window)
        if self._pointer in ready:
            self._move()
        if typed in ready and not self._type(typed):
            return False
        return now_s - self._touched_s < self._silence_s

    def _move(self) -> None:
        """Send on what the pointer did. Of moves in a row only the last is sent."""
        recorded = os.read(self._pointer, _POINTER.size * _RECORDED_AT_ONCE)
        if not recorded:
            raise DisplayError("the X server does not record any more.")
        rows = list(_POINTER.iter_unpack(recorded))
        self._touched_s = time.monotonic()
        for row, following in zip(rows, [*rows[1:], None], strict=True):
            if row[0] != X.MotionNotify or following is None or following[0] != X.MotionNotify:
                self._forwarder.send(self._event(row))

    def _event(self, row: tuple[int, ...]) -> rq.Event:
        kind, detail, time_ms, x, y, state = row
        root = self._display.screen().root
        words = {"root": root, "window": root, "child": X.NONE, "event_x": x, "event_y": y, "same_screen": 1}
        return _KINDS[kind](detail=detail, time=time_ms, root_x=x, root_y=y, state=state, **words)

    def _type(self, typed: int) -> bool:
        """Pass on what was typed, and overwrite it; False once xsecurelock is gone."""
        buffer = bytearray(_TYPED_BYTES)
        count = os.readv(typed, [buffer])
        self._touched_s = time.monotonic()
        try:
            os.write(self._keys, memoryview(buffer)[:count])
        except BlockingIOError:
            _log.warning("the greeter does not read what is typed; it is dropped")
        except BrokenPipeError:
            _log.warning("the greeter is gone")
        buffer[:] = bytes(_TYPED_BYTES)
        return count > 0


def follow_pointer(writing: int) -> None:
    """Write each pointer event from now on to `writing`, from a thread of its own, which ends with us.

    Raises DisplayError where the X server has no RECORD: nothing could be clicked, and nothing would match.
    """
    control, bringing = Display(), Display()
    if not control.has_extension("RECORD"):
        raise DisplayError("the X server has no RECORD extension: load its module `record`.")
    wanted: Any = _NOTHING | {"device_events": (X.ButtonPress, X.MotionNotify)}
    context = control.record_create_context(0, [record.AllClients], [wanted])
    parse = rq.EventField("event").parse_binary_value

    def write(reply: rq.DictWrapper) -> None:
        data = reply.data if reply.category == record.FromServer else b""
        while data:
            event, data = parse(data, bringing.display, None, None)
            row = (event.type, event.detail, event.time, event.root_x, event.root_y, event.state)
            os.write(writing, _POINTER.pack(*row))

    control.sync()

    def bring() -> None:
        try:
            bringing.record_enable_context(context, write)
        finally:
            os.close(writing)

    threading.Thread(target=bring, daemon=True).start()


def window_of(display: Display, environment: Mapping[str, str]) -> Window:
    """Return the window that xsecurelock gives. Raises UsageError where it gives none."""
    untrusted = environment.get("XSCREENSAVER_WINDOW", "")
    try:
        window = display.create_resource_object("window", int(untrusted, 0))
        window.get_geometry()
    except (ValueError, OverflowError, struct.error, error.XError) as cause:
        raise UsageError(
            "XSCREENSAVER_WINDOW names no window. xsecurelock starts this program: "
            "XSECURELOCK_AUTH=/path/to/auth_mousegate xsecurelock"
        ) from cause
    return window


def main() -> NoReturn:
    """Exit with status 0 once auth has returned the nonce, and with 1 whatever else happens."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    unlocked = False
    try:
        display = Display()
        commands = commands_of(sys.argv[1:])
        module = Module(display, window_of(display, os.environ), commands, silence_s_of(os.environ))
        unlocked = module.run()
    except (MousegateError, error.DisplayError, error.ConnectionClosedError, OSError) as reason:
        _log.error("%s", reason)
    os._exit(UNLOCKED if unlocked is True else NOT_UNLOCKED)


def commands_of(words: list[str]) -> Commands:
    """Return what to start; xsecurelock gives no words, and nobody else has a reason to."""
    if words:
        raise UsageError("auth_mousegate takes no words.")
    return Commands()


def silence_s_of(environment: Mapping[str, str]) -> float:
    """Return how long to wait for a touch, as xsecurelock's own module has it."""
    untrusted = environment.get("XSECURELOCK_AUTH_TIMEOUT", "")
    return float(untrusted) if untrusted.isdecimal() and int(untrusted) > 0 else SILENCE_S


if __name__ == "__main__":
    main()
