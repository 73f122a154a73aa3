"""A scripted LightDM around a real login screen, which speaks to it through the real liblightdm.

The protocol is that of LightDM 1.26 (src/greeter.c): number and length of a message, then its fields; numbers
are big-endian 32-bit, texts have their length in front.
"""

import os
import select
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

from tests.gui.greetd import machine
from tests.gui.peer import PATIENCE_S

SECRET, VISIBLE, ERROR, INFO = 1, 2, 3, 4
"""PAM's styles of messages (pam_conv(3))."""


class Said(IntEnum):
    """What a greeter says."""

    CONNECT = 0
    AUTHENTICATE = 1
    CONTINUE = 3
    START_SESSION = 4
    CANCEL = 5
    SET_LANGUAGE = 6


class LightDM:
    """The daemon's end of both pipes, and the login screen's process."""

    def __init__(self, process: "subprocess.Popen[bytes]", reading: int, writing: int) -> None:
        self.process, self._in, self._out = process, reading, writing
        self._number = 0

    def hears(self) -> tuple[Said, bytes]:
        """Return the next request and its fields."""
        kind, length = struct.unpack(">II", self._read(8))
        return Said(kind), self._read(length)

    def welcomes(self, **hints: str) -> None:
        """Answer the greeter's first message."""
        kind, _ = self.hears()
        assert kind is Said.CONNECT
        pairs = b"".join(text(word.replace("_", "-")) + text(value) for word, value in hints.items())
        self._say(7, struct.pack(">I", 1) + text("1.26.0") + struct.pack(">I", len(hints)) + pairs)

    def begins(self) -> str:
        """Return for whom an authentication was asked."""
        kind, fields = self.hears()
        assert kind is Said.AUTHENTICATE, kind
        (self._number,) = struct.unpack(">I", fields[:4])
        return texts(fields[4:])[0]

    def asks(self, user: str, style: int, words: str) -> str:
        """Ask one thing, and return the answer."""
        self.tells(user, style, words)
        kind, fields = self.hears()
        assert kind is Said.CONTINUE, kind
        return texts(fields[4:])[0]

    def tells(self, user: str, style: int, words: str) -> None:
        """Say one thing as PAM does."""
        asked = struct.pack(">I", self._number) + text(user) + struct.pack(">II", 1, style) + text(words)
        self._say(1, asked)

    def ends(self, user: str, status: int) -> None:
        """End the authentication; 0 is PAM_SUCCESS."""
        self._say(2, struct.pack(">I", self._number) + text(user) + struct.pack(">I", status))

    def starts(self, status: int = 0) -> str:
        """Return which session was asked for, and say how that went."""
        kind, fields = self.hears()
        assert kind is Said.START_SESSION, kind
        self._say(3, struct.pack(">I", status))
        return texts(fields)[0]

    def resets(self, **hints: str) -> None:
        """Give the greeter to the next person."""
        pairs = b"".join(text(word.replace("_", "-")) + text(value) for word, value in hints.items())
        self._say(6, pairs)

    def rests(self) -> None:
        """Tell the greeter to be idle."""
        self._say(5, b"")

    def is_unasked(self) -> bool:
        """Return whether nothing was asked that was not heard yet."""
        return not select.select([self._in], [], [], 0)[0]

    def vanish(self) -> None:
        """Close both pipes."""
        os.close(self._in)
        os.close(self._out)
        self._in = self._out = -1

    def close(self) -> None:
        """Close what is open."""
        if self._in >= 0:
            self.vanish()

    def _read(self, length: int) -> bytes:
        found = b""
        while len(found) < length:
            if not select.select([self._in], [], [], PATIENCE_S)[0]:
                raise TimeoutError("the login screen says nothing")
            part = os.read(self._in, length - len(found))
            if not part:
                raise EOFError("the login screen has ended")
            found += part
        return found

    def _say(self, kind: int, fields: bytes) -> None:
        os.write(self._out, struct.pack(">II", kind, len(fields)) + fields)


def text(words: str) -> bytes:
    """Return a text as it is sent."""
    return struct.pack(">I", len(words.encode())) + words.encode()


def texts(fields: bytes) -> list[str]:
    """Return the texts that are in these fields, one after the other."""
    found = []
    while fields:
        (length,) = struct.unpack(">I", fields[:4])
        found.append(fields[4 : 4 + length].decode())
        fields = fields[4 + length :]
    return found


@contextmanager
def login(display_name: str, home: Path, environment: Mapping[str, str] = {}) -> Iterator[LightDM]:
    """Run `mousegate-greeter --lightdm`."""
    its_in, writing = os.pipe()
    reading, its_out = os.pipe()
    variables = dict(os.environ, DISPLAY=display_name, HOME=str(home), XDG_DATA_HOME=str(home / "data"))
    variables |= {"LIGHTDM_FROM_SERVER_FD": str(its_in), "LIGHTDM_TO_SERVER_FD": str(its_out)}
    variables |= machine(home) | dict(environment)
    command = [sys.executable, "-m", "mousegate.greeter", "--lightdm"]
    process = subprocess.Popen(command, env=variables, pass_fds=(its_in, its_out))
    os.close(its_in)
    os.close(its_out)
    daemon = LightDM(process, reading, writing)
    try:
        yield daemon
    finally:
        daemon.close()
        process.kill()
        process.wait()
