"""Tries a PAM service without letting anybody in: what it asks, and that it refuses who answers nothing."""

import secrets

from mousegate.auth.libpam import Style
from mousegate.auth.pam import Transaction
from mousegate.errors import PamError


def rehearse(directory: str, service: str) -> list[str]:
    """Return the prompts of a service whose file lies in `directory`, in their order.

    It is asked for a name that nobody has, so that no counter of failures is touched, and every prompt gets
    an empty answer. Raises PamError where the stack is broken, or is satisfied with that.
    """
    asked: list[str] = []

    def converse(style: Style, text: str) -> bytearray | None:
        if style not in (Style.ECHO_OFF, Style.ECHO_ON):
            return None
        asked.append(text)
        return bytearray()

    with Transaction(
        service, f"mousegate-check-{secrets.token_hex(4)}", converse, directory=directory
    ) as stack:
        if stack.authenticate():
            raise PamError(f"The PAM service {service!r} lets in whoever answers nothing: look at its file.")
    return asked
