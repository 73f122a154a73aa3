"""What a running daemon writes down, and what a person sees of it: history, click maps, status, tray."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest

from mousegate.storage.history import History
from mousegate.storage.history_places import Places
from tests.bus.conftest import OWNER_SEED
from tests.bus.peer import Peer, iterate_until, running_daemon
from tests.bus.test_daemon import moving
from tests.e2e.desktop import Desktop
from tests.e2e.screen import wait_until
from tests.gui.dashboard import Icon, started, tray_host, window_manager, window_of
from tests.gui.hands import Hands

pytestmark = pytest.mark.timeout(240)
Join = Callable[[], Peer]


@pytest.fixture
def private_history(enrolled_desktop: Desktop) -> Iterator[History]:
    """The desktop's history, empty before and after."""
    history = History(enrolled_desktop.store)
    history.erase()
    yield history
    history.erase()


def test_comparisons_pauses_and_ends_are_remembered(
    enrolled_desktop: Desktop, private_history: History, join: Join, tmp_path: Path
) -> None:
    """Start, every comparison with its score, pause, resume, stop: in the file once the daemon has ended."""
    with running_daemon(enrolled_desktop, tmp_path / "log"):
        peer = join()
        with moving(enrolled_desktop, OWNER_SEED):
            iterate_until(lambda: peer.daemon.state().events_seen > 900, "the movement", 90)
        peer.daemon.pause(60)
        iterate_until(lambda: peer.daemon.state().paused_until_s > 0, "the pause")
        peer.daemon.resume()
    kinds = [one.kind for one in private_history.since()]
    assert kinds == ["started", "paused", "resumed", "stopped"]
    stretches = private_history.stretches()
    assert stretches and all(
        one.label == "me" and one.active_s > 4 for one in stretches if one.llr is not None
    )
    assert {"started", "stretch"} <= told(enrolled_desktop, "--scores")
    assert "stretch" not in told(enrolled_desktop)


def told(desktop: Desktop, *words: str) -> set[str]:
    """Return which kinds `mousegate history --json` tells."""
    done = desktop.run("history", "--json", *words)
    assert done.returncode == 0, done.stderr
    return {one["kind"] for one in json.loads(done.stdout)}


def test_clicks_are_counted_only_where_that_is_switched_on(
    enrolled_desktop: Desktop, private_history: History, join: Join, tmp_path: Path
) -> None:
    """With click_maps off nothing is collected; with it on a click is, and `history --erase` forgets it."""
    settings = enrolled_desktop.home / ".config/mousegate/config.toml"
    before = settings.read_text()
    places = Places(private_history)
    try:
        for switched_on in (False, True):
            settings.write_text(f"{before}click_maps = {str(switched_on).lower()}\n")
            with (
                running_daemon(enrolled_desktop, tmp_path / f"log-{switched_on}"),
                clicked(enrolled_desktop, join()),
            ):
                pass
            assert [one.name for one in places.applications()] == ["Editor"] * switched_on
        assert enrolled_desktop.run("history", "--erase", "--yes").returncode == 0
        assert places.applications() == []
    finally:
        settings.write_text(before)


@contextmanager
def clicked(desktop: Desktop, peer: Peer) -> Iterator[None]:
    """Show a window of class Editor and click into its middle; the daemon has seen the click afterwards."""
    display = Display(desktop.display)
    window = display.screen().root.create_window(100, 100, 400, 300, 0, display.screen().root_depth)
    window.set_wm_class("editor", "Editor")
    window.map()
    display.sync()
    count = peer.daemon.state().events_seen
    xtest.fake_input(display, X.MotionNotify, x=300, y=250)
    for kind in (X.ButtonPress, X.ButtonRelease):
        xtest.fake_input(display, kind, 1)
    display.sync()
    iterate_until(lambda: peer.daemon.state().events_seen >= count + 3, "the click")
    yield
    display.close()


class Terminal:
    """`mousegate status` in a terminal of its own."""

    def __init__(self, desktop: Desktop) -> None:
        self._fd, end = pty.openpty()
        environment = dict(desktop.env) | {"TERM": "xterm-256color", "COLUMNS": "100", "LINES": "40"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "mousegate.cli", "status"],
            env=environment,
            stdin=end,
            stdout=end,
            stderr=end,
        )
        os.close(end)
        self._said = ""

    def until(self, text: str) -> None:
        """Wait until it shows this."""

        def shown() -> bool:
            while select.select([self._fd], [], [], 0)[0]:
                self._said += os.read(self._fd, 65536).decode(errors="replace")
            return text in self._said

        wait_until(shown, 60, f"{text!r} in {self._said[-2000:]!r}")
        self._said = ""

    def stop(self) -> int:
        """Press Ctrl+C and return the exit status."""
        self._process.send_signal(signal.SIGINT)
        status = self._process.wait(60)
        os.close(self._fd)
        return status


def test_status_follows_the_daemon(enrolled_desktop: Desktop, tmp_path: Path, join: Join) -> None:
    """In a terminal it changes when the daemon comes, is paused, goes on and goes; Ctrl+C ends it with 0."""
    terminal = Terminal(enrolled_desktop)
    terminal.until("Not running")
    with running_daemon(enrolled_desktop, tmp_path / "log"):
        terminal.until("Watching")
        peer = join()
        peer.daemon.pause(600)
        terminal.until("Paused")
        peer.daemon.resume()
        terminal.until("Watching")
        facts = json.loads(enrolled_desktop.run("status", "--json").stdout)
        assert (facts["standing"], facts["daemon"]["monitoring"]) == ("watching", True)
        assert "Watching" in enrolled_desktop.run("status").stdout
    terminal.until("Not running")
    assert terminal.stop() == 0
    assert json.loads(enrolled_desktop.run("status", "--json").stdout)["daemon"] is None


def test_tray_icon_waits_for_a_tray_and_pauses(enrolled_desktop: Desktop, tmp_path: Path, join: Join) -> None:
    """It says once that it waits; docked into a real tray its menu pauses and opens the window."""
    with (
        window_manager(enrolled_desktop),
        running_daemon(enrolled_desktop, tmp_path / "log"),
        started(enrolled_desktop, tmp_path / "tray", "--tray") as program,
        closing(Hands(enrolled_desktop.display)) as hands,
    ):
        wait_until(lambda: "waiting for one" in program.said(), 60, "a word about the missing tray")
        peer = join()
        name = "org.mousegate.Dashboard"
        with tray_host(enrolled_desktop), closing(Icon(hands, window_of(hands, program))) as icon:
            icon.choose("Down", "Down", "Return")
            iterate_until(lambda: peer.daemon.state().paused_until_s > 0, "the pause")
            icon.choose("Down", "Down", "Return")
            iterate_until(lambda: peer.daemon.state().monitoring, "the end of the pause")
            icon.choose("Down", "Return")
            iterate_until(lambda: bool(peer.bus.name_has_owner(name)), "the window")
        assert program.process.poll() is None
        bus = peer.bus.get_object("org.freedesktop.DBus", "/", introspect=False)
        pid = int(bus.GetConnectionUnixProcessID(name, dbus_interface="org.freedesktop.DBus"))
        os.kill(pid, signal.SIGTERM)
        iterate_until(lambda: not peer.bus.name_has_owner(name), "the window to close")
        assert program.said().count("\n") == 1
