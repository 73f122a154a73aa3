"""Scripted ends of auth's conversation: a PAM stack without libpam, and a greeter on a real socket."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from mousegate.auth.attempt import OpenStack
from mousegate.auth.channel import Channel
from mousegate.auth.libpam import Style
from mousegate.auth.pam import Converse
from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT

PASSWORD = "correct horse"


@dataclass
class ScriptedStack:
    """A PAM transaction that shows `messages` in order and wants PASSWORD for each hidden prompt."""

    messages: tuple[tuple[Style, str], ...] = ((Style.ECHO_OFF, "Password:"),)
    account_ok: bool = True
    converse: Converse | None = None
    calls: list[str] = field(default_factory=list)

    def opener(self) -> OpenStack:
        """Return what an attempt opens."""

        def begin(converse: Converse) -> "ScriptedStack":
            self.converse = converse
            return self

        return begin

    def authenticate(self) -> bool:
        """Ask, and compare."""
        self.calls.append("authenticate")
        assert self.converse is not None
        answers = [(style, self.converse(style, text)) for style, text in self.messages]
        return all(
            answer == bytearray(PASSWORD.encode()) for style, answer in answers if style is Style.ECHO_OFF
        )

    def account_is_valid(self) -> bool:
        """Say what the script says."""
        self.calls.append("account")
        return self.account_ok

    def refresh_credentials(self) -> None:
        """Do nothing."""
        self.calls.append("credentials")

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self.calls.append("end")


@dataclass
class Greeter:
    """The greeter's end: answers prompts with what the test says."""

    peer: socket.socket
    decoder: greetd_ipc.Decoder = field(default_factory=greetd_ipc.Decoder)
    said: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        """Send one message."""
        self.peer.sendall(greetd_ipc.encode(message))

    def attempt(self, probe: str | Iterator[str], password: str = PASSWORD) -> Message:
        """Answer everything until the outcome, and return that. probe: each time, or one after the other."""
        while True:
            for message in self.decoder.feed(self.peer.recv(65536)):
                self.said.append(message)
                if message["type"] != "auth_message":
                    return message
                self.send(greetd_ipc.post_response(self._answer(message, probe, password)))

    def _answer(self, message: Message, probe: str | Iterator[str], password: str) -> str | None:
        if message["auth_message_type"] in ("info", "error"):
            return None
        if message["auth_message"] != PROBE_PROMPT:
            return password
        return probe if isinstance(probe, str) else next(probe)


@contextmanager
def conversation() -> Iterator[tuple[Channel, Greeter]]:
    """Yield auth's channel and the greeter at its other end."""
    ours, theirs = socket.socketpair()
    ours.settimeout(20)
    with ours, theirs:
        yield Channel(theirs), Greeter(ours)


@contextmanager
def in_thread(work: Callable[[], object]) -> Iterator[list[object]]:
    """Run `work` in a thread; yield a list that holds its result or exception after the block."""
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(work())
        except Exception as error:  # noqa: BLE001 - handed to the test
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    yield outcome
    thread.join(20)
    assert not thread.is_alive()
