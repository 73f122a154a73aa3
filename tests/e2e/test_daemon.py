"""The daemon on a whole private desktop with a real notification server: who moves the mouse matters."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from Xlib.display import Display

from mousegate.capture import synthetic
from mousegate.capture.formats import write
from mousegate.capture.idle import ScreenState
from mousegate.capture.replay import Player
from tests.bus.conftest import OWNER_SEED, STRANGER_SEED
from tests.bus.peer import Peer, iterate_until, running_daemon
from tests.bus.test_daemon import end_lock, moving
from tests.e2e.desktop import Desktop, private_desktop
from tests.e2e.screen import Witness

pytestmark = pytest.mark.timeout(240)
DUNSTRC = """[global]
    dmenu = {script}
    origin = top-right
    width = 420
    height = 260
    actions_in_message = true
    show_indicators = true
"""


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    """A private desktop of an enrolled person who wants to be told soon."""
    with private_desktop() as opened:
        opened.configure('allow_synthetic = true\nidle_minutes = 0\nalarm = "strict"\n')
        recording = tmp_path / "owner.csv"
        session = synthetic.session(synthetic.hand(OWNER_SEED), 180, (opened.width, opened.height), seed=7)
        write(recording, session, "native")
        done = opened.run("enrol", "--label", "me", "--from", str(recording))
        assert done.returncode == 0, done.stderr
        yield opened


@contextmanager
def dunst(desktop: Desktop, directory: Path, choice: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run dunst; whoever opens its menu of actions chooses `choice`."""
    script = directory / "choose"
    script.write_text(f"#!/bin/sh\ngrep -m1 '{choice}'\n")
    script.chmod(0o700)
    settings = directory / "dunstrc"
    settings.write_text(DUNSTRC.format(script=script))
    server = subprocess.Popen(
        ["dunst", "-config", str(settings)],
        env=dict(desktop.env),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield server
    finally:
        server.terminate()
        server.wait()


def dunstctl(desktop: Desktop, *words: str) -> str:
    """Ask dunst."""
    return subprocess.run(
        ["dunstctl", *words], env=dict(desktop.env), capture_output=True, text=True, check=False
    ).stdout.strip()


def test_owner_is_left_alone_and_another_hand_is_noticed(desktop: Desktop, tmp_path: Path) -> None:
    """The owner's movement shows nothing; another's shows one notification, and "Lock now" on it locks."""
    with dunst(desktop, tmp_path, "Lock now"), running_daemon(desktop, tmp_path / "log"):
        peer = Peer(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
        iterate_until(lambda: bool(peer.bus.name_has_owner("org.freedesktop.Notifications")), "dunst")
        play(desktop, OWNER_SEED, 30)
        iterate_until(lambda: peer.daemon.state().events_seen > 500, "the movement to be seen")
        assert (peer.heard("Anomaly"), dunstctl(desktop, "count", "displayed")) == ([], "0")
        assert peer.daemon.state().trust > 0.75
        with moving(desktop, STRANGER_SEED):
            iterate_until(lambda: bool(peer.heard("Anomaly")), "the anomaly", 120)
        iterate_until(lambda: dunstctl(desktop, "count", "displayed") == "1", "one notification")
        witness = Witness(desktop.display)
        witness.save(tmp_path / "alert.png")
        witness.close()
        assert peer.daemon.state().last_anomaly_s > 0
        with ScreenState(desktop.display) as screen:
            assert not screen.is_locked()
            dunstctl(desktop, "context")
            iterate_until(screen.is_locked, "the lock")
        iterate_until(lambda: dunstctl(desktop, "count", "displayed") == "0", "the alert to go")
        peer.close()
        kinds = [line.split()[0] for line in history(desktop)]
        end_lock(Display(desktop.display))
    assert kinds.count("anomaly") == 1
    assert kinds.index("anomaly") < kinds.index("answer") < kinds.index("locked")


def play(desktop: Desktop, seed: int, duration_s: float) -> None:
    """Move the mouse as this person does, to the end."""
    session = synthetic.session(synthetic.hand(seed), duration_s, (desktop.width, desktop.height), seed=11)
    with Player(desktop.display) as player:
        player.play(session)


def history(desktop: Desktop) -> list[str]:
    """Return what `mousegate history` tells: kind and detail of each entry."""
    import json

    done = desktop.run("history", "--json")
    assert done.returncode == 0, done.stderr
    return [f"{entry['kind']} {entry['detail']}" for entry in json.loads(done.stdout)]
