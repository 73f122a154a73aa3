"""A greeter or auth that does what a test tells it: run by the keeper, scripted over a Unix socket.

`fake_child.py ROLE SOCKET` says hello with its facts, then obeys one JSON object per line. It keeps the
protocol (a heartbeat twice a second) until it is told otherwise, and reports the events that reach its
window.
"""

import json
import os
import select
import socket
import sys
from typing import Any, Final

from Xlib import X
from Xlib.display import Display

BEAT_S: Final = 0.5


class FakeChild:
    """One child: its pipes, its line to the test and, for a greeter, its window."""

    def __init__(self, role: str, path: str) -> None:
        self.keeper_fd = int(os.environ["MOUSEGATE_KEEPER_FD"])
        self.unlock_fd = int(os.environ.get("MOUSEGATE_UNLOCK_FD", "-1"))
        self.peer = socket.socket(fileno=int(os.environ["MOUSEGATE_PEER_FD"]))
        self.display: Display | None = None
        self.beating = True
        self.reporting = True
        self.control = socket.socket(socket.AF_UNIX)
        self.control.connect(path)
        nonce = sys.stdin.readline() if role == "auth" else ""
        names = {name: value for name, value in os.environ.items() if name.startswith(("MOUSEGATE_", "QT_"))}
        self.beat()
        self.say(hello=role, pid=os.getpid(), nonce=nonce, environment=names)

    def say(self, **facts: object) -> None:
        """Tell the test something."""
        self.control.sendall(json.dumps(facts).encode() + b"\n")

    def run(self) -> None:
        """Obey until told to end."""
        received = b""
        while True:
            waiting = [self.control.fileno()]
            if self.display is not None:
                self.report_events(self.display)
                waiting.append(self.display.fileno())
            ready, _, _ = select.select(waiting, [], [], BEAT_S)
            if self.control.fileno() in ready:
                more = self.control.recv(65536)
                if not more:
                    return
                *lines, received = (received + more).split(b"\n")
                for line in lines:
                    self.obey(json.loads(line))
            self.beat()

    def beat(self) -> None:
        """Say `alive` unless told not to."""
        if self.beating:
            os.write(self.keeper_fd, b"alive\n")

    def obey(self, order: dict[str, Any]) -> None:
        """Carry out one order of the test."""
        match order:
            case {"do": "write", "to": "keeper", "data": data}:
                os.write(self.keeper_fd, data.encode("latin-1"))
            case {"do": "write", "to": "unlock", "data": data}:
                os.write(self.unlock_fd, data.encode("latin-1"))
            case {"do": "close", "what": what}:
                os.close(self.keeper_fd if what == "keeper" else self.unlock_fd)
                self.beating = False
            case {"do": "hush"}:
                self.reporting = False
            case {"do": "mute"}:
                self.beating = False
            case {"do": "exit", "status": status}:
                os._exit(status)
            case {"do": "window", "x": x, "y": y, "width": width, "height": height}:
                self.open_window(x, y, width, height)
            case {"do": "send", "data": data}:
                self.peer.sendall(data.encode("latin-1"))
            case {"do": "receive"}:
                self.say(received=self.peer.recv(4096).decode("latin-1"))

    def open_window(self, x: int, y: int, width: int, height: int) -> None:
        """Draw in the cover and ask for input."""
        self.display = Display()
        cover = self.display.create_resource_object("window", int(os.environ["MOUSEGATE_COVER"]))
        window = cover.create_window(
            x, y, width, height, 0, X.CopyFromParent, background_pixel=0x204060, event_mask=X.FocusChangeMask
        )
        window.map()
        self.display.sync()
        os.write(self.keeper_fd, b"window %d\n" % window.id)
        self.say(window=window.id)

    def report_events(self, display: Display) -> None:
        """Tell the test each event that came by XSendEvent."""
        for _ in range(display.pending_events()):
            event = display.next_event()
            if event.send_event and self.reporting:
                facts = {
                    name: getattr(event, name, 0)
                    for name in ("detail", "state", "event_x", "event_y", "time")
                }
                self.say(event=int(event.type), **facts)


if __name__ == "__main__":
    FakeChild(sys.argv[1], sys.argv[2]).run()
