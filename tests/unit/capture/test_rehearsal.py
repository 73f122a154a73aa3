"""Taking five repetitions: auth's part played to a greeter on a real socket."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from mousegate.capture.rehearsal import MAX_TRIES, Rehearsal
from mousegate.core import greetd_ipc
from mousegate.core.events import PointerDevice
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT, AttackFlag, Click, Probe, Rhythm, Target, encode
from mousegate.errors import FailureToEnrol, ProtocolError
from tests.unit.auth.script import in_thread
from tests.unit.people import RHYTHM, Person

ME = Person(1)


class Screen:
    """The rehearsal screen's end: submits one repetition after another."""

    def __init__(self, peer: socket.socket) -> None:
        self.peer = peer
        self.decoder = greetd_ipc.Decoder()
        self.texts: list[tuple[str, str]] = []

    def play(self, answers: Iterator[str]) -> str:
        """Answer until the end and return what ended it: `success`, `closed`, or `over` without answers."""
        self._send(greetd_ipc.create_session("me"))
        while received := self.peer.recv(65536):
            for message in self.decoder.feed(received):
                if message["type"] == "success":
                    return "success"
                answer = self._answer(message, answers)
                if answer is _OVER:
                    return "over"
                self._send(greetd_ipc.post_response(answer))
        return "closed"

    def _answer(self, message: Message, answers: Iterator[str]) -> str | None:
        kind, text = message["auth_message_type"], message["auth_message"]
        if kind in ("info", "error"):
            self.texts.append((kind, text))
            return None
        return next(answers, _OVER) if text == PROBE_PROMPT else "typed but never used"

    def _send(self, message: Message) -> None:
        self.peer.sendall(greetd_ipc.encode(message))


_OVER = "over"


@contextmanager
def rehearsal(
    work: Callable[[Rehearsal], object] = lambda peer: peer.collect(False),
) -> Iterator[tuple[Screen, list[object]]]:
    """Run a rehearsal in a thread, as the command does; yield its screen, and what comes of it."""
    ours, theirs = socket.socketpair()
    theirs.settimeout(20)

    def run() -> object:
        with ours:
            return work(Rehearsal(ours))

    with theirs, in_thread(run) as outcome:
        yield Screen(theirs), outcome


def collect(
    rhythms: list[Rhythm], allow_synthetic: bool = False, changes: dict[str, object] | None = None
) -> tuple[object, Screen]:
    """Return what came of these repetitions (probes or an exception), and the screen."""
    probes = [replace(ME.probe(clicks), **(changes or {})) for clicks in rhythms]  # type: ignore[arg-type]

    def work(peer: Rehearsal) -> list[Probe]:
        found = peer.collect(allow_synthetic)
        peer.finish("done")
        return found

    with rehearsal(work) as (screen, outcome):
        screen.play(iter([encode(probe) for probe in probes]))
        screen.peer.close()
    return outcome[0], screen


def with_hold(place: int, hold_ms: int) -> Rhythm:
    """Return RHYTHM with another hold in one place."""
    return (*RHYTHM[:place], Click(RHYTHM[place].target, hold_ms), *RHYTHM[place + 1 :])


def rhythms_of(outcome: object) -> list[Rhythm]:
    """Return the rhythms that were collected."""
    assert isinstance(outcome, list), outcome
    return [probe.rhythm for probe in outcome]


def test_five_alike_are_collected() -> None:
    """Each is acknowledged with how many are left; the end is shown."""
    outcome, screen = collect([RHYTHM] * 5)
    assert rhythms_of(outcome) == [RHYTHM] * 5
    assert [kind for kind, _ in screen.texts] == ["info"] * 6
    assert "4 more" in screen.texts[1][1]
    assert screen.texts[-1] == ("info", "done")


def test_an_odd_one_is_explained_and_taken_again() -> None:
    """The refusal names the click at once, and the repetition does not count."""
    outcome, screen = collect([RHYTHM, RHYTHM, with_hold(3, 900), RHYTHM, RHYTHM, RHYTHM])
    assert rhythms_of(outcome) == [RHYTHM] * 5
    errors = [text for kind, text in screen.texts if kind == "error"]
    assert len(errors) == 1
    assert "Click 4, on Submit, varied from 330 to 900 ms" in errors[0]


def test_an_odd_first_one_does_not_spoil_the_rest() -> None:
    """Two in a row that do not fit begin the rehearsal anew, with the latest as the first."""
    outcome, screen = collect([with_hold(0, 900)] + [RHYTHM] * 6)
    assert rhythms_of(outcome) == [RHYTHM] * 5
    assert any("Begin anew" in text for _, text in screen.texts)


def test_other_targets_are_explained() -> None:
    """The wrong place is named."""
    elsewhere = (RHYTHM[0], Click(Target.BACKGROUND, 140), *RHYTHM[2:])
    outcome, screen = collect([RHYTHM, elsewhere, RHYTHM, RHYTHM, RHYTHM, RHYTHM])
    assert rhythms_of(outcome) == [RHYTHM] * 5
    assert any("on the background" in text for _, text in screen.texts)


def test_never_the_same_is_a_failure_to_enrol() -> None:
    """After MAX_TRIES it gives up with advice."""
    outcome, _ = collect([with_hold(2, 300 * (1 + number % 7)) for number in range(MAX_TRIES)])
    assert isinstance(outcome, FailureToEnrol)
    assert "simpler" in str(outcome)


@pytest.mark.parametrize(
    "changes", [{"attack": AttackFlag.SYNTHETIC_DEVICE}, {"device": PointerDevice.XTEST}], ids=str
)
def test_a_program_cannot_be_enrolled(changes: dict[str, object]) -> None:
    """Synthetic clicks are refused unless tests allow them."""
    outcome, _ = collect([RHYTHM] * 5, changes=changes)
    assert isinstance(outcome, FailureToEnrol)
    assert "program" in str(outcome)
    allowed, _ = collect([RHYTHM] * 5, True, changes)
    assert rhythms_of(allowed) == [RHYTHM] * 5


def test_a_screen_without_recorder_is_explained() -> None:
    """An answer that is no probe ends the rehearsal with what to do."""
    with rehearsal() as (screen, outcome):
        assert screen.play(iter([""])) == "closed"
    assert isinstance(outcome[0], FailureToEnrol)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda screen: screen.peer.close(), "closed"),
        (lambda screen: screen.peer.sendall(greetd_ipc.encode(greetd_ipc.cancel_session())), "left"),
    ],
)
def test_leaving_changes_nothing(act: Callable[[Screen], None], words: str) -> None:
    """Closing the window or Escape is a FailureToEnrol that says so."""
    with rehearsal() as (screen, outcome):
        act(screen)
    assert isinstance(outcome[0], FailureToEnrol)
    assert words in str(outcome[0])


def test_rubbish_is_a_protocol_error() -> None:
    """A screen that speaks out of turn is not obeyed."""
    with rehearsal() as (screen, outcome):
        screen.peer.sendall(greetd_ipc.encode(greetd_ipc.success()))
    assert isinstance(outcome[0], ProtocolError)
