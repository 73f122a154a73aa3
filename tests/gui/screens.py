"""Pictures of the greeter in each of its states: `python -m tests.gui.screens OUTDIR`."""

import sys
from collections.abc import Callable
from pathlib import Path

from mousegate.core import greetd_ipc
from mousegate.greeter.layout import Layout, compute
from tests.gui.hands import Hands
from tests.gui.keeper import STOP_KEYCODE, FakeKeeper
from tests.gui.peer import Running, greeter, wait_until
from tests.xvfb import xvfb

SIZES = ((1280, 800), (3840, 2160), (1080, 1920))


class Session:
    """One greeter on one server, driven by hand."""

    def __init__(self, hands: Hands, running: Running, window: int, layout: Layout) -> None:
        self.hands, self.running, self.window, self.layout = hands, running, window, layout

    def reach(self, state: str) -> None:
        """Wait for the state in the title."""
        wait_until(lambda: self.hands.state(self.window) == state, f"the greeter to be {state}")

    def submit(self, password: str = "correct horse") -> None:
        """Type and submit; the conversation has begun afterwards."""
        self.hands.click(self.layout.password)
        self.hands.type(password)
        self.hands.click(self.layout.submit)
        assert self.running.receive()["type"] == "create_session"


def _idle(session: Session) -> None:
    session.reach("ready")


def _typing(session: Session) -> None:
    session.hands.click(session.layout.password)
    session.hands.type("correct horse")


def _caps(session: Session) -> None:
    session.hands.key("Caps_Lock")
    session.hands.type("abc")


def _failed(session: Session) -> None:
    session.submit()
    session.running.send(greetd_ipc.error("auth_error", "That did not match. Try again."))
    session.reach("failed")


def _busy(session: Session) -> None:
    session.submit()
    session.reach("checking")


def _recovery(session: Session) -> None:
    session.hands.click(session.layout.link)
    session.reach("recovery")
    session.hands.type("correct horse\tK7QF-9D")


def _prompt(session: Session) -> None:
    session.submit()
    session.running.ask("secret", "Password:")
    session.running.send(greetd_ipc.auth_message("visible", "One-time code from your token:"))
    session.reach("One-time code from your token:")
    session.hands.type("4921")


def _welcome(session: Session) -> None:
    session.submit()
    session.running.send(greetd_ipc.success())
    session.reach("welcome")


SCENES: dict[str, Callable[[Session], None]] = {
    "idle": _idle,
    "typing": _typing,
    "caps-lock": _caps,
    "failed": _failed,
    "busy": _busy,
    "recovery": _recovery,
    "prompt": _prompt,
    "welcome": _welcome,
}


def take(directory: Path, width: int, height: int, scene: str) -> Path:
    """Bring a greeter into `scene` and write its picture; return where."""
    path = directory / f"{width}x{height}-{scene}.png"
    with xvfb(width, height) as display_name:
        keeper, hands = FakeKeeper(display_name), Hands(display_name)
        with greeter(display_name, keeper.cover.id) as running:
            window = running.window()
            keeper.forward_to(window)
            session = Session(hands, running, window, compute(width, height))
            session.reach("ready")
            SCENES[scene](session)
            running.keeper_line()
            running.keeper_line()
            hands.save(path)
            hands.codes(STOP_KEYCODE)
        keeper.close()
        hands.close()
    return path


def main() -> None:
    """Take all pictures, or those named after the directory (such as 1280x800-idle)."""
    directory, *wanted = (Path(sys.argv[1]), *sys.argv[2:])
    for width, height in SIZES:
        for scene in SCENES:
            if not wanted or f"{width}x{height}-{scene}" in wanted:
                print(take(directory, width, height, scene))


if __name__ == "__main__":
    main()
