"""Auth as a real process under a real PAM stack (pam_wrapper, pam_matrix), with keeper and greeter played."""

import getpass
import os
import secrets
import select
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT

LIBRARIES: Final = Path(f"/usr/lib/{os.uname().machine}-linux-gnu")
MATRIX: Final = LIBRARIES / "pam_wrapper/pam_matrix.so"
PASSWORD: Final = "correct horse"
TIMEOUT_S: Final = 30.0


def pam_environment(home: Path, stack: str | None = None, service: str = "mousegate") -> dict[str, str]:
    """Return the environment of a process that sees only `stack` as its PAM service; "" makes no service.

    `{matrix}` and `{passwords}` in it stand for pam_matrix with PASSWORD as the caller's password.
    """
    services = home / "pam.d"
    services.mkdir(exist_ok=True)
    passwords = home / "passwords"
    passwords.write_text(f"{getpass.getuser()}:{PASSWORD}:{service}\n")
    default = "auth required {matrix} passdb={passwords}\naccount required {matrix} passdb={passwords}\n"
    text = (default if stack is None else stack).format(matrix=MATRIX, passwords=passwords)
    if text:
        (services / service).write_text(text)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "LD_PRELOAD": str(LIBRARIES / "libpam_wrapper.so"),
        "PAM_WRAPPER": "1",
        "PAM_WRAPPER_SERVICE_DIR": str(services),
    }


@dataclass
class Auth:
    """A running auth with our ends of its pipes and socket."""

    process: "subprocess.Popen[bytes]"
    peer: socket.socket
    keeper: int
    unlocked: int
    nonce: bytes
    decoder: greetd_ipc.Decoder = field(default_factory=greetd_ipc.Decoder)
    queue: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> None:
        """Send as the greeter does."""
        self.peer.sendall(greetd_ipc.encode(message))

    def receive(self) -> Message:
        """Return the next message of auth."""
        while not self.queue:
            received = self.peer.recv(65536)
            assert received, "auth closed the socket"
            self.queue += self.decoder.feed(received)
        return self.queue.pop(0)

    def attempt(self, probe: str, *answers: str) -> list[Message]:
        """Make one attempt, answering prompts in order, and return all that auth said."""
        waiting = list(answers or (PASSWORD,))
        said = []
        self.send(greetd_ipc.create_session(getpass.getuser()))
        while True:
            message = self.receive()
            said.append(message)
            if message["type"] != "auth_message":
                return said
            self.send(greetd_ipc.post_response(self._answer(message, probe, waiting)))

    def _answer(self, message: Message, probe: str, waiting: list[str]) -> str | None:
        if message["auth_message_type"] in ("info", "error"):
            return None
        if message["auth_message_type"] == "visible" and message["auth_message"] == PROBE_PROMPT:
            return probe
        return waiting.pop(0)

    def given_back(self) -> bytes:
        """Return what auth wrote to the unlock pipe so far, without waiting for more."""
        readable, _, _ = select.select([self.unlocked], [], [], 0)
        return os.read(self.unlocked, 4096) if readable else b""

    def heartbeat(self) -> bytes:
        """Wait for a line of the heartbeat and return what came."""
        readable, _, _ = select.select([self.keeper], [], [], TIMEOUT_S)
        assert readable, "no heartbeat"
        return os.read(self.keeper, 64)


@contextmanager
def running_auth(environment: Mapping[str, str]) -> Iterator[Auth]:
    """Start auth as the keeper does, and end it."""
    nonce = secrets.token_hex(32).encode()
    ours, theirs = socket.socketpair()
    ours.settimeout(TIMEOUT_S)
    keeper, keeper_write = os.pipe()
    unlocked, unlocked_write = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "mousegate.auth"],
        env=dict(environment)
        | {
            "MOUSEGATE_PEER_FD": str(theirs.fileno()),
            "MOUSEGATE_KEEPER_FD": str(keeper_write),
            "MOUSEGATE_UNLOCK_FD": str(unlocked_write),
        },
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=(theirs.fileno(), keeper_write, unlocked_write),
    )
    theirs.close()
    os.close(keeper_write)
    os.close(unlocked_write)
    assert process.stdin is not None
    process.stdin.write(nonce + b"\n")
    process.stdin.close()
    process.stdin = None
    try:
        yield Auth(process, ours, keeper, unlocked, nonce)
    finally:
        ours.close()
        process.kill()
        process.communicate(timeout=TIMEOUT_S)
        os.close(keeper)
        os.close(unlocked)
