"""Claims about the real login screen on a real X server, with a scripted greetd or LightDM behind it."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT, Target, decode
from mousegate.greeter.layout import Layout, Lobby, compute, lobby
from tests.gui import greetd, lightdm
from tests.gui.hands import Hands
from tests.gui.peer import wait_until


class Screen:
    """Hands before a login screen of 1280x800."""

    def __init__(self, display_name: str) -> None:
        self.hands = Hands(display_name)
        self.layout: Layout = compute(1280, 800)
        self.lobby: Lobby = lobby(self.layout)
        self._window = 0

    def reach(self, state: str) -> None:
        """Wait for the state that the window's title tells."""
        wait_until(self._appears, "the login screen to appear")
        wait_until(lambda: self.hands.state(self._window) == state, f"the login screen to be {state}")

    def is_shown(self) -> bool:
        """Return whether there is a window."""
        return self.hands.find("mousegate-greeter") != 0

    def submit(self, words: str) -> None:
        """Type and click Submit."""
        self.hands.type(words)
        self.hands.click(self.layout.submit)

    def _appears(self) -> bool:
        self._window = self.hands.find("mousegate-greeter")
        return self._window != 0


@pytest.fixture
def screen(x_server: str) -> Iterator[Screen]:
    """Hands before a display on which the login screen is about to appear."""
    made = Screen(x_server)
    yield made
    made.hands.close()


def test_the_face_that_is_clicked_logs_in(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """Its name goes to greetd, the chosen desktop is started, the screen ends, and both are remembered."""
    with greetd.login(x_server, tmp_path) as daemon:
        screen.reach("ready")
        screen.hands.click(screen.lobby.after[1])
        screen.hands.click(screen.layout.password)
        screen.submit("secret")
        assert daemon.hears() == greetd_ipc.create_session("cid")
        assert daemon.asks("secret", "Password:") == "secret"
        daemon.says(greetd_ipc.success())
        started = daemon.hears()
        assert started["type"] == "start_session" and "XDG_SESSION_TYPE=x11" in started["env"]
        daemon.says(greetd_ipc.success())
        assert daemon.end() == 0
    kept = json.loads((tmp_path / "data/mousegate/login.json").read_text())
    assert kept["user"] == "cid" and kept["sessions"]["cid"]
    with greetd.login(x_server, tmp_path) as daemon:
        screen.reach("ready")
        screen.submit("secret")
        assert daemon.hears() == greetd_ipc.create_session("cid")


def test_only_clicks_for_the_attempt_are_its_rhythm(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """Neither the click on another's face nor those in a menu are in the probe; those after them are."""
    with greetd.login(x_server, tmp_path) as daemon:
        screen.reach("ready")
        screen.hands.click(screen.layout.face)
        screen.hands.click(screen.lobby.after[0])
        without_menu = screen.hands.shown_windows()
        screen.hands.click(screen.lobby.session)
        wait_until(lambda: screen.hands.shown_windows() > without_menu, "the menu to open")
        screen.hands.key("Escape")
        wait_until(lambda: screen.hands.shown_windows() == without_menu, "the menu to close")
        screen.hands.pass_a_millisecond()
        screen.hands.click(screen.layout.face)
        screen.submit("secret")
        assert daemon.hears() == greetd_ipc.create_session("bob")
        assert daemon.asks("secret", "Password:") == "secret"
        answer = daemon.asks("visible", PROBE_PROMPT)
        assert answer is not None
        assert [click.target for click in decode(answer).rhythm] == [Target.FACE, Target.SUBMIT]


def test_somebody_else_types_a_name(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """The last face asks for a name, and then for that person's password."""
    with greetd.login(x_server, tmp_path, people=("ada",)) as daemon:
        screen.reach("ready")
        screen.hands.key("Down")
        screen.submit("eve")
        assert daemon.is_unasked()
        screen.submit("secret")
        assert daemon.hears() == greetd_ipc.create_session("eve")
        assert daemon.asks("secret", "Password:") == "secret"
        _refuse(daemon)
        screen.reach("failed")


def test_nobody_is_swapped_during_an_attempt(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """A click on another face while PAM asks changes nothing: the answer belongs to who was named."""
    with greetd.login(x_server, tmp_path) as daemon:
        screen.reach("ready")
        screen.submit("secret")
        assert daemon.hears() == greetd_ipc.create_session("ada")
        assert daemon.asks("secret", "Password:") == "secret"
        daemon.says(greetd_ipc.auth_message("visible", "Code:"))
        screen.reach("Code:")
        screen.hands.click(screen.lobby.after[0])
        screen.submit("4921")
        assert daemon.hears() == greetd_ipc.post_response("4921")
        _refuse(daemon)
        screen.reach("failed")
        screen.submit("again")
        assert daemon.hears() == greetd_ipc.create_session("ada")


def test_a_daemon_that_vanishes_ends_the_screen(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """There is nobody who could log anybody in: the status says so, and whoever started it starts again."""
    with greetd.login(x_server, tmp_path) as daemon:
        screen.reach("ready")
        daemon.vanish()
        assert daemon.end() != 0


def _refuse(daemon: greetd.Greetd) -> None:
    """Refuse as greetd does, which keeps the attempt until it is cancelled."""
    daemon.says(greetd_ipc.error("auth_error", "pam_authenticate: AUTH_ERR"))
    cancelled: Message = daemon.hears()
    assert cancelled == greetd_ipc.cancel_session()
    daemon.says(greetd_ipc.success())


def test_lightdm_is_asked_in_its_own_words(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """Password and probe go through liblightdm; the session is started for who was authenticated."""
    with lightdm.login(x_server, tmp_path) as daemon:
        daemon.welcomes(select_user="bob")
        screen.reach("ready")
        screen.submit("secret")
        assert daemon.begins() == "bob"
        assert daemon.asks("bob", lightdm.SECRET, "Password: ") == "secret"
        assert decode(daemon.asks("bob", lightdm.VISIBLE, PROBE_PROMPT)).rhythm
        daemon.ends("bob", 0)
        assert daemon.starts() == ""
        screen.reach("welcome")


def test_lightdm_refuses(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """A refusal, and a success for somebody else, start nothing; the next attempt begins anew."""
    with lightdm.login(x_server, tmp_path) as daemon:
        daemon.welcomes(select_user="ada")
        screen.reach("ready")
        for user, status in (("ada", 7), ("eve", 0)):
            screen.submit("secret")
            assert daemon.begins() == "ada"
            assert daemon.asks("ada", lightdm.SECRET, "Password: ") == "secret"
            daemon.ends(user, status)
            screen.reach("failed")
            assert daemon.is_unasked()


def test_lightdm_gives_the_screen_to_the_next_person(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """`idle` hides the screen; `reset` shows it anew for whom LightDM names, with nothing left in it."""
    with lightdm.login(x_server, tmp_path) as daemon:
        daemon.welcomes(select_user="ada")
        screen.reach("ready")
        screen.submit("secret")
        assert daemon.begins() == "ada"
        assert daemon.asks("ada", lightdm.SECRET, "Password: ") == "secret"
        daemon.ends("ada", 0)
        daemon.starts()
        screen.reach("welcome")
        daemon.rests()
        wait_until(lambda: not screen.is_shown(), "the screen to hide")
        daemon.resets(select_user="dora", lock_screen="true")
        screen.reach("ready")
        screen.submit("other")
        assert daemon.begins() == "dora"


def test_the_chosen_language_is_lightdms(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """What is chosen in the menu is told before the session starts."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "locale").write_text("#!/bin/sh\nprintf 'C\\nPOSIX\\nde_DE.utf8\\nfr_FR.utf8\\n'\n")
    (programs / "locale").chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    with lightdm.login(x_server, tmp_path, {"PATH": path}) as daemon:
        daemon.welcomes(select_user="ada")
        screen.reach("ready")
        without_menu = screen.hands.shown_windows()
        screen.hands.click(screen.lobby.language)
        wait_until(lambda: screen.hands.shown_windows() > without_menu, "the menu to open")
        for key in ("Down", "Return"):
            screen.hands.key(key)
        wait_until(lambda: screen.hands.shown_windows() == without_menu, "the menu to close")
        screen.submit("secret")
        assert daemon.begins() == "ada"
        assert daemon.asks("ada", lightdm.SECRET, "Password: ") == "secret"
        daemon.ends("ada", 0)
        assert daemon.hears() == (lightdm.Said.SET_LANGUAGE, lightdm.text("de_DE.utf8"))
        daemon.starts()
        screen.reach("welcome")


def test_lightdm_that_vanishes_ends_the_screen(screen: Screen, x_server: str, tmp_path: Path) -> None:
    """Without LightDM nobody can be let in, and the process ends with a status that says so."""
    with lightdm.login(x_server, tmp_path) as daemon:
        daemon.welcomes()
        screen.reach("ready")
        daemon.vanish()
        assert daemon.process.wait(timeout=20) != 0
