"""The login's backend under LightDM: its greeter's signals as a conversation in the greetd vocabulary.

Nothing here imports gi: `liblightdm.py` brings the real daemon, tests bring another. LightDM tells of PAM's
messages in batches and of the end by a signal that anybody could misread; here one message is open at a time,
and a session is started only where LightDM itself says, after the end of the authentication that was asked
for, that this very person is authenticated. Source: lightdm's liblightdm-gobject/lightdm/greeter.h.
"""

import logging
import os
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.errors import ProtocolError
from mousegate.greeter.backends.auth import PeerClosedError
from mousegate.greeter.sessions import Session

_log = logging.getLogger("mousegate.greeter")
QUESTION: Final = 0
"""LIGHTDM_PROMPT_TYPE_QUESTION; every other prompt is taken for a secret."""
INFO: Final = 0
"""LIGHTDM_MESSAGE_TYPE_INFO."""

_PROMPTS: Final = ("secret", "visible")
_END: Final[Message] = {"type": "end"}
"""Our own mark for the end of an authentication behind texts that are still to be shown."""


class Daemon(Protocol):
    """What is needed of LightDM.Greeter. Its calls raise GLib.Error, a RuntimeError, when LightDM is gone."""

    def connect(self, signal: str, handler: Callable[..., None]) -> int:
        """Have `handler` called at this signal."""

    def authenticate(self, username: str | None) -> bool:
        """Begin to authenticate."""

    def authenticate_autologin(self) -> bool:
        """Begin to authenticate whom the administrator lets in by a timer."""

    def cancel_autologin(self) -> bool:
        """Stop that timer."""

    def respond(self, response: str) -> bool:
        """Answer the oldest open prompt."""

    def cancel_authentication(self) -> bool:
        """Give the authentication up; no end is told of it."""

    def get_is_authenticated(self) -> bool:
        """Return whether the last authentication that ended succeeded."""

    def get_authentication_user(self) -> str | None:
        """Return whose authentication that was."""

    def set_language(self, language: str) -> bool:
        """Set the language of the person who is authenticated."""

    def start_session_sync(self, session: str | None) -> bool:
        """Start the session, or go back to the one that is open; return whether that went well."""


class LightDMBackend:
    """One greeter's conversation with LightDM. Watch `fileno()` for reading, then call `receive()`.

    `success` means that the session is on its way (`is_started`): LightDM ends the greeter, or tells it to
    rest. `called` is told what LightDM asks of the screen: "reset", "idle", "autologin-timer-expired".
    """

    def __init__(self, daemon: Daemon, called: Callable[[str], None]) -> None:
        self._daemon, self._called = daemon, called
        self._user: str | None = None
        self._open: deque[Message] = deque()
        self._outbox: list[Message] = []
        self._session, self._language = "", ""
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._is_gone = False
        self.is_started = False
        daemon.connect("show-prompt", self._prompted)
        daemon.connect("show-message", self._told)
        daemon.connect("authentication-complete", self._ended)
        daemon.connect("autologin-timer-expired", lambda _: self._called("autologin-timer-expired"))
        daemon.connect("reset", lambda _: self._rest("reset"))
        daemon.connect("idle", lambda _: self._rest("idle"))

    def fileno(self) -> int:
        """Return the descriptor to watch."""
        return self._wake

    def prepare(self, session: Session | None, language: str) -> None:
        """Choose what is started, None and "" for what the person had last. Refused during an attempt."""
        if self._user is not None:
            raise ProtocolError("The session cannot be changed while somebody logs in.")
        self._session, self._language = (session.key if session else ""), language

    def send(self, message: Message) -> None:
        """Take a request. Raises ProtocolError where it may not come now, PeerClosedError at the end."""
        if self._is_gone:
            raise PeerClosedError("LightDM is gone.")
        match message["type"]:
            case "create_session" if self._user is None and not self.is_started and message["username"]:
                self._user = message["username"]
                self._ask(lambda: self._daemon.authenticate(self._user))
            case "post_auth_message_response" if not self.is_started:
                self._answered(message["response"])
            case "cancel_session" if not self.is_started:
                self._forget()
                self._tell(greetd_ipc.success())
            case kind:
                raise ProtocolError(f"The greeter may not send {kind!r} to LightDM now.")

    def receive(self) -> list[Message]:
        """Return what LightDM says to the person. Raises PeerClosedError at its end."""
        try:
            os.eventfd_read(self._wake)
        except BlockingIOError:
            return []
        if self._is_gone:
            raise PeerClosedError("LightDM closed the conversation.")
        messages, self._outbox = self._outbox, []
        return messages

    def vanished(self) -> None:
        """LightDM has closed its end: nothing can succeed any more, and `receive` tells so."""
        self._user, self._is_gone = None, True
        self._open.clear()
        os.eventfd_write(self._wake, 1)

    def autologin(self, user: str) -> None:
        """Authenticate `user`, whom the administrator lets in by the timer that has expired."""
        if self._user is None and not self.is_started and not self._is_gone:
            self._user = user
            self._ask(self._daemon.authenticate_autologin)

    def stay(self) -> None:
        """Somebody is at the screen: the timer lets nobody in."""
        if not self._is_gone:
            self._ask(self._daemon.cancel_autologin)

    def close(self) -> None:
        """End the conversation; LightDM notices when the process ends."""
        os.close(self._wake)

    # ---- what LightDM says

    def _prompted(self, _: object, untrusted_text: str | None, kind: int) -> None:
        self._said("visible" if int(kind) == QUESTION else "secret", untrusted_text)

    def _told(self, _: object, untrusted_text: str | None, kind: int) -> None:
        self._said("info" if int(kind) == INFO else "error", untrusted_text)

    def _said(self, kind: greetd_ipc.AuthMessageType, untrusted_text: str | None) -> None:
        if self._user is None or _END in self._open:
            _log.warning("LightDM said something outside of an authentication; it is not shown.")
            return
        self._open.append(greetd_ipc.auth_message(kind, untrusted_text or ""))
        if len(self._open) == 1:
            self._tell(self._open[0])

    def _ended(self, _: object) -> None:
        if self._user is None or _END in self._open:
            _log.warning("LightDM ended an authentication that nobody asked for; nothing is started.")
        elif any(message["auth_message_type"] in _PROMPTS for message in self._open):
            # It cannot have succeeded on an answer that was never given: the person took too long.
            self._fail(greetd_ipc.error("auth_error", ""))
        else:
            self._open.append(_END)
            self._conclude()

    def _conclude(self) -> None:
        """Once nothing is left to be shown: start the session, or tell the failure."""
        if self._open[0] != _END:
            return
        daemon, user = self._daemon, self._user
        if not (daemon.get_is_authenticated() is True and daemon.get_authentication_user() == user):
            self._fail(greetd_ipc.error("auth_error", ""))
        elif self._starts():
            self._user, self.is_started = None, True
            self._open.clear()
            self._tell(greetd_ipc.success())
        else:
            self._fail(greetd_ipc.error("error", "The session could not be started. Choose another one."))

    def _starts(self) -> bool:
        try:
            if self._language:
                self._daemon.set_language(self._language)
            return self._daemon.start_session_sync(self._session or None) is True
        except RuntimeError as error:
            _log.error("LightDM could not start the session: %s", error)
            return False

    # ---- what the person answers

    def _answered(self, response: str | None) -> None:
        if self._user is None or not self._open or self._open[0] == _END:
            # The attempt has ended while this answer was on its way; its failure has been told already.
            return
        answered = self._open.popleft()
        if answered["auth_message_type"] in _PROMPTS:
            self._ask(lambda: self._daemon.respond(response or ""))
        if self._open and self._open[0] == _END:
            self._conclude()
        elif self._open:
            self._tell(self._open[0])

    def _fail(self, error: Message) -> None:
        self._user = None
        self._open.clear()
        self._tell(error)

    def _forget(self) -> None:
        """Give up what runs; what LightDM still says of it is dropped."""
        self._open.clear()
        self._outbox.clear()
        if self._user is not None:
            self._user = None
            self._ask(self._daemon.cancel_authentication)

    def _rest(self, why: str) -> None:
        self._forget()
        self.is_started = False
        self._called(why)

    def _ask(self, request: Callable[[], object]) -> None:
        try:
            request()
        except RuntimeError as error:
            self.vanished()
            raise PeerClosedError("LightDM does not answer any more.") from error

    def _tell(self, message: Message) -> None:
        self._outbox.append(message)
        os.eventfd_write(self._wake, 1)
