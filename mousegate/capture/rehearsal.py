"""Taking the five repetitions of a rhythm on the real screen, by playing auth's part to the greeter.

The password box is part of the rhythm's stage, but what is typed there is neither checked nor kept.
"""

import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Literal

from mousegate.core import greetd_ipc
from mousegate.core.events import PointerDevice
from mousegate.core.greetd_ipc import AuthMessageType, Message
from mousegate.core.probe import PROBE_PROMPT, AttackFlag, Probe, decode
from mousegate.core.rhythm import REPETITIONS, check_fits
from mousegate.errors import BadInput, DisplayError, FailureToEnrol, ProtocolError

ANSWER_TIMEOUT_S: Final = 600.0
"""How long a person may take over one repetition."""
MAX_TRIES: Final = 15
"""Repetitions taken in all, those that did not fit included."""

Told = Callable[[Sequence[Probe], Probe, str], None]
"""Called after each repetition with those taken before, with itself, and with why it did not fit (or "")."""


def _tell_nobody(taken: Sequence[Probe], probe: Probe, problem: str) -> None:
    """Tell nobody."""


class Rehearsal:
    """The greeter's peer during enrolment."""

    def __init__(self, peer: socket.socket) -> None:
        self._peer = peer
        self._decoder = greetd_ipc.Decoder()
        self._queue: list[Message] = []

    def collect(self, allow_synthetic: bool, told: Told = _tell_nobody) -> list[Probe]:
        """Return REPETITIONS probes whose rhythms are the same clicks, held alike.

        A repetition that does not fit is explained on the screen and not counted; after two of them in a row
        the rehearsal begins anew with the latest, since perhaps the first was the odd one. Raises
        FailureToEnrol when the person gives up or never repeats a rhythm, or a program moves the pointer.
        """
        self.begin("Click your rhythm and end on Submit. What you type here is neither checked nor kept.")
        probes: list[Probe] = []
        refused = 0
        for _ in range(MAX_TRIES):
            probe = self.take(f"Repetition {len(probes) + 1} of {REPETITIONS}")
            check_presented(probe, allow_synthetic)
            problem = _misfit(probes, probe)
            told(probes, probe, problem)
            refused = refused + 1 if problem else 0
            if refused == 2 and not _misfit([], probe):
                problem = f"{problem} Begin anew: that one counts as the first."
                probes, refused = [probe], 0
            elif not problem:
                probes.append(probe)
            if len(probes) == REPETITIONS:
                return probes
            left = REPETITIONS - len(probes)
            self.say("error" if problem else "info", problem or f"Taken. {left} more, just like it.")
        raise FailureToEnrol("The same rhythm did not come five times. Choose a simpler one and begin again.")

    def begin(self, text: str) -> None:
        """Wait until the screen is there, and show what to do."""
        self._expect("create_session")
        self.say("info", text)

    def take(self, prompt: str) -> Probe:
        """Return what the person does next on the screen, under this prompt. Raises FailureToEnrol."""
        self._ask("secret", prompt)
        try:
            return decode(self._ask("visible", PROBE_PROMPT))
        except BadInput as error:
            raise FailureToEnrol("The screen could not record the rhythm. Run `mousegate doctor`.") from error

    def say(self, kind: Literal["info", "error"], text: str) -> None:
        """Show a line until the next one."""
        self._ask(kind, text)

    def finish(self, text: str) -> None:
        """Show the outcome and end the session."""
        self.say("info", text)
        self._send(greetd_ipc.success())

    def _ask(self, kind: AuthMessageType, text: str) -> str:
        self._send(greetd_ipc.auth_message(kind, text))
        response = self._expect("post_auth_message_response").get("response")
        return response if isinstance(response, str) else ""

    def _expect(self, kind: str) -> Message:
        message = self._receive()
        if message["type"] == "cancel_session":
            raise FailureToEnrol("The rehearsal was left; nothing was changed.")
        if message["type"] != kind:
            raise ProtocolError(f"The rehearsal screen sent {message['type']!r} instead of {kind!r}.")
        return message

    def _send(self, message: Message) -> None:
        try:
            self._peer.sendall(greetd_ipc.encode(message))
        except OSError as cause:
            raise FailureToEnrol("The rehearsal screen went away; nothing was changed.") from cause

    def _receive(self) -> Message:
        deadline = time.monotonic() + ANSWER_TIMEOUT_S
        while not self._queue:
            readable, _, _ = select.select([self._peer], [], [], max(0.0, deadline - time.monotonic()))
            received = self._peer.recv(16 * 1024) if readable else b""
            if not received:
                raise FailureToEnrol("The rehearsal screen was closed; nothing was changed.")
            self._queue.extend(self._decoder.feed(received))
        return self._queue.pop(0)


def _misfit(taken: list[Probe], probe: Probe) -> str:
    """Return why a repetition does not fit those taken, or nothing."""
    try:
        check_fits([earlier.rhythm for earlier in taken], probe.rhythm)
    except FailureToEnrol as error:
        return str(error)
    return ""


def check_presented(probe: Probe, allow_synthetic: bool) -> None:
    """Raise FailureToEnrol when the clicks came from a program and that is not allowed."""
    synthetic = AttackFlag.SYNTHETIC_DEVICE in probe.attack or probe.device is PointerDevice.XTEST
    if synthetic and not allow_synthetic:
        raise FailureToEnrol("Those clicks came from a program, not from a mouse. Use your own mouse.")


@contextmanager
def rehearsal_screen() -> Iterator[Rehearsal]:
    """Open the greeter as a rehearsal window and yield its peer. Raises DisplayError when it cannot open."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        screen = subprocess.Popen(
            [sys.executable, "-P", "-m", "mousegate.greeter", "--rehearsal"],
            env=os.environ | {"MOUSEGATE_PEER_FD": str(theirs.fileno())},
            pass_fds=(theirs.fileno(),),
        )
        theirs.close()
        try:
            yield Rehearsal(ours)
        finally:
            ours.close()
            _end(screen)
    if screen.returncode not in (0, None):
        raise DisplayError("The rehearsal screen ended with an error; run `mousegate doctor`.")


def _end(screen: "subprocess.Popen[bytes]") -> None:
    """Let the screen leave by itself when its peer closes; end it where it does not."""
    try:
        screen.wait(timeout=5)
    except subprocess.TimeoutExpired:
        screen.kill()
        screen.wait()
