"""The login's backend under greetd: one answer to each request, and a session only after its success.

Source: greetd-ipc(7). greetd tells that a person is authenticated with the same word, `success`, with which
it confirms a cancelled attempt and a started session. Only which request it answers tells them apart, so
whatever nobody asked for ends the conversation.
"""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.errors import ProtocolError, UsageError
from mousegate.greeter.backends.auth import AuthBackend
from mousegate.greeter.sessions import Session

_XSESSION: Final = "/etc/X11/Xsession"
_CONNECT_LIMIT_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class SessionStart:
    """What greetd runs for the person: words of the command, and more `NAME=value` of its environment."""

    command: tuple[str, ...]
    environment: tuple[str, ...] = ()


class _Asked(Enum):
    """The request that greetd has not answered yet."""

    NOTHING = auto()
    AUTHENTICATION = auto()
    CANCEL = auto()
    START = auto()
    CLEAN_UP = auto()


_REQUESTS: Final = {
    "create_session": _Asked.AUTHENTICATION,
    "post_auth_message_response": _Asked.AUTHENTICATION,
    "cancel_session": _Asked.CANCEL,
}


class GreetdBackend:
    """One greeter's conversation with greetd. Watch `fileno()` for reading, then call `receive()`.

    To whoever uses it, `success` means that the session is on its way (`is_started`): greetd runs it when the
    greeter has ended. A failure arrives once greetd has forgotten the attempt, so that the next can begin.
    """

    def __init__(self, daemon: socket.socket, start: SessionStart | None = None) -> None:
        self._peer = AuthBackend(daemon)
        self._start = start or SessionStart(())
        self._asked = _Asked.NOTHING
        self._failure: Message | None = None
        self.is_started = False

    @classmethod
    def connect(cls, environ: Mapping[str, str] = os.environ) -> "GreetdBackend":
        """Connect to GREETD_SOCK. Raises UsageError without it, ProtocolError where nobody listens there."""
        path = environ.get("GREETD_SOCK")
        if not path:
            raise UsageError("GREETD_SOCK is not set; greetd starts this greeter, see greetd(5).")
        daemon = socket.socket(socket.AF_UNIX)
        try:
            daemon.settimeout(_CONNECT_LIMIT_S)
            daemon.connect(path)
            return cls(daemon)
        except (OSError, ValueError) as error:
            daemon.close()
            raise ProtocolError(f"greetd does not answer at {path}: is its service running?") from error

    def fileno(self) -> int:
        """Return the descriptor to watch."""
        return self._peer.fileno()

    def prepare(self, session: Session | None, language: str) -> None:
        """Choose what is started, and its LANG ("" for the machine's). Refused during an attempt."""
        if self._asked is not _Asked.NOTHING or self.is_started:
            raise ProtocolError("The session cannot be changed while somebody logs in.")
        self._start = start_of(session, language) if session else SessionStart(())

    def send(self, message: Message) -> None:
        """Send one request. Raises PeerClosedError when greetd is gone.

        Raises ProtocolError while another is unanswered, or for one that is not the caller's to send.
        """
        request = _REQUESTS.get(message["type"])
        if request is None or self._asked is not _Asked.NOTHING or self.is_started:
            raise ProtocolError(f"The greeter may not send {message['type']!r} to greetd now.")
        self._request(message, request)

    def receive(self) -> list[Message]:
        """Return what greetd says to the person. Raises PeerClosedError at its end.

        A success of the authentication is answered with start_session, and is returned once that succeeded.
        Raises ProtocolError on what is malformed or was not asked for.
        """
        messages = self._peer.receive()
        if len(messages) > 1:
            raise ProtocolError("greetd answered more often than it was asked.")
        return [told for message in messages for told in self._answered(message)]

    def close(self) -> None:
        """End the conversation; greetd then forgets an attempt that is not finished."""
        self._peer.close()

    def _begin_session(self) -> list[Message]:
        if self._start.command:
            self._request(_start_session(self._start), _Asked.START)
            return []
        self._failure = greetd_ipc.error("error", "No desktop is installed that could be started.")
        self._request(greetd_ipc.cancel_session(), _Asked.CLEAN_UP)
        return []

    def _request(self, message: Message, asked: _Asked) -> None:
        self._asked = asked
        self._peer.send(message)

    def _answered(self, message: Message) -> list[Message]:
        asked, self._asked = self._asked, _Asked.NOTHING
        match asked, message["type"]:
            case _Asked.AUTHENTICATION, "auth_message":
                return [message]
            case _Asked.AUTHENTICATION, "success":
                return self._begin_session()
            case ((_Asked.AUTHENTICATION | _Asked.START), "error"):
                self._failure = _told(message)
                self._request(greetd_ipc.cancel_session(), _Asked.CLEAN_UP)
                return []
            case _Asked.START, "success":
                self.is_started = True
                return [message]
            case _Asked.CANCEL, ("success" | "error"):
                return [message]
            case _Asked.CLEAN_UP, ("success" | "error"):
                assert self._failure is not None
                return [self._failure]
        raise ProtocolError(f"greetd sent {message['type']!r}, which answers nothing that was asked.")


def start_of(session: Session, language: str) -> SessionStart:
    """Return how a desktop is started: under X by startx(1), through Debian's Xsession(5) if it can be."""
    kind = "wayland" if session.is_wayland else "x11"
    environment = [f"XDG_SESSION_TYPE={kind}", f"DESKTOP_SESSION={session.key}"]
    if session.desktops:
        environment.append(f"XDG_CURRENT_DESKTOP={session.desktops}")
    if language:
        environment.append(f"LANG={language}")
    words = session.words
    if not session.is_wayland:
        opened_by = _XSESSION if len(words) == 1 and Path(_XSESSION).exists() else "/usr/bin/env"
        words = ("startx", opened_by, *words)
    return SessionStart(words, tuple(environment))


def _start_session(start: SessionStart) -> Message:
    return {"type": "start_session", "cmd": list(start.command), "env": list(start.environment)}


def _told(untrusted: Message) -> Message:
    """Return the failure for the person: of a refusal none of PAM's words, which may say what was wrong."""
    kind, description = untrusted.get("error_type"), untrusted.get("description")
    if kind == "auth_error":
        return greetd_ipc.error("auth_error", "")
    if kind != "error" or not isinstance(description, str):
        raise ProtocolError("greetd reported an error that is none.")
    return greetd_ipc.error("error", description)
