"""A stage for the keeper: a private X server, a person's window beneath, and children that a test scripts."""

import contextlib
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from Xlib import XK, X
from Xlib.display import Display
from Xlib.error import BadMatch, BadWindow, ConnectionClosedError
from Xlib.ext import xtest
from Xlib.xobject.drawable import Window

from mousegate.lock.supervisor import KEEPER_NAME
from tests.xvfb import xvfb

DEADLINE_S: Final = 20.0
MARK: Final = 0xE8553A
"""The colour of the window beneath; nothing of mousegate has it."""
FAKE_CHILD: Final = Path(__file__).with_name("fake_child.py")


class TooLateError(AssertionError):
    """What a test waited for did not come."""


def wait_until(condition: Callable[[], bool], what: str, limit_s: float = DEADLINE_S) -> None:
    """Return once `condition` holds, asking every few milliseconds; TooLateError after `limit_s`."""
    deadline_s = time.monotonic() + limit_s
    while not condition():
        if time.monotonic() > deadline_s:
            raise TooLateError(what)
        select.select([], [], [], 0.005)


class Child:
    """The test's end of one fake child."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        connection.settimeout(DEADLINE_S)
        self._lines = connection.makefile("rb")
        try:
            hello = self.hear()
        except TooLateError:
            self.close()
            raise
        self.role: str = hello["hello"]
        self.pid: int = hello["pid"]
        self.nonce: str = hello["nonce"].removesuffix("\n")
        self.raw_nonce: str = hello["nonce"]
        self.environment: dict[str, str] = hello["environment"]

    def hear(self) -> dict[str, Any]:
        """Return the next thing the child says; raise TooLateError when it says nothing any more."""
        line = b""
        with contextlib.suppress(ConnectionResetError, TimeoutError):
            line = self._lines.readline()
        if not line:
            raise TooLateError(f"the {getattr(self, 'role', 'child')} is gone")
        facts: dict[str, Any] = json.loads(line)
        return facts

    def tell(self, do: str, **words: object) -> None:
        """Give the child an order; one that is gone by now does not hear it."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._connection.sendall(json.dumps({"do": do, **words}).encode() + b"\n")

    def open_window(self, x: int = 0, y: int = 0, width: int = 300, height: int = 200) -> int:
        """Have the greeter show its window; return its id once the keeper has aimed input at it."""
        self.tell("window", x=x, y=y, width=width, height=height)
        window = int(self.hear()["window"])
        assert self.hear()["event"] == X.FocusIn
        return window

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._connection.close()

    def wait_gone(self) -> None:
        """Return once the child has ended."""
        try:
            while self._lines.readline():
                pass
        except ConnectionResetError:
            return
        except TimeoutError as late:
            raise TooLateError(f"the end of the {self.role}") from late


@dataclass
class Lock:
    """A running `mousegate-lock`."""

    process: subprocess.Popen[str]
    ready: int
    log: Path
    pids: set[int] = field(default_factory=set)

    def wait_locked(self) -> None:
        """Return once it says that the screen is locked."""
        readable, _, _ = select.select([self.ready], [], [], DEADLINE_S)
        if not readable or os.read(self.ready, 64) != b"locked\n":
            raise TooLateError(f"not locked: {self.text()}")

    def keeper(self) -> int:
        """Return the process id of the keeper, or 0 while there is none."""
        found = subprocess.run(
            ["pgrep", "-x", KEEPER_NAME, "-P", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return int(found.stdout.split()[0]) if found.stdout.strip() else 0

    def wait_keeper(self, other_than: int = 0) -> int:
        """Return the process id of a keeper that is not `other_than`."""
        found = 0
        deadline_s = time.monotonic() + DEADLINE_S
        while (found := self.keeper()) in (0, other_than):
            if time.monotonic() > deadline_s:
                raise TooLateError(f"a keeper: {self.text()}")
        return found

    def wait_status(self) -> int:
        """Return the exit status."""
        return self.process.wait(DEADLINE_S)

    def is_running(self) -> bool:
        """Return whether it has not ended."""
        return self.process.poll() is None

    def text(self) -> str:
        """Return what it has logged so far."""
        return self.log.read_text() if self.log.is_file() else f"(it logs to {self.log})"


def picture(root: Window) -> bytes:
    """Return what the screen shows: four bytes for each pixel, blue, green, red, and one unused."""
    while True:
        size = root.get_geometry()
        with contextlib.suppress(BadMatch):  # the screen was resized in between
            return bytes(root.get_image(0, 0, size.width, size.height, X.ZPixmap, 0xFFFFFFFF).data)


class Beneath:
    """A person's window: marked, focused, and counting what reaches it."""

    def __init__(self, display: Display, room: tuple[int, int] | None = None) -> None:
        self._display = display
        self.root: Window = display.screen().root
        size = self.root.get_geometry()
        self.window = self.root.create_window(
            0,
            0,
            *(room or (size.width, size.height)),
            0,
            X.CopyFromParent,
            background_pixel=MARK,
            event_mask=X.KeyPressMask
            | X.KeyReleaseMask
            | X.ButtonPressMask
            | X.ButtonReleaseMask
            | X.ExposureMask,
        )
        self.window.map()
        display.sync()
        wait_until(lambda: self.pixels() > 0, "the window beneath to show")
        self.window.set_input_focus(X.RevertToParent, X.CurrentTime)
        display.sync()

    def received(self) -> list[str]:
        """Return the kinds of input events that have reached the window since the last call."""
        self._display.sync()
        events = [self._display.next_event() for _ in range(self._display.pending_events())]
        return [type(event).__name__ for event in events if event.type in range(X.KeyPress, X.MotionNotify)]

    def pixels(self, colour: int = MARK) -> int:
        """Return how many pixels of this colour, by default the window's own, the screen shows."""
        return picture(self.root).count(colour.to_bytes(3, "little"))


class Stage:
    """One X server with a window beneath, on which locks are started."""

    def __init__(self, name: str, directory: Path, room: tuple[int, int] | None = None) -> None:
        self.name = name
        self.directory = directory
        self.log: Path | None = None
        """Where locks log to; by default each to a file of its own."""
        self._displays: list[Display] = []
        self.display = self.connect()
        self.root: Window = self.display.screen().root
        self.beneath = Beneath(self.connect(), room)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(directory / "children"))
        self._listener.listen(16)
        self._listener.settimeout(DEADLINE_S)
        self._waiting: list[Child] = []
        self._children: list[Child] = []
        self._locks: list[Lock] = []

    def connect(self) -> Display:
        """Return one more client of this X server, closed with the stage."""
        self._displays.append(Display(self.name))
        return self._displays[-1]

    def server_pid(self) -> int:
        """Return the process id of the X server, as the kernel knows it from our connection."""
        connection: socket.socket = self.display.display.socket
        credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        return int(struct.unpack("3i", credentials)[0])

    def lock(self, *words: str, real: str = "none", passed: tuple[int, ...] = (), **variables: str) -> Lock:
        """Start `mousegate-lock` with fake children; `real` names the one, or "both", that are not."""
        reading, writing = os.pipe()
        log = self.log or self.directory / f"lock{len(self._locks)}.log"
        fake = f"{sys.executable} {FAKE_CHILD}"
        fakes = {"none": ("greeter", "auth"), "auth": ("greeter",), "greeter": ("auth",), "both": ()}
        roles = fakes[real]
        commands = [f"--{role}-command={fake} {role} {self.directory}/children" for role in roles]
        own = {"DISPLAY": self.name, "XDG_SESSION_TYPE": "x11"}
        own |= {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.directory}/no-bus"}
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "mousegate.lock", "--ready-fd", str(writing), *commands, *words],
                env=dict(os.environ) | own | variables,
                pass_fds=(writing, *passed),
                stderr=output,
                stdin=subprocess.DEVNULL,
                text=True,
            )
        os.close(writing)
        lock = Lock(process, reading, log)
        self._locks.append(lock)
        return lock

    def locked(self, *words: str, real: str = "none") -> Lock:
        """Return a lock that has locked."""
        lock = self.lock(*words, real=real)
        lock.wait_locked()
        return lock

    def children_of(self, pid: int, words: str) -> list[int]:
        """Return the processes that `pid` has started whose command line contains `words`."""
        found = subprocess.run(
            ["pgrep", "-P", str(pid), "-f", "--", words], capture_output=True, text=True, check=False
        )
        return [int(line) for line in found.stdout.split()]

    def child(self, role: str) -> Child:
        """Return the next child of this role that the keeper starts."""
        while True:
            for child in self._waiting:
                if child.role == role:
                    self._waiting.remove(child)
                    return child
            connection, _ = self._listener.accept()
            with contextlib.suppress(TooLateError):  # killed before it could say hello
                self._waiting.append(Child(connection))
                self._children.append(self._waiting[-1])

    def pair(self) -> tuple[Child, Child]:
        """Return the next greeter and auth."""
        return self.child("greeter"), self.child("auth")

    def unlock(self, lock: Lock) -> int:
        """Have each auth send its own nonce, of which the living one's opens the screen."""
        answered: set[int] = set()
        deadline_s = time.monotonic() + DEADLINE_S
        while lock.is_running() and time.monotonic() < deadline_s:
            ready, _, _ = select.select([self._listener], [], [], 0.05)
            if ready:
                connection, _ = self._listener.accept()
                with contextlib.suppress(TooLateError):
                    self._children.append(Child(connection))
            for child in self._children:
                if child.role == "auth" and child.pid not in answered:
                    child.tell("write", to="unlock", data=child.nonce)
                    child.tell("exit", status=0)
                    answered.add(child.pid)
        return lock.wait_status()

    def listed_covers(self) -> list[int]:
        """Return the ids in the root property: the base, then the shield where there is one."""
        name = self.display.intern_atom("_MOUSEGATE_COVER")
        found = self.root.get_full_property(name, X.AnyPropertyType)
        return [] if found is None else [int(value) for value in found.value]

    def covers(self) -> list[Window]:
        """Return the viewable covers on the root (not those in the overlay), lowest first."""
        return [window for window in self.root.query_tree().children if self._is_cover(window)]

    def is_covered(self) -> bool:
        """Return whether the topmost window of the root is a cover of its size, and nothing shows through."""
        size = self.root.get_geometry()
        top = self.root.query_tree().children[-1]
        if not self._is_cover(top):
            return False
        place = top.get_geometry()
        fits = (place.x, place.y, place.width, place.height) == (0, 0, size.width, size.height)
        return fits and self.beneath.pixels() == 0

    def key(self, name: str) -> None:
        """Press and release a key of the keyboard."""
        code = self.display.keysym_to_keycode(XK.string_to_keysym(name))
        xtest.fake_input(self.display, X.KeyPress, code)
        xtest.fake_input(self.display, X.KeyRelease, code)
        self.display.sync()

    def click(self, x: int, y: int) -> None:
        """Move the pointer and click the left button."""
        xtest.fake_input(self.display, X.MotionNotify, x=x, y=y)
        xtest.fake_input(self.display, X.ButtonPress, 1)
        xtest.fake_input(self.display, X.ButtonRelease, 1)
        self.display.sync()

    def close(self) -> None:
        """End every process that this stage has started."""
        for lock in self._locks:
            if lock.is_running():
                keeper = lock.keeper()
                lock.process.kill()
                lock.process.wait()
                if keeper:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(keeper, signal.SIGKILL)
            os.close(lock.ready)
        for child in self._children:
            child.close()
        self._listener.close()
        for display in self._displays:
            with contextlib.suppress(ConnectionClosedError):
                display.close()

    def _is_cover(self, window: Window) -> bool:
        try:
            named = window.get_wm_class() == ("mousegate-cover", "mousegate-cover")
            return named and window.get_attributes().map_state == X.IsViewable
        except BadWindow:
            return False


@contextmanager
def open_stage(
    *extra: str,
    size: tuple[int, int] = (640, 480),
    server: str | None = None,
    room: tuple[int, int] | None = None,
) -> Iterator[Stage]:
    """Yield a stage on a new X server, or on `server`; everything on it ends with it.

    room: how large the marked window is, by default as large as the screen.
    """
    own = contextlib.nullcontext(server) if server is not None else xvfb(*size, *extra)
    with tempfile.TemporaryDirectory() as directory, own as name:
        stage = Stage(name, Path(directory), room)
        try:
            yield stage
        finally:
            stage.close()


@dataclass
class Watch:
    """What a watcher saw: in each picture how many pixels of its colours, and when (monotonic clock)."""

    counts: list[int] = field(default_factory=list)
    times_s: list[float] = field(default_factory=list)

    def gaps_ms(self) -> list[float]:
        """Return how long after the one before each picture was taken."""
        pairs = zip(self.times_s, self.times_s[1:], strict=False)
        return [1000 * (later - earlier) for earlier, later in pairs]


@contextmanager
def watcher(stage: Stage, *colours: int) -> Iterator[Watch]:
    """Take pictures, every few milliseconds, for these colours; what was seen is known afterwards."""
    watch = Watch()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.x11.watch", stage.name, *map(str, colours)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "watching\n"
        yield watch
    finally:
        said, _ = process.communicate()
    watch.counts, watch.times_s = map(json.loads, said.splitlines())
