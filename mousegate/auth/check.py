"""Checking a password on a terminal or from standard input, for commands that need it."""

import getpass
import sys
import time
from typing import Final

from mousegate.auth.libpam import Library, Style
from mousegate.auth.pam import Transaction, find_service
from mousegate.errors import MousegateError, PamError
from mousegate.storage import config as configuration
from mousegate.storage.store import Store

PROMPT_LIMIT: Final = 1024


def check_password(user: str) -> bool:
    """Run PAM for `user` with a person at the terminal, or with one line of standard input per prompt.

    Counts a failure in the store where there is a sound one. Raises PamError when PAM is broken, or when it
    is too early for another attempt.
    """
    store = _store()
    if store is None:
        return _ask_pam(user)
    with store:
        if (wait_s := store.attempts.remaining_s(time.time())) > 0:
            raise PamError(f"Too many attempts. Wait {wait_s:.0f} seconds, then try again.")
        store.attempts.charge(time.time())
        accepted = _ask_pam(user)
        if accepted:
            store.attempts.clear()
        return accepted


def _ask_pam(user: str) -> bool:
    with Transaction(find_service(_service_name()), user, _converse) as pam:
        return pam.authenticate() and pam.account_is_valid()


def check_service() -> str:
    """Return the PAM service that will be asked. Raises PamError when there is none or no libpam."""
    Library()
    return find_service(_service_name())


def _store() -> Store | None:
    """Return the store, or None where it is missing or broken: that must not keep anybody out."""
    try:
        return Store.open()
    except MousegateError:
        return None


def _service_name() -> str:
    try:
        return configuration.load().pam_service
    except MousegateError:
        return configuration.Config().pam_service


def _converse(style: Style, text: str) -> bytearray | None:
    if style in (Style.ERROR, Style.INFO):
        sys.stderr.write(text + "\n")
        return None
    if sys.stdin.isatty():
        answer = getpass.getpass(text) if style is Style.ECHO_OFF else input(text)
        return bytearray(answer.encode())
    return bytearray(sys.stdin.buffer.readline(PROMPT_LIMIT).rstrip(b"\n"))
