"""Keys that come as text: what xsecurelock passes on to its authentication module.

xsecurelock reads the keyboard itself, with the session's layout, dead keys and compose sequences, and writes
what was typed. A few control characters are keys (its main.c maps Ctrl-BackSpace to Ctrl-U).
"""

import codecs
import os
from collections.abc import Callable
from typing import Final

from PyQt5.QtCore import QCoreApplication, QEvent, QObject, QSocketNotifier, Qt
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QWidget

from mousegate.errors import ProtocolError

_KEYS: Final = {
    "\n": (Qt.Key_Return, Qt.NoModifier),
    "\r": (Qt.Key_Return, Qt.NoModifier),
    "\b": (Qt.Key_Backspace, Qt.NoModifier),
    "\x7f": (Qt.Key_Backspace, Qt.NoModifier),
    "\t": (Qt.Key_Tab, Qt.NoModifier),
    "\x1b": (Qt.Key_Escape, Qt.NoModifier),
    "\x15": (Qt.Key_U, Qt.ControlModifier),
}
_CHUNK: Final = 1024


class TypedText(QObject):
    """Reads `descriptor` and presses keys in `window`. time_ms: the X server's time now."""

    def __init__(self, descriptor: int, window: QWidget, time_ms: Callable[[], int]) -> None:
        super().__init__()
        self._descriptor, self._window, self._time_ms = descriptor, window, time_ms
        self._decoder = codecs.getincrementaldecoder("utf-8")("ignore")
        self._notifier = QSocketNotifier(descriptor, QSocketNotifier.Read, self)  # type: ignore[arg-type]
        self._notifier.activated.connect(self._read)

    def _read(self) -> None:
        buffer = bytearray(_CHUNK)
        count = os.readv(self._descriptor, [buffer])
        if not count:
            raise ProtocolError("Nobody passes keys on any more; the greeter ends.")
        for letter in self._decoder.decode(bytes(memoryview(buffer)[:count])):
            self._press(letter)
        buffer[:] = bytes(_CHUNK)

    def _press(self, letter: str) -> None:
        key, modifiers = _KEYS.get(letter, (Qt.Key_unknown, Qt.NoModifier))
        for kind in (QEvent.KeyPress, QEvent.KeyRelease):
            event = QKeyEvent(kind, key, modifiers, letter)
            event.setTimestamp(self._time_ms())
            QCoreApplication.sendEvent(self._window.windowHandle(), event)
