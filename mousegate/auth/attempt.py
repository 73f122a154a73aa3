"""One attempt to unlock: back-off, PAM conversation, probe, verdict; one message and one delay."""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Final, Protocol, Self

from mousegate.auth.channel import ANSWER_TIMEOUT_S, Channel
from mousegate.auth.libpam import Style
from mousegate.auth.pam import Converse
from mousegate.auth.throttle import Throttle
from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import AuthMessageType
from mousegate.core.probe import PROBE_PROMPT
from mousegate.errors import MousegateError, ProtocolError
from mousegate.storage.judge import Judge, Missing, Verdict
from mousegate.storage.store import StoreFullError
from mousegate.storage.translation import marked, translate

_LOG: Final = logging.getLogger(__name__)
FAILED: Final = marked("That did not match. Try again.")
TOO_LITTLE: Final = marked("Not enough movement to tell. Try again, and move the mouse a little more.")
TOO_FEW_CLICKS: Final = marked("Too few clicks to tell. Click your rhythm, and end on Submit.")
MORE_MOVEMENT: Final = marked("Not enough movement to tell. Please move the mouse a little more.")
MOST_PROBES: Final = 4
"""How often the probe is asked for in one attempt, while there is too little movement in it."""
_TOLD_IN_SECONDS: Final = 120
_FAILURES: Final = {
    Missing.NOTHING: FAILED,
    Missing.RHYTHM: TOO_FEW_CLICKS,
    Missing.MOVEMENT: TOO_LITTLE,
}
FAILURE_DELAY_S: Final = 2.0
"""From the last answer to any failure, and what libpam's own modules ask for (pam_faildelay, pam_unix)."""

_KINDS: Final[dict[Style, AuthMessageType]] = {
    Style.ECHO_OFF: "secret",
    Style.ECHO_ON: "visible",
    Style.ERROR: "error",
    Style.INFO: "info",
}


class Stack(Protocol):
    """A PAM transaction (auth.pam.Transaction), ended by leaving its `with` block."""

    def authenticate(self) -> bool:
        """Tell whether the stack is satisfied."""

    def account_is_valid(self) -> bool:
        """Tell whether the account may be used."""

    def refresh_credentials(self) -> None:
        """Renew tickets."""

    def __enter__(self) -> Self:
        """Return self."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the transaction."""


OpenStack = Callable[[Converse], Stack]


class AttemptCancelledError(MousegateError):
    """The person gave this attempt up."""


@dataclass
class Dialogue:
    """Puts PAM's and our own questions to the greeter. Texts are data: whatever they say, they do nothing.

    on_answer is called before each answer is handed on. probe_answer: what was answered where the PAM stack
    itself asked for the probe (pam_mousegate.so is installed); None otherwise.
    """

    channel: Channel
    on_answer: Callable[[], None] = lambda: None
    probe_answer: str | None = None
    answered_at: float = field(default_factory=time.monotonic)

    def converse(self, style: Style, text: str) -> bytearray | None:
        """Serve one PAM message (auth.pam.Converse)."""
        answer = self.ask(_KINDS[style], text)
        if style not in (Style.ECHO_OFF, Style.ECHO_ON):
            return None
        if style is Style.ECHO_ON and text == PROBE_PROMPT:
            self.probe_answer = answer
        return bytearray(answer.encode("utf-8", "replace"))

    def ask(self, kind: AuthMessageType, text: str) -> str:
        """Show a text and return the answer, empty for a message.

        Raises AttemptCancelledError or ProtocolError.
        """
        self.channel.send(greetd_ipc.auth_message(kind, text))
        untrusted = self.channel.receive(ANSWER_TIMEOUT_S)
        if untrusted["type"] == "cancel_session":
            raise AttemptCancelledError("The attempt was given up.")
        response = untrusted.get("response")
        if untrusted["type"] != "post_auth_message_response" or not isinstance(response, str | None):
            raise ProtocolError("The greeter did not answer what it was asked.")
        if kind in ("secret", "visible"):
            self.on_answer()
            self.answered_at = time.monotonic()
        return response or ""


@dataclass
class Attempt:
    """Runs one attempt. open_stack: begins a PAM transaction; notice: what to say first; now_s: Unix time."""

    channel: Channel
    judge: Judge
    throttle: Throttle
    open_stack: OpenStack
    notice: str = ""
    failure_delay_s: float = FAILURE_DELAY_S
    now_s: Callable[[], float] = time.time
    _charged: bool = False

    def run(self) -> bool:
        """Hold the conversation, answer a failure to the greeter, and tell whether the screen may open.

        Raises AttemptCancelledError, ProtocolError, PamError or StoreError; none of them opens anything.
        """
        wait_s = self.throttle.remaining_s(self.judge.store, self.now_s())
        if wait_s > 0:
            self._refuse(translate("Too many attempts. Wait {0}, then try again.").format(_duration(wait_s)))
            return False
        dialogue = Dialogue(self.channel, self._charge)
        if self.notice:
            dialogue.ask("error", self.notice)
        with self.open_stack(dialogue.converse) as pam:
            password_ok = pam.authenticate()
            self._charge()
            last_answer_at = dialogue.answered_at
            verdict = self._judge(dialogue, password_ok)
            opens = verdict.unlocks and self._account_is_valid(pam)
        self._conclude(verdict.with_accepted(opens))
        if opens:
            return True
        self.channel.idle_until(failure_time(last_answer_at, time.monotonic(), self.failure_delay_s))
        self._refuse(translate(_FAILURES[verdict.missing]))
        return False

    def _judge(self, dialogue: Dialogue, password_ok: bool) -> Verdict:
        """Compare, and while that is inconclusive for want of movement ask for the probe again.

        A retry is a status, not a failure: the attempt was counted once, and is not counted again. What PAM
        itself has asked for cannot be asked again: its module has judged it already.
        """
        if dialogue.probe_answer is not None:
            return self.judge.judge(password_ok, dialogue.probe_answer, self.now_s())
        for asked in range(1, MOST_PROBES + 1):
            answer = dialogue.ask("visible", PROBE_PROMPT)
            verdict = self.judge.judge(password_ok, answer, self.now_s())
            if verdict.missing is not Missing.MOVEMENT or asked == MOST_PROBES:
                break
            dialogue.ask("info", translate(MORE_MOVEMENT))
        return verdict

    def _account_is_valid(self, pam: Stack) -> bool:
        """Ask the account stack, only after a match: what it says would tell that the password was right."""
        if not pam.account_is_valid():
            _LOG.error("PAM's account stack refuses")
            return False
        pam.refresh_credentials()
        return True

    def _conclude(self, verdict: Verdict) -> None:
        """Write the verdict down, if there is room to write."""
        if verdict.entry.accepted:
            self.throttle.clear()
        try:
            self.judge.conclude(verdict)
        except StoreFullError as error:
            _LOG.error("%s This decision is not written down.", error)

    def _charge(self) -> None:
        """Count the attempt once, before anything is judged: being killed now must not make it free."""
        if not self._charged:
            self._charged = True
            self.throttle.charge(self.judge.store, self.now_s())

    def _refuse(self, text: str) -> None:
        self.channel.send(greetd_ipc.error("auth_error", text))


def failure_time(answered_at: float, now: float, delay_s: float) -> float:
    """Return when to say that an attempt failed: a whole number of delays after the last answer.

    So the time that the factors took cannot be read from it, however slow PAM is.
    """
    passed = max(now - answered_at, 1e-6)
    return answered_at + delay_s * math.ceil(passed / delay_s)


def _duration(seconds: float) -> str:
    whole = math.ceil(seconds)
    if whole < _TOLD_IN_SECONDS:
        return translate("{0} seconds").format(whole)
    return translate("{0} minutes").format(math.ceil(whole / 60))
