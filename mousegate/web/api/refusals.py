"""What the API refuses, and how it says so: one kind for each, as problem details (RFC 9457)."""

import math
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from mousegate.errors import BadInput, FailureToEnrol, ModelError, MousegateError, NotEnrolled
from mousegate.web import problems
from mousegate.web.api.database import ConflictError, UnavailableError
from mousegate.web.api.people import TooManyAttemptsError
from mousegate.web.api.service import MissingFactorError
from mousegate.web.model import ModelUnavailableError

_UNAVAILABLE_WAIT_S: Final = 5


@dataclass(frozen=True, slots=True)
class Kind:
    """status: of HTTP; title: what it is in a few words, always the same."""

    status: int
    title: str


KINDS: Final = {
    "malformed": Kind(400, "The request is not of the form that is described"),
    "bad-input": Kind(422, "The recording is not one"),
    "token-missing": Kind(401, "A token is needed"),
    "token-invalid": Kind(401, "The token does not hold"),
    "scope-missing": Kind(403, "The token may not do this"),
    "not-enrolled": Kind(404, "There is no such user"),
    "not-found": Kind(404, "There is nothing here"),
    "method": Kind(405, "This cannot be done here"),
    "body-too-slow": Kind(408, "The body came too slowly"),
    "conflict": Kind(409, "Somebody else changed it"),
    "factor-missing": Kind(409, "The policy needs what is not enrolled"),
    "body-too-large": Kind(413, "The body is too large"),
    "failure-to-enrol": Kind(422, "It cannot be enrolled"),
    "rate-limit": Kind(429, "Too many requests"),
    "too-many-attempts": Kind(429, "Too many failed attempts"),
    "internal": Kind(500, "Something went wrong here"),
    "unavailable": Kind(503, "Not available at the moment"),
}
"""By the last part of their `type`."""


class Refusal(MousegateError):
    """A request that is not served. wait_s: when it may be tried again, 0 where waiting is no help."""

    def __init__(self, kind: str, detail: str, wait_s: float = 0.0) -> None:
        super().__init__(detail)
        self.kind = kind
        self.wait_s = wait_s


def refusal_of(error: MousegateError) -> Response:
    """Return the answer to an error: what a caller can mend is told in full, the rest stays in the log."""
    refusal = error if isinstance(error, Refusal) else _translate(error)
    return problem(refusal.kind, str(refusal), refusal.wait_s)


def problem(kind: str, detail: str, wait_s: float = 0.0, allow: str = "") -> Response:
    """Return a problem as JSON, with the headers that belong to its status."""
    known = KINDS[kind]
    headers = {"Allow": allow} if allow else {}
    if wait_s > 0:
        headers["Retry-After"] = str(math.ceil(wait_s))
    if known.status == 401:
        error = ', error="invalid_token"' if kind == "token-invalid" else ""
        headers["WWW-Authenticate"] = f'Bearer realm="mousegate"{error}'
    if known.status in (408, 413):
        headers["Connection"] = "close"
    name = f"urn:mousegate:problem:{kind}"
    return problems.problem(known.status, detail, headers=headers, type=name, title=known.title)


def _translate(error: MousegateError) -> Refusal:
    if isinstance(error, TooManyAttemptsError):
        return Refusal("too-many-attempts", str(error), error.wait_s)
    kinds = {
        NotEnrolled: "not-enrolled",
        FailureToEnrol: "failure-to-enrol",
        MissingFactorError: "factor-missing",
        ConflictError: "conflict",
        BadInput: "bad-input",
    }
    for known, kind in kinds.items():
        if isinstance(error, known):
            return Refusal(kind, str(error))
    if isinstance(error, (UnavailableError, ModelUnavailableError, ModelError)):
        return Refusal("unavailable", "Not available at the moment: try again.", _UNAVAILABLE_WAIT_S)
    return Refusal("internal", "Something went wrong here. It is in the server's log.")
