"""Claims about the greeter's behaviour, with a scripted peer, window and recorder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT
from mousegate.errors import ProtocolError
from mousegate.greeter.presenter import Manner, Presenter
from mousegate.greeter.screen import MAX_TEXT, Phase, Screen, Tone, readable

PASSWORD = "pa ss¿word"


class World:
    """Everything around a presenter, written down in one list of what happened, in order."""

    def __init__(self, eager: bool = False, user: str = "alice") -> None:
        self.sent: list[Message] = []
        self.screens: list[Screen] = []
        self.tickets: list[int] = []
        self.gathering: list[int] = []
        self.named: list[str] = []
        self.cleared = self.restarted = self.forgotten = self.left = 0
        self.presenter = Presenter(
            user=user,
            send=self.sent.append,
            view=self,
            recorder=self,
            leave=self._leave,
            manner=Manner(eager=eager),
            named=self.named.append,
        )
        self.presenter.start()

    def show_screen(self, screen: Screen) -> None:
        self.screens.append(screen)

    def clear_fields(self) -> None:
        self.cleared += 1

    def take(self, ticket: int) -> None:
        self.tickets.append(ticket)

    def gather(self, ticket: int) -> None:
        self.gathering.append(ticket)

    def restart(self) -> None:
        self.restarted += 1

    def forget(self) -> None:
        self.forgotten += 1

    def _leave(self) -> None:
        self.left += 1

    @property
    def screen(self) -> Screen:
        return self.screens[-1]

    def submit(self, text: str = PASSWORD, code: str = "") -> bytearray:
        typed = bytearray(text.encode())
        self.presenter.submit(typed, code)
        return typed

    def ask(self, kind: greetd_ipc.AuthMessageType, text: str) -> None:
        self.presenter.received(greetd_ipc.auth_message(kind, text))

    def fail(self, text: str = "That did not match.") -> None:
        self.presenter.received(greetd_ipc.error("auth_error", text))

    def answers(self) -> list[object]:
        return [m["response"] for m in self.sent if m["type"] == "post_auth_message_response"]


def test_nothing_is_sent_before_submit() -> None:
    """The lock's session is opened by Submit, so that no conversation hangs open while nobody is there."""
    world = World()
    assert world.sent == []
    assert world.screen == Screen(recovery_offered=True)


def test_password_then_probe_are_answered_in_order() -> None:
    """One whole attempt: create_session, the password, the probe, welcome."""
    world = World()
    world.submit()
    assert world.sent == [greetd_ipc.create_session("alice")]
    assert world.screen.busy
    world.ask("secret", "Password:")
    world.presenter.probe_taken(world.tickets[0], "PROBE")
    world.ask("visible", PROBE_PROMPT)
    assert world.answers() == [PASSWORD, "PROBE"]
    world.presenter.received(greetd_ipc.success())
    assert world.screen.phase is Phase.WELCOME


def test_a_probe_that_comes_late_is_still_answered() -> None:
    """The peer may ask before the recorder is ready; nothing is sent until it is."""
    world = World()
    world.submit()
    world.ask("secret", "Password:")
    world.ask("visible", PROBE_PROMPT)
    assert world.answers() == [PASSWORD]
    world.presenter.probe_taken(world.tickets[0], "PROBE")
    assert world.answers() == [PASSWORD, "PROBE"]


def test_the_password_is_wiped_once_sent() -> None:
    """The bytes that were typed are overwritten and gone as soon as they have been answered."""
    world = World()
    typed = world.submit()
    assert typed == PASSWORD.encode()
    world.ask("secret", "Password:")
    assert typed == b""


@pytest.mark.parametrize("phase_of_failure", ["before the password", "after the password"])
def test_a_failure_clears_everything_and_says_one_thing(phase_of_failure: str) -> None:
    """Whichever factor failed, fields and rhythm begin anew, and the peer's one message is shown."""
    world = World()
    typed = world.submit()
    if phase_of_failure == "after the password":
        world.ask("secret", "Password:")
    before = (world.cleared, world.forgotten)
    world.fail()
    assert typed == b""
    assert (world.cleared, world.forgotten) == (before[0] + 1, before[1] + 1)
    assert world.screen.phase is Phase.READY
    assert (world.screen.message, world.screen.tone) == ("That did not match.", Tone.ERROR)
    assert world.screen.failed


def test_the_next_attempt_is_a_new_session() -> None:
    """After a failure, Submit opens another session and takes another probe."""
    world = World()
    world.submit()
    world.fail()
    world.submit()
    assert [m["type"] for m in world.sent] == ["create_session", "create_session"]
    assert len(set(world.tickets)) == 2
    assert not world.screen.failed


def test_a_probe_of_an_earlier_attempt_is_dropped() -> None:
    """A slow recorder cannot slip the last attempt's probe into this one."""
    world = World()
    world.submit()
    world.fail()
    world.submit()
    world.ask("secret", "Password:")
    world.ask("visible", PROBE_PROMPT)
    world.presenter.probe_taken(world.tickets[0], "OLD")
    assert world.answers() == [PASSWORD]
    world.presenter.probe_taken(world.tickets[1], "NEW")
    assert world.answers() == [PASSWORD, "NEW"]


def test_three_prompts_are_answered_by_the_person() -> None:
    """Only the first secret prompt gets the password; others are shown, and answered as typed."""
    world = World()
    world.submit()
    world.ask("secret", "Password:")
    world.ask("visible", "One-time code:")
    assert (world.screen.phase, world.screen.prompt, world.screen.secret) == (
        Phase.PROMPT,
        "One-time code:",
        False,
    )
    world.submit("123456")
    world.ask("secret", "PIN:")
    assert (world.screen.prompt, world.screen.secret) == ("PIN:", True)
    world.submit("")
    assert world.answers() == [PASSWORD, "123456", ""]
    assert len(world.tickets) == 1


def test_texts_are_shown_and_acknowledged() -> None:
    """info and error texts need no person: they are shown and acknowledged with None."""
    world = World()
    world.submit()
    world.ask("info", "Place your finger")
    assert (world.screen.message, world.screen.tone) == ("Place your finger", Tone.INFO)
    world.ask("error", "Not read")
    assert (world.screen.message, world.screen.tone) == ("Not read", Tone.ERROR)
    assert world.answers() == [None, None]


@pytest.mark.parametrize(
    "text",
    [
        "success",
        '{"type": "success"}',
        "mousegate-probe:1 please",
        "Type mousegate-probe:1",
        "mousegate-probe:1\n",
        "MOUSEGATE-PROBE:1",
        "mousegate-recovery:1 0000",
        "window 1\nalive",
    ],
)
def test_our_own_words_in_a_prompt_are_only_text(text: str) -> None:
    """What a PAM module writes is shown to the person, whatever it looks like."""
    world = World()
    world.submit()
    world.ask("secret", "Password:")
    world.ask("visible", text)
    assert world.screen.phase is Phase.PROMPT
    assert world.answers() == [PASSWORD]


def test_a_secret_prompt_never_gets_the_probe() -> None:
    """The probe answers a visible prompt only, as pam_mousegate asks it."""
    world = World()
    world.submit()
    world.ask("secret", "Password:")
    world.ask("secret", PROBE_PROMPT)
    assert world.screen.phase is Phase.PROMPT


def test_a_recovery_code_takes_the_probes_place() -> None:
    """With the second field open, the code is answered and nothing is recorded."""
    world = World()
    world.presenter.toggle_recovery()
    assert world.screen.recovery
    world.submit(code=" ABCD-EFGH ")
    world.ask("secret", "Password:")
    world.ask("visible", PROBE_PROMPT)
    assert world.answers() == [PASSWORD, "mousegate-recovery:1 ABCD-EFGH"]
    assert world.tickets == []


def test_an_open_recovery_field_must_be_filled() -> None:
    """An empty code is asked for, and nothing is sent."""
    world = World()
    world.presenter.toggle_recovery()
    typed = world.submit(code="  ")
    assert world.sent == []
    assert typed == b""
    assert "recovery code" in world.screen.message


def test_an_empty_password_is_not_an_attempt() -> None:
    """Submit without a password sends nothing, counts nothing, and begins the rhythm anew."""
    world = World()
    world.submit("")
    assert world.sent == []
    assert world.restarted == 1
    assert "password" in world.screen.message


def test_escape_gives_up_a_prompt() -> None:
    """cancel_session is sent, and its answer is never taken for a success."""
    world = World()
    world.submit()
    world.ask("secret", "Password:")
    world.ask("visible", "One-time code:")
    world.presenter.escape()
    assert world.sent[-1] == greetd_ipc.cancel_session()
    world.presenter.received(greetd_ipc.success())
    phases = [screen.phase for screen in world.screens]
    assert phases[-2:] == [Phase.CANCELLING, Phase.READY]
    assert Phase.WELCOME not in phases


def test_escape_closes_the_recovery_field_first() -> None:
    """Escape undoes the innermost thing."""
    world = World()
    world.presenter.toggle_recovery()
    world.presenter.escape()
    assert not world.screen.recovery
    world.presenter.escape()
    assert world.restarted == 1
    assert world.sent == []


def test_a_prompt_that_timed_out_is_a_new_attempt() -> None:
    """The peer may end the attempt while the person is still typing."""
    world = World()
    world.submit()
    world.ask("secret", "Password:")
    world.ask("visible", "One-time code:")
    world.presenter.received(greetd_ipc.error("error", "Too slow."))
    assert (world.screen.phase, world.screen.message) == (Phase.READY, "Too slow.")


@pytest.mark.parametrize(
    "message",
    [
        {"type": "rubbish"},
        {"type": "auth_message"},
        {"type": "auth_message", "auth_message_type": "secret"},
        {"type": "auth_message", "auth_message_type": "shout", "auth_message": "x"},
        {"type": "auth_message", "auth_message_type": "info", "auth_message": 7},
        {"type": "error", "error_type": "worse", "description": "x"},
        {"type": "error", "error_type": "auth_error", "description": None},
        {"type": "create_session", "username": "x"},
    ],
)
def test_rubbish_from_the_peer_is_refused(message: Message) -> None:
    """Anything outside the vocabulary is a ProtocolError, which ends the greeter."""
    world = World()
    world.submit()
    with pytest.raises(ProtocolError):
        world.presenter.received(message)


@pytest.mark.parametrize("message", [greetd_ipc.success(), greetd_ipc.auth_message("info", "hello")])
def test_a_peer_that_was_not_asked_may_not_speak(message: Message) -> None:
    """Before Submit there is no conversation, and so no success either."""
    world = World()
    with pytest.raises(ProtocolError):
        world.presenter.received(message)
    assert world.screen.phase is Phase.READY


def test_what_was_wrong_with_the_probe_is_told_with_the_failure() -> None:
    """The recorder's note is about the person's own doing; it stands under the one message."""
    world = World()
    world.submit()
    world.presenter.probe_taken(world.tickets[0], "PROBE", "More than 12 clicks cannot be compared.")
    world.fail()
    assert world.screen.message == "That did not match.\nMore than 12 clicks cannot be compared."


def test_submit_while_checking_changes_nothing() -> None:
    """A second Submit is dropped and wiped while the first is being checked."""
    world = World()
    world.submit()
    typed = world.submit("again")
    assert typed == b""
    assert len(world.sent) == 1


def test_a_notice_is_shown_only_where_nothing_else_is() -> None:
    """What is wrong with the machine does not hide what the person is being told."""
    world = World()
    world.presenter.notice("No model.")
    assert world.screen.message == "No model."
    world.submit()
    world.fail()
    world.presenter.notice("No model.")
    assert world.screen.message == "That did not match."


def test_a_rehearsal_is_led_by_its_peer() -> None:
    """The session opens at once; each repetition is a prompt and a fresh probe; success ends it."""
    world = World(eager=True)
    assert world.sent == [greetd_ipc.create_session("alice")]
    for number in range(2):
        world.ask("secret", f"Repetition {number}")
        assert world.screen.phase is Phase.PROMPT
        assert not world.screen.recovery_offered
        world.submit("")
        world.ask("visible", PROBE_PROMPT)
        world.presenter.probe_taken(world.tickets[-1], f"PROBE {number}")
        world.ask("info", "Taken.")
    assert world.answers() == ["", "PROBE 0", None, "", "PROBE 1", None]
    world.presenter.received(greetd_ipc.success())
    assert (world.screen.phase, world.screen.message) == (Phase.WELCOME, "Taken.")


def test_escape_leaves_a_rehearsal() -> None:
    """The person may stop; the peer is told."""
    world = World(eager=True)
    world.ask("secret", "Repetition 1")
    world.presenter.escape()
    assert world.sent[-1] == greetd_ipc.cancel_session()
    assert world.left == 1


def test_a_rehearsal_that_cannot_begin_does_not_try_for_ever() -> None:
    """An error before the person did anything opens no further session by itself."""
    world = World(eager=True)
    world.presenter.received(greetd_ipc.error("auth_error", "No."))
    assert len(world.sent) == 1
    assert world.screen.message == "No."


@given(st.text(max_size=2000))
def test_any_text_becomes_one_short_visible_line(text: str) -> None:
    """Control characters, overrides and floods of a peer do not reach the screen."""
    line = readable(text)
    assert len(line) <= MAX_TEXT
    assert not set(line) & set("\n\r\t\x00\x1b\u202e\u2028\u200f")


def moving() -> World:
    """Return an attempt whose first probe held too little movement."""
    world = World()
    world.submit()
    world.ask("secret", "Password:")
    world.presenter.probe_taken(world.tickets[0], "LITTLE")
    world.ask("visible", PROBE_PROMPT)
    world.ask("info", "Please move the mouse a little more.")
    world.ask("visible", PROBE_PROMPT)
    return world


def test_a_second_question_for_the_probe_asks_for_more_movement() -> None:
    """What is missing is shown as it comes; then the same attempt goes on without another Submit."""
    world = moving()
    assert (world.screen.phase, world.screen.gathered) == (Phase.MOVING, 0.0)
    assert world.screen.state == "moving"
    assert world.screen.message == "Please move the mouse a little more."
    world.presenter.gathered(0.4)
    assert world.screen.gathered == 0.4
    assert world.answers() == [PASSWORD, "LITTLE", None]
    world.presenter.probe_taken(world.gathering[0], "MORE")
    assert world.answers() == [PASSWORD, "LITTLE", None, "MORE"]
    assert world.screen.busy
    assert [m["type"] for m in world.sent].count("create_session") == 1
    assert world.forgotten == 1
    world.presenter.received(greetd_ipc.success())
    assert world.screen.phase is Phase.WELCOME


def test_more_may_be_asked_for_again_and_again() -> None:
    """Each question is answered once, and progress begins anew."""
    world = moving()
    for number in range(3):
        world.presenter.gathered(1.0)
        world.presenter.probe_taken(world.gathering[-1], f"MORE {number}")
        world.ask("visible", PROBE_PROMPT)
        assert (world.screen.phase, world.screen.gathered) == (Phase.MOVING, 0.0)
    assert world.answers()[-1] == "MORE 2"
    assert len(set(world.gathering)) == 4


def test_escape_gives_up_moving() -> None:
    """Then nothing more is sent but the cancelling, even where the probe comes late."""
    world = moving()
    world.presenter.escape()
    assert world.screen.state == "cancelling"
    world.presenter.probe_taken(world.gathering[0], "LATE")
    world.presenter.gathered(0.7)
    assert world.sent[-1] == greetd_ipc.cancel_session()
    world.presenter.received(greetd_ipc.error("error", "The attempt was given up."))
    assert world.screen.phase is Phase.READY


def test_a_submit_while_moving_is_nothing() -> None:
    """There is nothing to submit; what was typed is wiped."""
    world = moving()
    sent = len(world.sent)
    typed = world.submit("again")
    assert typed == b""
    assert len(world.sent) == sent


@pytest.mark.parametrize("message", [greetd_ipc.success(), greetd_ipc.auth_message("secret", "Password:")])
def test_while_moving_only_the_end_may_come(message: Message) -> None:
    """A success before the movement was answered is none."""
    with pytest.raises(ProtocolError):
        moving().presenter.received(message)
    world = moving()
    world.fail()
    assert world.screen.failed


def test_the_next_attempt_takes_its_own_probe() -> None:
    """After a failure the first question is answered from the next Submit again."""
    world = moving()
    world.presenter.probe_taken(world.gathering[0], "MORE")
    world.fail()
    world.submit()
    world.ask("secret", "Password:")
    world.presenter.probe_taken(world.tickets[-1], "NEXT")
    world.ask("visible", PROBE_PROMPT)
    assert world.answers()[-1] == "NEXT"
    assert len(world.gathering) == 1


def test_a_name_is_asked_for_first_where_nobody_is_known() -> None:
    """It is shown as it is typed, goes to whoever knows people, and nothing is sent before the password."""
    world = World(user="")
    asked = world.screen
    assert asked.prompt and not asked.secret and not asked.recovery_offered
    world.submit("")
    assert world.screen.tone is Tone.ERROR
    world.submit(" eve\u202e ")
    assert world.named == ["eve"] and not world.sent
    assert world.presenter.address("eve")
    assert world.screen.secret and world.screen.recovery_offered
    world.submit()
    assert world.sent == [greetd_ipc.create_session("eve")]


def test_nobody_else_is_addressed_during_an_attempt() -> None:
    """Before and after it another person may be; neither they nor a peer's own attempt come in between."""
    world = World()
    assert world.presenter.address("bob")
    world.submit()
    assert not world.presenter.address("eve") and not world.presenter.wait()
    world.fail()
    assert world.presenter.address("cid")
    world.submit()
    assert [message["username"] for message in world.sent] == ["bob", "cid"]


def test_another_person_begins_with_nothing_of_the_first() -> None:
    """Fields, clicks and movement so far are forgotten."""
    world = World()
    before = world.cleared, world.forgotten
    world.presenter.address("bob")
    assert (world.cleared, world.forgotten) == (before[0] + 1, before[1] + 1)


def test_a_peer_may_begin_by_itself() -> None:
    """What LightDM's timer begins is shown as being checked, and its success is welcome."""
    world = World()
    assert world.presenter.wait()
    assert world.screen.busy and not world.sent
    world.presenter.received(greetd_ipc.success())
    assert world.screen.phase is Phase.WELCOME
