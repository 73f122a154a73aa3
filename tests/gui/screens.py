"""Pictures of the greeter in each of its states: `python -m tests.gui.screens OUTDIR`."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw

from mousegate.auth.attempt import MORE_MOVEMENT
from mousegate.core import greetd_ipc
from mousegate.core.probe import PROBE_PROMPT
from mousegate.greeter.layout import Layout, compute
from tests.gui.hands import Hands
from tests.gui.keeper import STOP_KEYCODE, FakeKeeper
from tests.gui.peer import Running, greeter, wait_until
from tests.xvfb import xvfb

SIZES = ((1280, 800), (3840, 2160), (1080, 1920), (800, 600), (1366, 768))
FULL = SIZES[:3]
"""Sizes of which every scene is taken; of the others only the first."""

_PART_OF_THE_MOVEMENT_S = 0.7

NSS_WRAPPER = Path("/usr/lib/x86_64-linux-gnu/libnss_wrapper.so")


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


def _moving(session: Session) -> None:
    session.submit()
    session.running.ask("secret", "Password:")
    session.running.ask("visible", PROBE_PROMPT)
    session.running.ask("info", MORE_MOVEMENT)
    session.running.send(greetd_ipc.auth_message("visible", PROBE_PROMPT))
    session.reach("moving")
    began_s = time.monotonic()
    session.hands.wander_until(lambda: time.monotonic() - began_s > _PART_OF_THE_MOVEMENT_S)


def _welcome(session: Session) -> None:
    session.submit()
    session.running.send(greetd_ipc.success())
    session.reach("welcome")


def _face(session: Session) -> None:
    session.hands.move(*session.layout.face.as_list()[:2])


def _layouts(session: Session) -> None:
    subprocess.run(["setxkbmap", "-display", session.hands.display_name, "de,fr"], check=True)
    session.hands.type("secret")


def _rehearsal_focus(session: Session) -> None:
    session.hands.type("\t")


SCENES: dict[str, Callable[[Session], None]] = {
    "idle": _idle,
    "typing": _typing,
    "caps-lock": _caps,
    "failed": _failed,
    "busy": _busy,
    "recovery": _recovery,
    "prompt": _prompt,
    "moving": _moving,
    "welcome": _welcome,
    "face": _face,
    "layouts": _layouts,
    "focus": _rehearsal_focus,
}


def somebody(directory: Path, *, with_face: bool) -> dict[str, str]:
    """Return the environment of a person with a name, where nss_wrapper (cwrap.org) is installed."""
    home = directory / ("home-with-face" if with_face else "home")
    home.mkdir(parents=True, exist_ok=True)
    if with_face:
        portrait().save(home / ".face", "PNG")
    passwd, group = directory / "passwd", directory / "group"
    passwd.write_text(f"ada:x:{os.getuid()}:{os.getgid()}:Ada Lovelace,,,:{home}:/bin/sh\n")
    group.write_text(f"ada:x:{os.getgid()}:\n")
    environment = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}
    if NSS_WRAPPER.exists():
        environment["LD_PRELOAD"] = str(NSS_WRAPPER)
        environment |= {"NSS_WRAPPER_PASSWD": str(passwd), "NSS_WRAPPER_GROUP": str(group)}
    return environment


def portrait(side: int = 512) -> Image.Image:
    """Return a picture of nobody: head and shoulders before a morning sky, drawn here."""
    big = Image.new("RGB", (2 * side, 2 * side))
    draw = ImageDraw.Draw(big)
    for y in range(2 * side):
        share = y / (2 * side)
        draw.line((0, y, 2 * side, y), (int(255 - 60 * share), int(214 - 90 * share), int(165 + 20 * share)))
    draw.ellipse((0.16 * 2 * side, 0.66 * 2 * side, 0.84 * 2 * side, 1.5 * 2 * side), (52, 60, 96))
    draw.ellipse((0.29 * 2 * side, 0.16 * 2 * side, 0.71 * 2 * side, 0.62 * 2 * side), (70, 44, 40))
    draw.rectangle((0.44 * 2 * side, 0.55 * 2 * side, 0.56 * 2 * side, 0.74 * 2 * side), (226, 172, 142))
    draw.ellipse((0.335 * 2 * side, 0.24 * 2 * side, 0.665 * 2 * side, 0.64 * 2 * side), (240, 190, 160))
    return big.resize((side, side), Image.Resampling.LANCZOS)


def take(directory: Path, width: int, height: int, scene: str) -> Path:
    """Bring a greeter into `scene` and write its picture; return where."""
    path = directory / f"{width}x{height}-{scene}.png"
    with xvfb(width, height) as display_name:
        keeper, hands = FakeKeeper(display_name), Hands(display_name)
        person = somebody(directory, with_face=scene == "face")
        with greeter(display_name, keeper.cover.id, environment=person) as running:
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
        for scene in list(SCENES)[: None if (width, height) in FULL else 1]:
            if not wanted or f"{width}x{height}-{scene}" in wanted:
                print(take(directory, width, height, scene))


if __name__ == "__main__":
    main()
