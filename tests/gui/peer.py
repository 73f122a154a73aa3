"""A scripted keeper and peer around a real mousegate-greeter process on a real X server."""

import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Decoder, Message

PATIENCE_S = 20.0


@dataclass
class Running:
    """A greeter, the peer's end of its conversation, and the keeper's end of its pipe."""

    process: subprocess.Popen[bytes]
    peer: socket.socket
    keeper_fd: int

    def __post_init__(self) -> None:
        self.peer.settimeout(PATIENCE_S)
        self._decoder = Decoder()
        self._waiting: list[Message] = []
        self._pipe = b""

    def send(self, message: Message) -> None:
        """Say something as the peer."""
        self.peer.sendall(greetd_ipc.encode(message))

    def receive(self) -> Message:
        """Return the greeter's next message."""
        while not self._waiting:
            received = self.peer.recv(65536)
            if not received:
                raise EOFError("the greeter closed the conversation")
            self._waiting += self._decoder.feed(received)
        return self._waiting.pop(0)

    def has_spoken(self) -> bool:
        """Return whether the greeter has said something that was not received yet."""
        return bool(self._waiting or select.select([self.peer], [], [], 0)[0])

    def ask(self, kind: Any, text: str) -> Message:
        """Ask as PAM would, and return the answer."""
        self.send(greetd_ipc.auth_message(kind, text))
        return self.receive()

    def keeper_line(self) -> str:
        """Return the next line that the keeper is sent."""
        while b"\n" not in self._pipe:
            if not select.select([self.keeper_fd], [], [], PATIENCE_S)[0]:
                raise TimeoutError("the greeter tells the keeper nothing")
            received = os.read(self.keeper_fd, 4096)
            if not received:
                raise EOFError("the greeter closed the keeper's pipe")
            self._pipe += received
        line, self._pipe = self._pipe.split(b"\n", 1)
        return line.decode()

    def end(self) -> tuple[int, str]:
        """Wait for the greeter to end; return its exit status and what it said on standard error."""
        _, words = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, words.decode()

    def window(self) -> int:
        """Return the id of the greeter's window, which is the first thing that the keeper is told."""
        line = self.keeper_line()
        assert line.startswith("window "), line
        return int(line.split()[1])


@contextmanager
def greeter(
    display_name: str,
    cover: int | None,
    directory: Path | None = None,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Running]:
    """Run the greeter in `cover`, or as a rehearsal where that is None; `directory` holds its package."""
    peer, child_peer = socket.socketpair()
    keeper_read, keeper_write = os.pipe()
    variables = dict(
        os.environ, DISPLAY=display_name, MOUSEGATE_PEER_FD=str(child_peer.fileno()), **environment
    )
    passed = [child_peer.fileno()]
    if cover is not None:
        variables |= {"MOUSEGATE_COVER": str(cover), "MOUSEGATE_KEEPER_FD": str(keeper_write)}
        passed.append(keeper_write)
    command = [sys.executable, "-m", "mousegate.greeter"]
    command += ["--rehearsal"] if cover is None else []
    process = subprocess.Popen(command, env=variables, pass_fds=passed, stderr=subprocess.PIPE, cwd=directory)
    child_peer.close()
    os.close(keeper_write)
    try:
        yield Running(process, peer, keeper_read)
    finally:
        process.kill()
        process.communicate()
        peer.close()
        os.close(keeper_read)


def wait_until(condition: Callable[[], bool], what: str, timeout_s: float = PATIENCE_S) -> None:
    """Look again and again until `condition` holds. Raises AssertionError naming `what` in the end."""
    pause, deadline = threading.Event(), time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {timeout_s:g} s: {what}"
        pause.wait(0.01)
