"""Pictures of the login screen in each of its states: `python -m tests.gui.login_screens OUTDIR`."""

import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

from mousegate.core import greetd_ipc
from mousegate.greeter.layout import compute, lobby
from tests.gui.greetd import Greetd, login
from tests.gui.hands import Hands
from tests.gui.peer import wait_until
from tests.gui.screens import FULL
from tests.xvfb import xvfb

_DRAWN_S = 0.5
"""What was done last is drawn by then; a picture that came too early is seen to be."""


class Session:
    """One login screen on one server, driven by hand."""

    def __init__(self, hands: Hands, daemon: Greetd, width: int, height: int) -> None:
        self.hands, self.daemon = hands, daemon
        self.layout = compute(width, height)
        self.lobby = lobby(self.layout)

    def reach(self, state: str) -> None:
        """Wait for the state in the title."""
        wait_until(lambda: self.hands.find("mousegate-greeter") != 0, "the login screen to appear")
        window = self.hands.find("mousegate-greeter")
        wait_until(lambda: self.hands.state(window) == state, f"the login screen to be {state}")


def _faces(session: Session) -> None:
    session.hands.click(session.lobby.after[0])


def _first(session: Session) -> None:
    session.hands.move(*session.lobby.after[1].as_list()[:2])


def _menu(session: Session) -> None:
    shown = session.hands.shown_windows()
    session.hands.click(session.lobby.session)
    wait_until(lambda: session.hands.shown_windows() > shown, "the menu to open")
    session.hands.key("Down")


def _somebody(session: Session) -> None:
    for _ in range(4):
        session.hands.key("Down")
    session.hands.type("grace")


def _failed(session: Session) -> None:
    session.hands.type("secret\r")
    session.daemon.hears()
    session.daemon.says(greetd_ipc.error("auth_error", ""))
    session.daemon.hears()
    session.daemon.says(greetd_ipc.success())
    session.reach("failed")


SCENES: dict[str, Callable[[Session], None]] = {
    "first": _first,
    "faces": _faces,
    "menu": _menu,
    "somebody": _somebody,
    "failed": _failed,
}


def take(directory: Path, width: int, height: int, scene: str) -> Path:
    """Bring a login screen into `scene` and write its picture; return where."""
    path = directory / f"{width}x{height}-login-{scene}.png"
    with xvfb(width, height) as display_name, tempfile.TemporaryDirectory() as home:
        hands = Hands(display_name)
        with login(display_name, Path(home), faces=("bob",)) as daemon:
            session = Session(hands, daemon, width, height)
            session.reach("ready")
            SCENES[scene](session)
            threading.Event().wait(_DRAWN_S)
            hands.save(path)
        hands.close()
    return path


def main() -> None:
    """Take all pictures."""
    directory = Path(sys.argv[1])
    for width, height in FULL:
        for scene in SCENES:
            print(take(directory, width, height, scene))


if __name__ == "__main__":
    main()
