"""What the greeter does, without Qt: one attempt at a time, in the greetd vocabulary (greetd-ipc(7)).

The presenter never decides. It carries the person's answers to the peer and the peer's words to the
person; `success` only changes what the screen says. Whatever a PAM module writes is text, never a command:
only a whole visible prompt that equals PROBE_PROMPT is answered by the recorder instead of the person.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT, RECOVERY_PREFIX
from mousegate.errors import ProtocolError
from mousegate.greeter.screen import Phase, Screen, Tone, readable, wipe

Translate = Callable[[str], str]


class View(Protocol):
    """The window, as far as the presenter knows it."""

    def show_screen(self, screen: Screen) -> None:
        """Draw this."""

    def clear_fields(self) -> None:
        """Wipe whatever has been typed."""


class ProbeTaker(Protocol):
    """Who records the probe. `take` answers later through Presenter.probe_taken."""

    def take(self, ticket: int) -> None:
        """Cut the probe at the Submit that has just been made; hand it back with this ticket."""

    def gather(self, ticket: int) -> None:
        """Have more movement made: tell how much there is through Presenter.gathered, and once it is enough
        cut the probe again, with the same clicks, and hand it back with this ticket.
        """

    def restart(self) -> None:
        """The rhythm begins anew: its first click is still to come."""

    def forget(self) -> None:
        """A new attempt begins: neither clicks nor movement so far belong to it."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How this presenter is used.

    eager: open the session at once rather than at Submit, and let an empty answer through, because the
    peer's texts lead the person (rehearsal). Escape then leaves.
    login: it is a session that opens, not a lock.
    """

    eager: bool = False
    login: bool = False


class Presenter:
    """The state machine between the window, the recorder and the peer.

    Without a user it asks for a name first and tells `named`, which is to `address` that person.
    """

    def __init__(
        self,
        *,
        user: str,
        send: Callable[[Message], None],
        view: View,
        recorder: ProbeTaker,
        leave: Callable[[], None],
        manner: Manner = Manner(),
        translate: Translate = str,
        named: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._user = user
        self._named = named
        self._send = send
        self._view = view
        self._recorder = recorder
        self._leave = leave
        self._manner = manner
        self._tr = translate
        self._screen = Screen()
        self._held: bytearray | None = None
        self._code = ""
        self._probe: str | None = None
        self._probe_note = ""
        self._ticket = 0
        self._taking = False
        self._probe_asked = False
        self._submitted = False
        self._answered = False

    @property
    def screen(self) -> Screen:
        """What was shown last."""
        return self._screen

    def start(self) -> None:
        """Show the first screen; open the session at once where the manner is eager."""
        self._begin("", Tone.INFO)

    def address(self, user: str, message: str = "") -> bool:
        """Turn to another person, whose first attempt begins; "" asks for a name. False during an attempt."""
        if self._screen.phase is not Phase.READY:
            return False
        self._user = user
        self._begin(message, Tone.INFO)
        return True

    def wait(self) -> bool:
        """The peer begins an attempt by itself; False during another."""
        if self._screen.phase is not Phase.READY:
            return False
        self._view.clear_fields()
        self._show(phase=Phase.CHECKING, message="")
        return True

    def notice(self, text: str) -> None:
        """Tell the person what is wrong with this machine, unless something else is being told."""
        if text and self._screen.phase is Phase.READY and not self._screen.message:
            self._show(message=text, tone=Tone.ERROR)

    # ---- what the person does

    def submit(self, answer: bytearray, recovery_code: str = "") -> None:
        """Take what was typed; `answer` is UTF-8 and belongs to the presenter, which wipes it."""
        if self._screen.phase not in {Phase.READY, Phase.PROMPT}:
            wipe(answer)
            return
        if not self._user:
            self._take_name(answer)
            return
        complaint = self._complaint(answer, recovery_code)
        if complaint:
            wipe(answer)
            self._recorder.restart()
            self._show(message=complaint, tone=Tone.ERROR)
            return
        self._code = recovery_code.strip() if self._screen.recovery else ""
        self._view.clear_fields()
        self._submitted = True
        if not self._code and not self._taking and self._probe is None:
            self._take()
        if self._screen.phase is Phase.PROMPT:
            self._answer(answer)
            return
        self._held = answer
        self._screen = replace(self._screen, failed=False)
        self._show(phase=Phase.CHECKING, message="")
        self._send(greetd_ipc.create_session(self._user))

    def _take_name(self, answer: bytearray) -> None:
        name = readable(answer.decode("utf-8", "replace"))
        wipe(answer)
        self._view.clear_fields()
        if name:
            self._named(name)
        else:
            self._show(message=self._tr("Type your user name, then Submit."), tone=Tone.ERROR)

    def escape(self) -> None:
        """Give up what is open, innermost first: the recovery field, the prompt, the rehearsal."""
        if self._screen.recovery and not self._screen.busy:
            self.toggle_recovery()
        elif self._manner.eager and self._screen.phase in {Phase.READY, Phase.PROMPT}:
            self._send(greetd_ipc.cancel_session())
            self._leave()
        elif self._screen.phase in {Phase.PROMPT, Phase.MOVING}:
            self._taking = False
            self._view.clear_fields()
            self._show(phase=Phase.CANCELLING, message="")
            self._send(greetd_ipc.cancel_session())
        elif self._screen.phase is Phase.READY:
            self._view.clear_fields()
            self._recorder.restart()
            self._show(message="")

    def toggle_recovery(self) -> None:
        """Open or close the second field, which takes a recovery code instead of the signature."""
        if self._screen.recovery_offered:
            opens = not self._screen.recovery
            words = self._tr("Type your password, and one of your recovery codes.") if opens else ""
            self._show(recovery=opens, message=words, tone=Tone.INFO)

    def edited(self) -> None:
        """The person types again: the last failure has been read."""
        if self._screen.failed:
            self._screen = replace(self._screen, failed=False)
            self._show(message="")

    # ---- what the recorder says

    def probe_taken(self, ticket: int, answer: str, note: str = "") -> None:
        """Take the encoded probe asked for with `ticket`; one of an earlier attempt is dropped.

        `note` tells the person what was wrong with it and is shown if the attempt fails.
        """
        if not self._taking or ticket != self._ticket:
            return
        self._taking = False
        self._probe, self._probe_note = answer, note
        if self._probe_asked:
            self._answer_probe()

    def gathered(self, share: float) -> None:
        """Show how much of the movement that is needed has been made (0 to 1)."""
        if self._screen.phase is Phase.MOVING:
            self._show(gathered=share)

    # ---- what the peer says

    def received(self, message: Message) -> None:
        """Handle one message of the peer. Raises ProtocolError when it is none that may come now.

        While the person is asked, only the end of the attempt may come (they took too long).
        """
        asked = self._screen.phase in {Phase.PROMPT, Phase.MOVING}
        timed_out = asked and message["type"] == "error"
        if (asked or self._screen.phase in {Phase.READY, Phase.WELCOME}) and not timed_out:
            raise ProtocolError(f"The peer sent {message['type']!r} although nothing was asked.")
        if self._screen.phase is Phase.CANCELLING:
            self._cancelled(message)
        elif message["type"] == "auth_message":
            self._asked(_text(message, "auth_message_type"), _text(message, "auth_message"))
        elif message["type"] == "success":
            self._forget()
            farewell = self._screen.message if self._manner.eager else self._tr("Welcome")
            self._show(phase=Phase.WELCOME, prompt="", message=farewell, tone=Tone.INFO)
        elif message["type"] == "error":
            self._failed(_text(message, "error_type"), _text(message, "description"))
        else:
            raise ProtocolError(f"The peer sent an unknown message, {message['type']!r}.")

    def _asked(self, kind: str, untrusted_text: str) -> None:
        if kind in {"info", "error"}:
            tone = Tone.INFO if kind == "info" else Tone.ERROR
            self._show(message=readable(untrusted_text), tone=tone)
            self._send(greetd_ipc.post_response(None))
        elif kind == "visible" and untrusted_text == PROBE_PROMPT:
            self._probe_asked = True
            if self._answered and not self._manner.eager:
                self._gather()
            else:
                self._answer_probe()
        elif kind == "secret" and self._held is not None:
            self._answer(self._held)
        elif kind in {"secret", "visible"}:
            self._show(phase=Phase.PROMPT, prompt=readable(untrusted_text), secret=kind == "secret")
        else:
            raise ProtocolError(f"The peer asked for something unknown, {kind!r}.")

    def _answer(self, answer: bytearray) -> None:
        text = answer.decode("utf-8", "replace")
        wipe(answer)
        self._held = None
        self._show(phase=Phase.CHECKING, message="")
        self._send(greetd_ipc.post_response(text))

    def _answer_probe(self) -> None:
        if self._code:
            answer, self._code = RECOVERY_PREFIX + self._code, ""
        elif self._probe is not None:
            answer, self._probe = self._probe, None
        elif self._taking:
            return
        else:
            self._take()
            return
        self._probe_asked, self._answered = False, True
        if self._screen.phase is Phase.MOVING:
            self._show(phase=Phase.CHECKING, message="")
        self._send(greetd_ipc.post_response(answer))
        if self._manner.eager:
            self._recorder.forget()

    def _gather(self) -> None:
        """The same attempt needs more movement: the password and the clicks stay as they were given."""
        self._taking = True
        self._ticket += 1
        self._show(phase=Phase.MOVING, gathered=0.0)
        self._recorder.gather(self._ticket)

    def _take(self) -> None:
        self._taking = True
        self._ticket += 1
        self._recorder.take(self._ticket)

    def _failed(self, kind: str, untrusted_text: str) -> None:
        if kind not in {"auth_error", "error"}:
            raise ProtocolError(f"The peer reported an unknown error, {kind!r}.")
        words = [readable(untrusted_text) or self._refusal()]
        again = self._manner.eager and self._submitted and kind == "auth_error"
        if self._probe_note:
            words.append(self._probe_note)
        self._begin("\n".join(words), Tone.ERROR, open_session=again, failed=True)

    def _refusal(self) -> str:
        if self._manner.login:
            return self._tr("That did not log you in. Try again.")
        return self._tr("That did not open the lock. Try again.")

    def _cancelled(self, message: Message) -> None:
        if message["type"] in {"success", "error"}:
            self._begin("", Tone.INFO)
        elif message["type"] != "auth_message":
            raise ProtocolError(f"The peer answered cancel_session with {message['type']!r}.")

    # ---- between attempts

    def _begin(
        self, message: str, tone: Tone, open_session: bool | None = None, failed: bool = False
    ) -> None:
        self._forget()
        self._view.clear_fields()
        self._recorder.forget()
        self._screen = Screen(failed=failed)
        if not self._user:
            self._screen = replace(self._screen, prompt=self._tr("User name"), secret=False)
        if self._manner.eager if open_session is None else open_session:
            self._show(phase=Phase.CHECKING, message=message, tone=tone)
            self._send(greetd_ipc.create_session(self._user))
        else:
            self._show(message=message, tone=tone)

    def _forget(self) -> None:
        if self._held is not None:
            wipe(self._held)
        self._held, self._probe, self._code, self._probe_note = None, None, "", ""
        self._taking = self._probe_asked = self._submitted = self._answered = False

    def _complaint(self, answer: bytearray, recovery_code: str) -> str:
        if self._screen.phase is Phase.READY and not answer and not self._manner.eager:
            return self._tr("Type your password, then Submit.")
        if self._screen.recovery and not recovery_code.strip():
            return self._tr("Type a recovery code, or go back to your signature.")
        return ""

    def _show(
        self,
        *,
        phase: Phase | None = None,
        prompt: str | None = None,
        secret: bool | None = None,
        message: str | None = None,
        tone: Tone | None = None,
        recovery: bool | None = None,
        gathered: float | None = None,
    ) -> None:
        now = self._screen
        after = replace(
            now,
            phase=now.phase if phase is None else phase,
            prompt=now.prompt if prompt is None else prompt,
            secret=now.secret if secret is None else secret,
            message=now.message if message is None else message,
            tone=now.tone if tone is None else tone,
            recovery=now.recovery if recovery is None else recovery,
            gathered=now.gathered if gathered is None else gathered,
        )
        offered = bool(self._user) and not self._manner.eager and after.phase is Phase.READY
        self._screen = replace(after, recovery_offered=offered)
        self._view.show_screen(self._screen)


def _text(message: Message, name: str) -> str:
    value = message.get(name)
    if not isinstance(value, str):
        raise ProtocolError(f"The peer sent {message['type']!r} without {name}.")
    return value
