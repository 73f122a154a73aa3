"""The backend for LightDM, against a greeter object that emits whatever signal the test wants."""

import select
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT
from mousegate.errors import ProtocolError
from mousegate.greeter.backends.auth import PeerClosedError
from mousegate.greeter.backends.lightdm import LightDMBackend
from mousegate.greeter.sessions import Session

QUESTION, SECRET, INFO, ERROR = 0, 1, 0, 1
OPENBOX = Session("openbox", "Openbox")
REFUSED = greetd_ipc.error("auth_error", "")


class FakeDaemon:
    """A LightDM.Greeter that says what it is told to, and writes down what it was asked."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[..., None]] = {}
        self.asked: list[tuple[str, ...]] = []
        self.user: str | None = None
        self.is_authenticated: object = False
        self.starts: object = True
        self.is_gone = False

    def connect(self, signal: str, handler: Callable[..., None]) -> int:
        self.handlers[signal] = handler
        return len(self.handlers)

    def emit(self, signal: str, *words: object) -> None:
        self.handlers[signal](self, *words)

    def _note(self, *words: str) -> bool:
        if self.is_gone:
            raise RuntimeError("lightdm_greeter_error: Failed to write to daemon")
        self.asked.append(words)
        return True

    def authenticate(self, username: str | None) -> bool:
        self.user, self.is_authenticated = username, False
        return self._note("authenticate", str(username))

    def authenticate_autologin(self) -> bool:
        return self._note("autologin")

    def cancel_autologin(self) -> bool:
        return self._note("stay")

    def respond(self, response: str) -> bool:
        return self._note("respond", response)

    def cancel_authentication(self) -> bool:
        return self._note("cancel")

    def get_is_authenticated(self) -> bool:
        return self.is_authenticated  # type: ignore[return-value]

    def get_authentication_user(self) -> str | None:
        return self.user

    def set_language(self, language: str) -> bool:
        return self._note("language", language)

    def start_session_sync(self, session: str | None) -> bool:
        self._note("start", str(session))
        return self.starts  # type: ignore[return-value]

    def complete(self, is_authenticated: object, user: str | None = "ada") -> None:
        self.is_authenticated, self.user = is_authenticated, user
        self.emit("authentication-complete")

    @property
    def has_started(self) -> bool:
        return any(words[0] == "start" for words in self.asked)


class World:
    """A backend, its daemon, and what the screen was called for."""

    def __init__(self) -> None:
        self.daemon, self.calls = FakeDaemon(), list[str]()
        self.backend = LightDMBackend(self.daemon, self.calls.append)

    def hears(self) -> list[Message]:
        """Return what the backend tells, or nothing."""
        return self.backend.receive() if select.select([self.backend], [], [], 0)[0] else []

    def begin(self) -> None:
        self.backend.send(greetd_ipc.create_session("ada"))

    def answer(self, text: str | None) -> None:
        self.backend.send(greetd_ipc.post_response(text))


@pytest.fixture
def world() -> Iterator[World]:
    """A backend that nothing has been asked of."""
    made = World()
    yield made
    made.backend.close()


def test_password_alone_starts_what_the_person_had(world: World) -> None:
    """Who is not enrolled is asked for the password, and LightDM chooses the session it remembers."""
    world.begin()
    world.daemon.emit("show-prompt", "Password: ", SECRET)
    assert world.hears() == [greetd_ipc.auth_message("secret", "Password: ")]
    world.answer("pw")
    world.daemon.complete(True)
    assert world.hears() == [greetd_ipc.success()]
    assert world.daemon.asked == [("authenticate", "ada"), ("respond", "pw"), ("start", "None")]
    assert world.backend.is_started


def test_password_and_probe_start_the_chosen_session_in_the_chosen_language(world: World) -> None:
    """The stack's question for a probe is visible; session and language are those that were prepared."""
    world.backend.prepare(OPENBOX, "de_DE.utf8")
    world.begin()
    world.daemon.emit("show-prompt", "Password: ", SECRET)
    world.answer("pw")
    world.daemon.emit("show-prompt", PROBE_PROMPT, QUESTION)
    assert world.hears()[-1] == greetd_ipc.auth_message("visible", PROBE_PROMPT)
    world.answer("probe")
    world.daemon.complete(True)
    assert world.daemon.asked[-2:] == [("language", "de_DE.utf8"), ("start", "openbox")]


def test_a_batch_of_messages_is_told_one_at_a_time(world: World) -> None:
    """LightDM tells all of PAM's messages at once; each is open until it was answered or read."""
    world.begin()
    world.daemon.emit("show-message", "Welcome to this machine", INFO)
    world.daemon.emit("show-prompt", "Password: ", SECRET)
    world.daemon.emit("show-prompt", "Code: ", QUESTION)
    assert world.hears() == [greetd_ipc.auth_message("info", "Welcome to this machine")]
    world.answer(None)
    assert world.hears() == [greetd_ipc.auth_message("secret", "Password: ")]
    world.answer("pw")
    assert world.hears() == [greetd_ipc.auth_message("visible", "Code: ")]
    world.answer("1")
    assert world.daemon.asked == [("authenticate", "ada"), ("respond", "pw"), ("respond", "1")]


def test_a_text_just_before_the_end_is_read_first(world: World) -> None:
    """The end waits for the text before it, so that nothing is started over what nobody read."""
    world.begin()
    world.daemon.emit("show-message", "Your password expires soon", ERROR)
    world.daemon.complete(True)
    assert world.hears() == [greetd_ipc.auth_message("error", "Your password expires soon")]
    assert not world.daemon.has_started
    world.answer(None)
    assert world.hears() == [greetd_ipc.success()]


@pytest.mark.parametrize(
    ("is_authenticated", "user"), [(False, "ada"), (True, "eve"), (True, None), (1, "ada")]
)
def test_only_the_person_asked_for_and_only_true_starts(
    world: World, is_authenticated: object, user: str | None
) -> None:
    """A refusal, another person's success, nobody's, and what is merely like true: no session."""
    world.begin()
    world.daemon.complete(is_authenticated, user)
    assert world.hears() == [REFUSED]
    assert not world.daemon.has_started and not world.backend.is_started
    world.begin()


def test_an_end_with_a_prompt_open_is_a_failure(world: World) -> None:
    """Authenticated on an answer that was never given: refused."""
    world.begin()
    world.daemon.emit("show-prompt", "Password: ", SECRET)
    world.hears()
    world.daemon.complete(True)
    assert world.hears() == [REFUSED]
    world.answer("late")
    assert world.daemon.asked == [("authenticate", "ada")]


@pytest.mark.parametrize("is_authenticated", [True, False])
def test_what_nobody_asked_for_does_nothing(world: World, is_authenticated: bool) -> None:
    """Ends, prompts and texts before an attempt, after its end and after a cancel are dropped."""
    for prepare in (_nothing, _fail, _give_up):
        prepare(world)
        world.hears()
        world.daemon.complete(is_authenticated)
        world.daemon.emit("show-prompt", "Password: ", SECRET)
        world.daemon.emit("show-message", "Hello", INFO)
        assert world.hears() == []
        assert not world.daemon.has_started


def _nothing(world: World) -> None:
    assert not world.daemon.asked


def _fail(world: World) -> None:
    world.begin()
    world.daemon.complete(False)


def _give_up(world: World) -> None:
    world.begin()
    world.daemon.emit("show-prompt", "Password: ", SECRET)
    world.backend.send(greetd_ipc.cancel_session())
    assert world.hears() == [greetd_ipc.success()]
    assert world.daemon.asked[-1] == ("cancel",)


@pytest.mark.parametrize("answer", [False, None, 1])
def test_a_session_that_does_not_start_is_told(world: World, answer: object) -> None:
    """LightDM's refusal is shown, nothing counts as started, and the next attempt may begin."""
    world.daemon.starts = answer
    world.begin()
    world.daemon.complete(True)
    (told,) = world.hears()
    assert told["error_type"] == "error" and "session" in told["description"]
    assert not world.backend.is_started
    world.begin()


def test_requests_that_may_not_come_are_refused(world: World) -> None:
    """No second attempt meanwhile, none for nobody, no other session meanwhile, nothing after the start."""
    with pytest.raises(ProtocolError):
        world.backend.send(greetd_ipc.create_session(""))
    world.begin()
    with pytest.raises(ProtocolError):
        world.begin()
    with pytest.raises(ProtocolError):
        world.backend.prepare(OPENBOX, "")
    world.daemon.complete(True)
    for message in (greetd_ipc.create_session("ada"), greetd_ipc.cancel_session(), {"type": "start_session"}):
        with pytest.raises(ProtocolError):
            world.backend.send(message)


def test_a_daemon_that_vanishes_is_told(world: World) -> None:
    """Whether the end is seen or met at a request: PeerClosedError, and nothing starts any more."""
    world.begin()
    world.backend.vanished()
    with pytest.raises(PeerClosedError):
        world.backend.receive()
    world.daemon.complete(True)
    assert not world.daemon.has_started
    other = World()
    other.daemon.is_gone = True
    with pytest.raises(PeerClosedError):
        other.begin()
    with pytest.raises(PeerClosedError):
        other.backend.receive()
    other.backend.close()


@pytest.mark.parametrize("signal", ["reset", "idle"])
def test_reset_and_idle_give_everything_up(world: World, signal: str) -> None:
    """A greeter that is kept forgets attempt and success, tells the screen, and begins anew."""
    world.begin()
    world.daemon.emit("show-prompt", "Password: ", SECRET)
    world.daemon.emit(signal)
    assert world.hears() == [] and world.calls == [signal]
    world.daemon.complete(True)
    assert not world.daemon.has_started
    world.begin()
    world.daemon.complete(True)
    world.daemon.emit(signal)
    assert not world.backend.is_started


def test_the_timer_lets_in_whom_the_administrator_named(world: World) -> None:
    """Autologin goes the same way: only the named person's own authentication starts a session."""
    world.daemon.emit("autologin-timer-expired")
    assert world.calls == ["autologin-timer-expired"]
    world.backend.autologin("ada")
    world.daemon.complete(True, "eve")
    assert world.hears() == [REFUSED]
    world.backend.stay()
    assert world.daemon.asked == [("autologin",), ("stay",)]


_SIGNALS = ["prompt", "question", "text", "reset", "yes", "no", "other"]
_EVENTS = st.sampled_from([*_SIGNALS, "begin", "answer", "cancel"])


@given(st.lists(_EVENTS, max_size=30))
def test_no_order_of_signals_starts_without_authentication(events: list[str]) -> None:
    """Whatever order things come in, each start follows an end of ada's own authentication with true."""
    world = World()
    truths = 0
    for event in events:
        before = sum(words[0] == "start" for words in world.daemon.asked)
        if event == "yes":
            truths += 1
        _happen(world, event)
        after = sum(words[0] == "start" for words in world.daemon.asked)
        assert after <= before + 1
        assert after == before or (world.daemon.is_authenticated is True and world.daemon.user == "ada")
    assert sum(words[0] == "start" for words in world.daemon.asked) <= truths
    world.backend.close()


def _happen(world: World, event: str) -> None:
    requests = {
        "begin": greetd_ipc.create_session("ada"),
        "answer": greetd_ipc.post_response("x"),
        "cancel": greetd_ipc.cancel_session(),
    }
    signals: dict[str, tuple[object, ...]] = {
        "prompt": ("show-prompt", "p", SECRET),
        "question": ("show-prompt", "q", QUESTION),
        "text": ("show-message", "t", INFO),
        "reset": ("reset",),
    }
    ends: dict[str, tuple[bool, str]] = {"yes": (True, "ada"), "no": (False, "ada"), "other": (True, "eve")}
    if event in requests:
        with suppress(ProtocolError):
            world.backend.send(requests[event])
    elif event in signals:
        world.daemon.emit(*signals[event])  # type: ignore[arg-type]
    else:
        world.daemon.complete(*ends[event])
