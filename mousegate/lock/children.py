"""Greeter and auth: starting the pair, listening to it, and killing it at the first breach of the protocol.

The pair lives and dies together, because their socketpair and the nonce belong to one life of both. Each
child is a session leader of its own, so that killing its process group takes along what it started, and the
kernel kills it when the keeper dies (PR_SET_PDEATHSIG), so that no old greeter or auth meets the next keeper.
"""

import contextlib
import ctypes
import hmac
import logging
import os
import re
import resource
import signal
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from mousegate.errors import ProtocolError
from mousegate.lock.emergency import EMERGENCY
from mousegate.lock.messages import Alive, Message, MessageReader
from mousegate.lock.settings import Commands, Limits
from mousegate.lock.supervisor import REFUSED_SIGNALS

_log = logging.getLogger("mousegate.lock")

NONCE_DIGITS: Final = 64
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h
_READ_BYTES: Final = 4096
_REAPING_S: Final = 1.0
_DROPPED: Final = re.compile(
    r"PYTHON.*|QT_PLUGIN_PATH|QT_QPA_PLATFORM_PLUGIN_PATH|NOTIFY_SOCKET|WATCHDOG_.*|LISTEN_.*|XSS_SLEEP_LOCK_FD"
    r"|MOUSEGATE_(COVER|KEEPER_FD|PEER_FD|UNLOCK_FD|KEYS_FD)"
)
"""Variables that the children do not inherit: they change what Python or Qt load, or are the keeper's."""


@dataclass
class Child:
    """One running child and what was last heard from it."""

    name: str
    process: subprocess.Popen[bytes]
    pipe: int
    heard_s: float
    patience_s: float
    reader: MessageReader = field(default_factory=MessageReader)


@dataclass(frozen=True)
class _Start:
    """What it takes to start one child. `descriptors` are inherited under the names of their variables."""

    name: str
    command: tuple[str, ...]
    descriptors: dict[str, int]
    stdin: int
    address_space_bytes: int | None


class Pair:
    """One life of greeter and auth. `unlocked` turns True when the nonce came back, and by nothing else."""

    def __init__(
        self,
        commands: Commands,
        limits: Limits,
        cover_id: int,
        now_s: float,
        for_greeter: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        """Start both. for_greeter: more descriptors for the greeter to inherit, by their variables' names."""
        self.unlocked = False
        self.failure: str | None = None
        self._limits = limits
        self._nonce = os.urandom(NONCE_DIGITS // 2).hex().encode()
        self._answer = b""
        self._children: list[Child] = []
        self._open: set[int] = set()
        try:
            self._start(commands, cover_id, now_s, for_greeter)
        except OSError as reason:
            self.failure = f"could not be started: {reason}"

    def descriptors(self) -> list[int]:
        """Return what to wait for: both heartbeat pipes and the unlock pipe."""
        return [child.pipe for child in self._children] + [self._unlock_pipe] if self.failure is None else []

    def read(self, ready: list[int], now_s: float) -> list[Message]:
        """Take in what the ready pipes hold. Breaches of the protocol set `failure`.

        The unlock pipe comes first: auth may end right after it has written the nonce.
        """
        if self.failure is None and self._unlock_pipe in ready:
            self._read_unlock()
        messages: list[Message] = []
        for child in self._children:
            if self.failure is None and not self.unlocked and child.pipe in ready:
                messages += self._listen(child, now_s)
        return messages

    def judge(self, now_s: float) -> None:
        """Set `failure` where a child is silent for too long or gone although its pipe is still open."""
        for child in self._children:
            if self.failure is None and now_s - child.heard_s > child.patience_s:
                self.failure = f"{child.name} was silent for {child.patience_s:.0f} s"
            if self.failure is None and child.process.poll() is not None:
                self.failure = f"{child.name} ended with status {child.process.returncode}"

    def stop(self, *, let_auth_finish: bool = False) -> None:
        """Kill both children with all they started, and close every pipe."""
        for child in self._children:
            if let_auth_finish and child.name == "auth":
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(self._limits.last_words_s)
            _kill(child.process)
        for descriptor in self._open:
            os.close(descriptor)
        self._open.clear()
        self._children.clear()
        self._nonce = b""

    def _start(self, commands: Commands, cover_id: int, now_s: float, for_greeter: Mapping[str, int]) -> None:
        greeter_end, auth_end = socket.socketpair()
        self._unlock_pipe, unlock_end = self._pipe()
        nonce_pipe, nonce_end = os.pipe()
        with greeter_end, auth_end:
            try:
                peer = {"MOUSEGATE_PEER_FD": greeter_end.fileno(), **for_greeter}
                start = _Start("greeter", commands.greeter, peer, subprocess.DEVNULL, None)
                self._spawn(start, {"MOUSEGATE_COVER": str(cover_id)}, now_s)
                peer = {"MOUSEGATE_PEER_FD": auth_end.fileno(), "MOUSEGATE_UNLOCK_FD": unlock_end}
                start = _Start("auth", commands.auth, peer, nonce_pipe, self._limits.address_space_bytes)
                self._spawn(start, {}, now_s)
                os.write(nonce_end, self._nonce + b"\n")
            finally:
                for descriptor in (unlock_end, nonce_pipe, nonce_end):
                    os.close(descriptor)

    def _spawn(self, start: _Start, extra: dict[str, str], now_s: float) -> None:
        pipe, child_end = self._pipe()
        passed = start.descriptors | {"MOUSEGATE_KEEPER_FD": child_end}
        named = {name: str(descriptor) for name, descriptor in passed.items()}
        try:
            process = subprocess.Popen(
                start.command,
                stdin=start.stdin,
                stdout=subprocess.DEVNULL,
                env=child_environment(os.environ) | extra | named,
                pass_fds=tuple(passed.values()),
                start_new_session=True,
                preexec_fn=_restrictions(start.address_space_bytes),  # noqa: PLW1509 - the keeper has one thread
            )
        finally:
            os.close(child_end)
        self._children.append(Child(start.name, process, pipe, now_s, self._limits.first_sign_s))

    def _pipe(self) -> tuple[int, int]:
        """Return a pipe whose reading end is the keeper's, to be closed by `stop`."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._open.add(reading)
        return reading, writing

    def _read_unlock(self) -> None:
        untrusted = os.read(self._unlock_pipe, _READ_BYTES)
        self._answer += untrusted
        if untrusted and len(self._answer) < NONCE_DIGITS:
            return
        if len(self._answer) == NONCE_DIGITS and hmac.compare_digest(self._answer, self._nonce):
            self.unlocked = True
            return
        if self._answer:
            _log.log(EMERGENCY, "something that is not the nonce came on the unlock pipe; staying locked")
        self.failure = "auth closed or misused the unlock pipe"

    def _listen(self, child: Child, now_s: float) -> list[Message]:
        untrusted = os.read(child.pipe, _READ_BYTES)
        try:
            messages = child.reader.feed(untrusted)
        except ProtocolError as breach:
            self.failure = f"{child.name} broke the protocol: {breach}"
            return []
        if not untrusted:
            self.failure = f"{child.name} closed its pipe"
        if messages:
            child.heard_s, child.patience_s = now_s, self._limits.silence_s
        if child.name != "greeter" and any(not isinstance(message, Alive) for message in messages):
            self.failure = f"{child.name} said what only the greeter may say"
            return []
        return messages


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the children: the keeper's, less what could change what they load, and Qt on
    plain X.

    `QT_XCB_NO_XI2` makes Qt take the core events that the keeper forwards; the "compose" input context keeps
    the password away from input method daemons.
    """
    kept = {name: value for name, value in environment.items() if not _DROPPED.fullmatch(name)}
    return kept | {
        "QT_QPA_PLATFORM": "xcb",
        "QT_XCB_NO_XI2": "1",
        "QT_IM_MODULE": "compose",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _restrictions(address_space_bytes: int | None) -> Callable[[], None]:
    """Return what a child does to itself before it becomes its program. All it needs is looked up here."""
    prctl = ctypes.CDLL(None).prctl
    keeper = os.getpid()

    def restrict() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != keeper:
            os._exit(1)
        for number in REFUSED_SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if address_space_bytes is not None:
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            limit = address_space_bytes if hard == resource.RLIM_INFINITY else min(hard, address_space_bytes)
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    return restrict


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):  # stuck in the kernel: it ends when that lets it
        process.wait(_REAPING_S)
