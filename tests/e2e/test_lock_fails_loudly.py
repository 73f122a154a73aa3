"""A lock that cannot be made says so where nobody can miss it: a real notification server shows it."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from Xlib import X
from Xlib.display import Display

from tests.e2e.desktop import Desktop, private_desktop
from tests.e2e.screen import wait_until
from tests.e2e.test_daemon import dunstctl

LIMIT_S: Final = 20.0
DUNSTRC: Final = "[urgency_critical]\n    format = critical: %s\n"


@contextlib.contextmanager
def dunst(desktop: Desktop, directory: Path) -> Iterator[None]:
    """Run a notification server that writes down how urgent each notification is."""
    settings = directory / "dunstrc"
    settings.write_text(DUNSTRC)
    words = ["dunst", "-config", str(settings)]
    server = subprocess.Popen(
        words, env=dict(desktop.env), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: dunstctl(desktop, "count", "displayed") == "0", LIMIT_S, "dunst")
        yield
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def held_keyboard(desktop: Desktop) -> Iterator[None]:
    """Be a client that keeps the keyboard."""
    holder = Display(desktop.display)
    grabbed = holder.screen().root.grab_keyboard(True, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
    assert grabbed == X.GrabSuccess
    yield
    holder.close()


def test_held_grab_ends_with_3_and_a_critical_notification(tmp_path: Path) -> None:
    """Beside a client that keeps the keyboard: status 3, one line, and one critical notification."""
    with private_desktop() as desktop, dunst(desktop, tmp_path), held_keyboard(desktop):
        desktop.configure('unenrolled = "password"\n')
        ended = desktop.run("lock")
        assert ended.returncode == 3
        assert ended.stderr.count("\n") == 1 and "NOT locked" in ended.stderr
        wait_until(lambda: dunstctl(desktop, "count", "displayed") == "1", LIMIT_S, "the notification")
        dunstctl(desktop, "close-all")
        (shown,) = json.loads(dunstctl(desktop, "history"))["data"][0]
        assert shown["message"]["data"] == "critical: The screen is not locked"
        assert "NOT locked" in shown["body"]["data"]
