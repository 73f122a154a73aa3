"""The one exception tree. Every message tells a person what happened and what to do next."""


class MousegateError(Exception):
    """Base of every error that mousegate raises on purpose."""

    exit_status = 70


class UsageError(MousegateError):
    """The command's words are wrong."""

    exit_status = 64


class BadInput(MousegateError):
    """A recording, trials file or answer is malformed; the message names file, line and reason."""

    exit_status = 65


class ConfigurationError(MousegateError):
    """config.toml has an unknown key or a bad value; the message names the key."""

    exit_status = 64


class NotEnrolled(MousegateError):
    """There is no reference for this person and pointer device."""

    exit_status = 3


class FailureToEnrol(MousegateError):
    """The samples are too few, too poor or too inconsistent to make a reference."""

    exit_status = 65


class FailureToAcquire(MousegateError):
    """A sample is too poor to compare; the outcome is INCONCLUSIVE."""

    exit_status = 2


class ModelError(MousegateError):
    """The model or its manifest is missing, altered or does not fit."""


class StoreError(MousegateError):
    """The store is unreadable, corrupt, unsafe or of a newer version."""


class DisplayError(MousegateError):
    """There is no usable X display (none, Wayland, or an extension is missing)."""

    exit_status = 4


class GrabError(MousegateError):
    """Another client holds the keyboard or the pointer."""

    exit_status = 3


class ProtocolError(MousegateError):
    """A peer process sent something that is not the protocol."""


class PamError(MousegateError):
    """The PAM stack is missing or broken; the message says which service and what to do."""
