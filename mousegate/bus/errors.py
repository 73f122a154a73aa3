"""Errors on the bus: each exception has one D-Bus error name, and the way back."""

from typing import Final

from mousegate.errors import (
    BadInput,
    ConfigurationError,
    DisplayError,
    FailureToEnrol,
    GrabError,
    ModelError,
    MousegateError,
    NotEnrolled,
    StoreError,
    UsageError,
)

PREFIX: Final = "org.mousegate.Mousegate1.Error."
INTERNAL: Final = PREFIX + "Internal"


class ClaimedError(MousegateError):
    """Another program enrols or verifies at the moment."""


class NoActionError(MousegateError):
    """There is nothing to stop."""


class RefusedError(MousegateError):
    """Not now: the screen is locked, or somebody else seems to be at the mouse."""


class UnreachableError(MousegateError):
    """The daemon does not run or does not answer."""


ERRORS: Final[dict[type[MousegateError], str]] = {
    ClaimedError: PREFIX + "AlreadyInUse",
    NoActionError: PREFIX + "NoActionInProgress",
    RefusedError: PREFIX + "Refused",
    NotEnrolled: PREFIX + "NotEnrolled",
    FailureToEnrol: PREFIX + "FailureToEnrol",
    BadInput: PREFIX + "BadInput",
    UsageError: PREFIX + "Usage",
    ConfigurationError: PREFIX + "Configuration",
    GrabError: PREFIX + "CouldNotGrab",
    DisplayError: PREFIX + "NoDisplay",
    ModelError: PREFIX + "Model",
    StoreError: PREFIX + "Store",
}


def name_of(error: MousegateError) -> str:
    """Return the D-Bus name of an error: that of its class or of the nearest class above."""
    return next((ERRORS[kind] for kind in type(error).__mro__ if kind in ERRORS), INTERNAL)


def error_from(untrusted_name: str, untrusted_message: str) -> MousegateError:
    """Return the exception for an error that came over the bus; unknown names give a MousegateError."""
    kinds = {name: kind for kind, name in ERRORS.items()}
    return kinds.get(untrusted_name, MousegateError)(untrusted_message)
