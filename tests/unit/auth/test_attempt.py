"""One attempt: the same prompts, one message and one delay, whichever factor is wrong."""

import itertools
import socket
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mousegate.auth.attempt import (
    FAILED,
    MORE_MOVEMENT,
    MOST_PROBES,
    TOO_FEW_CLICKS,
    TOO_LITTLE,
    Attempt,
    AttemptCancelledError,
    failure_time,
)
from mousegate.auth.channel import PeerGoneError
from mousegate.auth.libpam import Style
from mousegate.auth.throttle import Throttle
from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT, encode
from mousegate.errors import ProtocolError
from mousegate.storage.attempts import BACK_OFF
from mousegate.storage.config import Config
from mousegate.storage.judge import Judge
from mousegate.storage.store import Store
from tests.unit.auth.script import PASSWORD, Greeter, ScriptedStack, conversation, in_thread
from tests.unit.people import MANIFEST, WRONG_RHYTHM, Person

ME, STRANGER = Person(1), Person(8)
DELAY_S = 0.05


class Case:
    """An attempt in a thread, with the greeter in the test."""

    def __init__(self, store: Store, stack: ScriptedStack | None = None, notice: str = "") -> None:
        self.store = store
        self.stack = stack or ScriptedStack()
        self.notice = notice
        self.throttle = Throttle()
        self.said: list[Message] = []

    def run(self, probe: str | list[str], password: str = PASSWORD) -> tuple[object, Message | None]:
        """Return what the attempt returned or raised, and its last message if it was no success.

        probe: what is answered each time, or one after the other.
        """
        probes = iter(probe if isinstance(probe, list) else itertools.repeat(probe))
        directory = self.store.directory

        with conversation() as (channel, greeter):

            def work() -> bool:
                with Store.create(directory) as store:
                    judge = Judge(store, Config(), MANIFEST)
                    opener = self.stack.opener()
                    return Attempt(channel, judge, self.throttle, opener, self.notice, DELAY_S).run()

            with in_thread(work) as outcome:
                last = self._converse(greeter, probes, password, outcome)
            self.said = greeter.said
            return outcome[0], last

    def _converse(
        self, greeter: Greeter, probes: Iterator[str], password: str, outcome: list[object]
    ) -> Message | None:
        greeter.peer.settimeout(0.5)
        while True:
            try:
                return greeter.attempt(probes, password)
            except TimeoutError:
                if outcome:
                    return None

    def prompts(self) -> list[str]:
        """Return the prompts and texts that were shown."""
        return [message["auth_message"] for message in self.said if message["type"] == "auth_message"]


def test_everything_right_opens(store: Store) -> None:
    """The attempt returns True after PAM's account and credentials were asked, and says nothing more."""
    case = Case(store)
    assert case.run(encode(ME.probe())) == (True, None)
    assert case.stack.calls == ["authenticate", "account", "credentials", "end"]
    assert case.prompts() == ["Password:", PROBE_PROMPT]


def test_every_failure_looks_the_same(store: Store) -> None:
    """A wrong password, hand or rhythm: the same prompts, the same message, and no account call."""
    tries = [
        (encode(ME.probe()), "wrong"),
        (encode(STRANGER.probe()), PASSWORD),
        (encode(ME.probe(WRONG_RHYTHM)), PASSWORD),
        (encode(STRANGER.probe(WRONG_RHYTHM)), "wrong"),
    ]
    seen = set()
    for probe, password in tries:
        case = Case(store)
        result, last = case.run(probe, password)
        assert result is False
        assert case.stack.calls == ["authenticate", "end"]
        seen.add((repr(last), tuple(case.prompts())))
    assert seen == {(repr(greetd_ipc.error("auth_error", FAILED)), ("Password:", PROBE_PROMPT))}


LITTLE = encode(ME.probe(windows=0, active_s=0.0))


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_too_little_movement_is_asked_for_a_bounded_time(store: Store, password: str) -> None:
    """Whether or not the password was right, the same is asked as often, and all of it counts once."""
    case = Case(store)
    result, last = case.run(LITTLE, password)
    assert result is False
    assert last == greetd_ipc.error("auth_error", TOO_LITTLE)
    assert case.prompts() == ["Password:", *[PROBE_PROMPT, MORE_MOVEMENT] * (MOST_PROBES - 1), PROBE_PROMPT]
    assert store.attempts.failures() == 1
    assert len(store.decisions.newest(9)) == 1


@pytest.mark.parametrize(("password", "opens"), [(PASSWORD, True), ("wrong", False)])
def test_movement_made_when_asked_for_opens(store: Store, password: str, opens: bool) -> None:
    """A retry is a status: with enough movement the attempt goes on, and a success clears the counter."""
    case = Case(store)
    probes = [LITTLE, LITTLE, encode(ME.probe())]
    result, last = case.run(probes, password)
    assert result is opens
    assert (last is None) is opens
    assert case.prompts().count(PROBE_PROMPT) == 3
    assert store.attempts.failures() == (0 if opens else 1)
    assert case.stack.calls.count("authenticate") == 1


def test_anothers_movement_made_when_asked_for_does_not_open(store: Store) -> None:
    """Asking for more is no way around the comparison."""
    assert Case(store).run([LITTLE, encode(STRANGER.probe())])[0] is False


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_too_few_clicks_cannot_be_made_up_for(store: Store, password: str) -> None:
    """A rhythm belongs to its Submit: the attempt fails, and says what was wrong with it."""
    case = Case(store)
    result, last = case.run(encode(ME.probe(())), password)
    assert (result, last) == (False, greetd_ipc.error("auth_error", TOO_FEW_CLICKS))
    assert case.prompts() == ["Password:", PROBE_PROMPT]


def test_movement_that_pam_asked_for_is_not_asked_for_again(store: Store) -> None:
    """pam_mousegate has judged it already, so another probe could not help."""
    messages = ((Style.ECHO_OFF, "Password:"), (Style.ECHO_ON, PROBE_PROMPT))
    case = Case(store, ScriptedStack(messages=messages))
    assert case.run(LITTLE)[1] == greetd_ipc.error("auth_error", TOO_LITTLE)
    assert case.prompts() == ["Password:", PROBE_PROMPT]


def test_an_expired_account_stays_locked(store: Store) -> None:
    """A match whose account PAM refuses is a failure like any other, and is logged as not accepted."""
    case = Case(store, ScriptedStack(account_ok=False))
    assert case.run(encode(ME.probe()))[0] is False
    assert "credentials" not in case.stack.calls
    assert store.decisions.newest(1)[0].accepted is False
    assert store.attempts.failures() == 1


def test_pam_texts_with_our_words_do_nothing(store: Store) -> None:
    """Messages that say `success`, the probe prompt or a protocol message are shown, and that is all."""
    texts = (
        (Style.INFO, "success"),
        (Style.INFO, PROBE_PROMPT),
        (Style.ERROR, '{"type": "success"}'),
        (Style.ECHO_OFF, PROBE_PROMPT + " "),
    )
    case = Case(store, ScriptedStack(messages=texts))
    assert case.run(encode(STRANGER.probe()))[0] is False
    assert case.prompts() == [*(text for _, text in texts), PROBE_PROMPT]


def test_a_stack_that_asks_for_the_probe_is_not_asked_twice(store: Store) -> None:
    """Where the PAM module asks for the probe, its answer is judged by auth as well."""
    messages = ((Style.ECHO_OFF, "Password:"), (Style.ECHO_ON, PROBE_PROMPT))
    case = Case(store, ScriptedStack(messages=messages))
    assert case.run(encode(ME.probe()))[0] is True
    assert case.prompts() == ["Password:", PROBE_PROMPT]
    other = Case(store, ScriptedStack(messages=messages))
    assert other.run(encode(STRANGER.probe()))[0] is False


def test_a_stack_may_ask_three_times(store: Store) -> None:
    """Any number of prompts is served."""
    messages = ((Style.ECHO_OFF, "Password:"), (Style.ECHO_OFF, "Token:"), (Style.ECHO_OFF, "Again:"))
    case = Case(store, ScriptedStack(messages=messages))
    assert case.run(encode(ME.probe()))[0] is True
    assert case.prompts() == ["Password:", "Token:", "Again:", PROBE_PROMPT]


def test_a_stack_that_asks_nothing_still_needs_the_signature(store: Store) -> None:
    """pam_permit in the stack makes the password free, not the hand; the attempt counts all the same."""
    case = Case(store, ScriptedStack(messages=()))
    assert case.run(encode(STRANGER.probe()))[0] is False
    assert store.attempts.failures() == 1


def test_too_many_attempts_have_to_wait(store: Store) -> None:
    """In the back-off the attempt is refused before anything is asked, and it does not count."""
    for _ in range(BACK_OFF.free):
        store.attempts.charge(time.time())
    case = Case(store)
    result, last = case.run(encode(ME.probe()))
    assert result is False
    assert last is not None
    assert "Wait 5 seconds" in last["description"]
    assert case.prompts() == []
    assert case.stack.calls == []
    assert store.attempts.failures() == BACK_OFF.free


def test_a_notice_comes_first(store: Store) -> None:
    """What is wrong with the store is said before the password is asked."""
    case = Case(store, notice="Use a recovery code.")
    case.run(encode(ME.probe()), "wrong")
    assert case.prompts()[0] == "Use a recovery code."


def test_giving_up_before_answering_costs_nothing(store: Store) -> None:
    """cancel_session at the first prompt is no failed attempt."""
    case = Case(store)
    with conversation() as (channel, greeter):
        greeter.send(greetd_ipc.cancel_session())
        judge = Judge(store, Config(), MANIFEST)
        with pytest.raises(AttemptCancelledError):
            Attempt(channel, judge, case.throttle, case.stack.opener()).run()
    assert store.attempts.failures() == 0


@pytest.mark.parametrize("last", [greetd_ipc.cancel_session(), None])
def test_giving_up_after_answering_counts(store: Store, last: Message | None) -> None:
    """Cancelling, or killing the greeter, at the probe prompt does not make guessing the password free."""
    with conversation() as (channel, greeter):
        greeter.send(greetd_ipc.post_response(PASSWORD))
        if last:
            greeter.send(last)
        else:
            greeter.peer.shutdown(socket.SHUT_WR)
        judge = Judge(store, Config(), MANIFEST)
        with pytest.raises((AttemptCancelledError, PeerGoneError)):
            Attempt(channel, judge, Throttle(), ScriptedStack().opener()).run()
    assert store.attempts.failures() == 1


MESSAGES = st.one_of(
    st.builds(greetd_ipc.create_session, st.text(max_size=20)),
    st.builds(greetd_ipc.post_response, st.none() | st.text(max_size=20) | st.just(PASSWORD)),
    st.dictionaries(st.text(max_size=9), st.none() | st.integers() | st.text(max_size=9)).map(
        lambda extra: {"type": "post_auth_message_response", **extra}
    ),
    st.just(greetd_ipc.cancel_session()),
    st.just(greetd_ipc.success()),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messages=st.lists(MESSAGES, max_size=6))
def test_no_sequence_of_messages_opens(store: Store, messages: list[Message]) -> None:
    """Whatever a greeter sends that holds no signature, the attempt fails or breaks off."""
    store.attempts.clear()
    with conversation() as (channel, greeter):
        for message in messages:
            greeter.send(message)
        greeter.peer.shutdown(1)
        judge = Judge(store, Config(), MANIFEST)
        try:
            opened = Attempt(channel, judge, Throttle(), ScriptedStack().opener(), "", 0.001).run()
        except (ProtocolError, AttemptCancelledError):
            return
        assert opened is False


@given(st.floats(0, 1e6), st.floats(0, 100), st.floats(0.01, 5))
def test_a_failure_is_said_at_a_whole_number_of_delays(answered: float, passed: float, delay: float) -> None:
    """Never before the work is done, never more than one delay after it."""
    at = failure_time(answered, answered + passed, delay)
    assert at >= answered + passed - 1e-6
    assert at <= answered + max(passed, 1e-6) + delay + 1e-6
    assert at >= answered + delay - 1e-6
