"""The backend for greetd, against a daemon at a real Unix socket that says whatever the test wants."""

import select
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Decoder, Message
from mousegate.core.probe import PROBE_PROMPT
from mousegate.errors import ProtocolError, UsageError
from mousegate.greeter.backends.auth import PeerClosedError
from mousegate.greeter.backends.greetd import GreetdBackend, SessionStart, start_of
from mousegate.greeter.sessions import Session

OPENBOX = Session("openbox", "Openbox", ("openbox-session", "--startup"), "Openbox")
START = SessionStart(
    ("startx", "/usr/bin/env", "openbox-session", "--startup"),
    (
        "XDG_SESSION_TYPE=x11",
        "DESKTOP_SESSION=openbox",
        "XDG_CURRENT_DESKTOP=Openbox",
        "LANG=de_DE.UTF-8",
    ),
)
WAIT_S = 30.0


class Daemon:
    """A greetd that plays what it is told, and the backend that is connected to it."""

    def __init__(self, path: Path) -> None:
        with closing(socket.socket(socket.AF_UNIX)) as listener:
            listener.bind(str(path))
            listener.listen()
            self.backend = GreetdBackend.connect({"GREETD_SOCK": str(path)})
            self.backend.prepare(OPENBOX, "de_DE.UTF-8")
            self.end, _ = listener.accept()
        self.end.settimeout(WAIT_S)
        self._decoder = Decoder()

    def hears(self) -> Message:
        """Return the next request."""
        while not (messages := self._decoder.feed(self.end.recv(4096))):
            pass
        (message,) = messages
        return message

    def says(self, *messages: Message) -> list[Message]:
        """Answer, and return what the backend makes of it."""
        return self.says_bytes(b"".join(greetd_ipc.encode(message) for message in messages))

    def says_bytes(self, data: bytes) -> list[Message]:
        """Answer with these bytes, and return what the backend makes of them."""
        self.end.sendall(data)
        assert select.select([self.backend], [], [], WAIT_S)[0]
        return self.backend.receive()

    def is_silent(self) -> bool:
        """Return whether the backend has asked nothing more."""
        return not select.select([self.end], [], [], 0)[0]


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Daemon]:
    """A daemon with its backend connected."""
    made = Daemon(tmp_path / "greetd.sock")
    yield made
    made.backend.close()
    made.end.close()


def begin(daemon: Daemon) -> None:
    """Begin an attempt for ada."""
    daemon.backend.send(greetd_ipc.create_session("ada"))
    assert daemon.hears() == {"type": "create_session", "username": "ada"}


def test_password_and_probe_start_the_chosen_session(daemon: Daemon) -> None:
    """Password, probe, start_session with command and environment; success only after greetd's own."""
    begin(daemon)
    for kind, prompt, answer in (("secret", "Password:", "pw"), ("visible", PROBE_PROMPT, "probe")):
        asked: Message = {"type": "auth_message", "auth_message_type": kind, "auth_message": prompt}
        assert daemon.says(asked) == [asked]
        daemon.backend.send(greetd_ipc.post_response(answer))
        assert daemon.hears() == {"type": "post_auth_message_response", "response": answer}
    assert daemon.says(greetd_ipc.success()) == []
    assert not daemon.backend.is_started
    assert daemon.hears() == {
        "type": "start_session",
        "cmd": list(START.command),
        "env": list(START.environment),
    }
    assert daemon.says(greetd_ipc.success()) == [greetd_ipc.success()]
    assert daemon.backend.is_started


def test_a_refusal_is_told_once_greetd_has_forgotten_the_attempt(daemon: Daemon) -> None:
    """An auth_error cancels first, tells none of PAM's words, starts nothing, and lets the next begin."""
    begin(daemon)
    assert daemon.says(greetd_ipc.error("auth_error", "pam_mousegate: AUTH_ERR")) == []
    assert daemon.hears() == greetd_ipc.cancel_session()
    assert daemon.says(greetd_ipc.success()) == [greetd_ipc.error("auth_error", "")]
    assert daemon.is_silent()
    assert not daemon.backend.is_started
    begin(daemon)


def test_a_session_that_cannot_start_is_told(daemon: Daemon) -> None:
    """An error of start_session reaches the person in greetd's words, and nothing counts as started."""
    begin(daemon)
    daemon.says(greetd_ipc.success())
    assert daemon.hears()["type"] == "start_session"
    daemon.says(greetd_ipc.error("error", "no such command"))
    assert daemon.hears() == greetd_ipc.cancel_session()
    assert daemon.says(greetd_ipc.success()) == [greetd_ipc.error("error", "no such command")]
    assert not daemon.backend.is_started


def test_the_success_of_a_cancel_starts_nothing(daemon: Daemon) -> None:
    """Giving an attempt up ends in greetd's `success`, which must never be taken for an authentication."""
    begin(daemon)
    daemon.says(greetd_ipc.auth_message("secret", "Password:"))
    daemon.backend.send(greetd_ipc.cancel_session())
    assert daemon.hears() == greetd_ipc.cancel_session()
    assert daemon.says(greetd_ipc.success()) == [greetd_ipc.success()]
    assert daemon.is_silent()
    assert not daemon.backend.is_started


@pytest.mark.parametrize("message", [greetd_ipc.success(), greetd_ipc.auth_message("secret", "Password:")])
def test_what_was_not_asked_ends_the_conversation(daemon: Daemon, message: Message) -> None:
    """A success, or a prompt, before any request is refused and starts nothing."""
    with pytest.raises(ProtocolError):
        daemon.says(message)
    assert daemon.is_silent()


@pytest.mark.parametrize(
    "data",
    [
        greetd_ipc.encode(greetd_ipc.success()) * 2,
        b"\xff" * 64,
        b"\x04\x00\x00\x00" + b"true",
        greetd_ipc.encode({"type": "started"}),
        greetd_ipc.encode({"type": "error", "error_type": "x", "description": "y"}),
        greetd_ipc.encode({"type": "error", "error_type": "error", "description": 7}),
    ],
)
def test_hostile_answers_start_nothing(daemon: Daemon, data: bytes) -> None:
    """Too many answers, sizes of gigabytes, other JSON, unknown words: a ProtocolError, and no request."""
    begin(daemon)
    with pytest.raises(ProtocolError):
        daemon.says_bytes(data)
    assert daemon.is_silent()
    assert not daemon.backend.is_started


def test_requests_do_not_overlap_and_start_is_not_the_callers(daemon: Daemon) -> None:
    """Nobody above the backend can send start_session, or ask again before the answer."""
    with pytest.raises(ProtocolError):
        daemon.backend.send({"type": "start_session", "cmd": ["sh"], "env": []})
    begin(daemon)
    with pytest.raises(ProtocolError):
        daemon.backend.send(greetd_ipc.create_session("eve"))
    assert daemon.is_silent()


def test_a_daemon_that_vanishes_is_told(daemon: Daemon) -> None:
    """greetd's end in the middle of an attempt is an error of ours, not a success."""
    begin(daemon)
    daemon.end.close()
    with pytest.raises(PeerClosedError):
        daemon.backend.receive()
    assert not daemon.backend.is_started


def test_no_daemon_is_told(tmp_path: Path) -> None:
    """No GREETD_SOCK or no listener: the message says what is wrong."""
    with pytest.raises(UsageError, match="GREETD_SOCK"):
        GreetdBackend.connect({})
    with pytest.raises(ProtocolError, match="service"):
        GreetdBackend.connect({"GREETD_SOCK": str(tmp_path / "none")})


def test_without_a_session_nothing_is_started(daemon: Daemon) -> None:
    """Where no desktop is installed the attempt is taken back, and the person is told."""
    daemon.backend.prepare(None, "")
    daemon.backend.send(greetd_ipc.create_session("ada"))
    daemon.hears()
    assert daemon.says(greetd_ipc.success()) == []
    assert daemon.hears() == greetd_ipc.cancel_session()
    (told,) = daemon.says(greetd_ipc.success())
    assert told["error_type"] == "error" and "desktop" in told["description"]
    assert not daemon.backend.is_started


def test_the_session_is_not_changed_during_an_attempt(daemon: Daemon) -> None:
    """What is started was chosen before the password was given."""
    daemon.backend.send(greetd_ipc.create_session("ada"))
    with pytest.raises(ProtocolError):
        daemon.backend.prepare(None, "")


def test_a_wayland_session_brings_its_own_display() -> None:
    """It is run as it is; its language is the machine's where none was chosen."""
    start = start_of(Session("sway", "Sway", ("sway",), "sway", is_wayland=True), "")
    assert start.command == ("sway",)
    assert start.environment == (
        "XDG_SESSION_TYPE=wayland", "DESKTOP_SESSION=sway", "XDG_CURRENT_DESKTOP=sway",
    )  # fmt: skip
