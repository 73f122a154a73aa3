"""One PAM transaction: any number of prompts and messages, bounded, with our own single delay.

Works without privileges: pam_unix asks its set-uid helper unix_chkpwd about the caller's own password.
"""

import ctypes
import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from mousegate.auth import libpam
from mousegate.auth.libpam import Library, Style
from mousegate.errors import PamError

_LOG: Final = logging.getLogger(__name__)
FALLBACK_SERVICE: Final = "login"
MAX_MESSAGES: Final = 100
"""Messages in one transaction; a stack that says more is talking in circles."""
MAX_TEXT: Final = 512
MAX_ANSWER: Final = 512
"""PAM_MAX_MSG_SIZE and PAM_MAX_RESP_SIZE of Linux-PAM."""
_SERVICE_DIRECTORIES: Final = ("/etc/pam.d", "/usr/lib/pam.d")

Converse = Callable[[Style, str], bytearray | None]
"""Shows a text, and returns the answer to a prompt (which is wiped after use) or None to a message."""


def find_service(name: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the PAM service to use: `name`, or `login` where the system has no file of that name.

    Under pam_wrapper (cwrap.org) its directory of services is the only one that counts.
    Raises PamError when neither is there: libpam would silently use `other`.
    """
    directories: tuple[str, ...] = _SERVICE_DIRECTORIES
    if environment.get("PAM_WRAPPER") == "1" and environment.get("PAM_WRAPPER_SERVICE_DIR"):
        directories = (environment["PAM_WRAPPER_SERVICE_DIR"],)
    for service in (name, FALLBACK_SERVICE):
        if any((Path(directory) / service).is_file() for directory in directories):
            return service
    raise PamError(
        f"There is no PAM service {name!r} nor {FALLBACK_SERVICE!r} in {directories[0]}, so no password "
        f"can be checked: install mousegate's PAM file as {directories[0]}/{name}."
    )


class Transaction:
    """pam_start to pam_end as a context manager. Raises PamError when the stack itself is broken.

    What `converse` raises ends the conversation and comes out of the method that was running. directory:
    where the service's file and those it includes are looked for instead of /etc/pam.d.
    """

    def __init__(
        self, service: str, user: str, converse: Converse, tty: str = "", directory: str = ""
    ) -> None:
        self._library = Library()
        self._service = service
        self._converse = converse
        self._messages = 0
        self._raised: BaseException | None = None
        self._status = libpam.SUCCESS
        self._handle = ctypes.c_void_p()
        # Kept here because libpam keeps only the addresses.
        self._conversation = libpam.PamConv(libpam.CONVERSE(self._answer_all), None)
        self._no_delay = libpam.DELAY(lambda status, delay_us, data: None)
        names, handle = (service.encode(), user.encode()), ctypes.byref(self._handle)
        conversation = ctypes.byref(self._conversation)
        if directory:
            started = self._library.start_in(*names, conversation, directory.encode(), handle)
        else:
            started = self._library.start(*names, conversation, handle)
        if started != libpam.SUCCESS:
            raise PamError(f"PAM cannot start the service {service!r}: see the system log.")
        self._library.set_item(self._handle, libpam.FAIL_DELAY, ctypes.cast(self._no_delay, ctypes.c_void_p))
        if tty:
            self._library.set_item(
                self._handle, libpam.TTY, ctypes.cast(ctypes.c_char_p(tty.encode()), ctypes.c_void_p)
            )

    def authenticate(self) -> bool:
        """Run the stack's `auth` part and tell whether it is satisfied, without any delay."""
        return self._call("authenticate", self._library.authenticate) == libpam.SUCCESS

    def account_is_valid(self) -> bool:
        """Run the stack's `account` part. An expired password is no reason to stay locked."""
        status = self._call("acct_mgmt", self._library.acct_mgmt)
        if status == libpam.NEW_AUTHTOK_REQD:
            _LOG.warning("the password has expired: change it with passwd")
        return status in (libpam.SUCCESS, libpam.NEW_AUTHTOK_REQD)

    def refresh_credentials(self) -> None:
        """Renew tickets such as Kerberos'; a failure is logged only, the screen opens all the same."""
        try:
            status = self._library.setcred(self._handle, libpam.REFRESH_CRED)
        finally:
            self._reraise()
        if status != libpam.SUCCESS:
            _LOG.info("PAM did not refresh credentials (%d)", status)

    def _call(self, name: str, function: Any) -> int:
        self._status = int(function(self._handle, 0))
        self._reraise()
        if self._status in libpam.FAULTS:
            _LOG.error("pam_%s of %s: %s", name, self._service, libpam.FAULTS[self._status])
            raise PamError(
                f"The PAM service {self._service!r} is broken ({libpam.FAULTS[self._status]}): see the "
                f"system log, and mend its file in /etc/pam.d from a text console."
            )
        return self._status

    def _reraise(self) -> None:
        raised, self._raised = self._raised, None
        if raised is not None:
            raise raised

    def _answer_all(self, count: int, messages: Any, responses: Any, _data: Any) -> int:
        """The C callback. Nothing may be raised through C: an exception is kept for `_reraise`."""
        if self._raised is not None:
            return libpam.CONV_ERR
        array: int = 0
        given: list[int] = []
        try:
            self._messages += count
            if not 1 <= count <= libpam.MAX_NUM_MSG or self._messages > MAX_MESSAGES:
                raise PamError(f"The PAM service {self._service!r} does not stop asking: see /etc/pam.d.")
            array = self._library.calloc(count, ctypes.sizeof(libpam.PamResponse)) or 0
            if not array:
                return libpam.BUF_ERR
            slots = (libpam.PamResponse * count).from_address(array)
            for number in range(count):
                message = messages[number].contents
                slots[number].text = self._answer(message.style, message.text or b"")
                given.append(slots[number].text or 0)
            if not responses:
                # A module that only says something may give no place for the answer.
                self._free(array, given)
                return libpam.SUCCESS
            responses[0] = ctypes.cast(array, ctypes.POINTER(libpam.PamResponse))
            return libpam.SUCCESS
        except BaseException as error:  # noqa: BLE001 - C cannot carry it; raised after the call
            self._raised = error
            self._free(array, given)
            return libpam.CONV_ERR

    def _free(self, array: int, given: list[int]) -> None:
        for address in [*given, array]:
            self._library.free(address or None)

    def _answer(self, number: int, text: bytes) -> int | None:
        """Return the address of the answer to one message, None where there is none to give."""
        if number not in tuple(Style):
            raise PamError(f"The PAM service {self._service!r} asks in a way that mousegate does not know.")
        style = Style(number)
        answer = self._converse(style, text[:MAX_TEXT].decode("utf-8", "replace"))
        if style not in (Style.ECHO_OFF, Style.ECHO_ON):
            return None
        if answer is None:
            raise PamError("A prompt was not answered.")
        try:
            if len(answer) > MAX_ANSWER or 0 in answer:
                # Neither can be anyone's password; cut short, it might become one.
                answer[:] = bytes(len(answer))
                del answer[:]
            return self._library.copy(answer) or None
        finally:
            answer[:] = bytes(len(answer))

    def __enter__(self) -> Self:
        """Return self."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the transaction."""
        self._library.end(self._handle, self._status)
        self._handle = ctypes.c_void_p()
