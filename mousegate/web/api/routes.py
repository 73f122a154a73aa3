"""The paths of the API, version 1. Each only translates between JSON and `service`."""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response, Security, status
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from mousegate import __version__
from mousegate.core.decision import Policy
from mousegate.errors import BadInput
from mousegate.web.api.forms import (
    CompareForm,
    Health,
    MovementForm,
    RhythmForm,
    User,
    UserInList,
    UserPage,
    Verification,
    VerifyForm,
)
from mousegate.web.api.metrics import CONTENT_TYPE
from mousegate.web.api.people import NAME_PATTERN
from mousegate.web.api.recording import Recording, RecordingForm, read
from mousegate.web.api.refusals import KINDS, Refusal
from mousegate.web.api.service import Question, Service
from mousegate.web.api.settings import LIMITS
from mousegate.web.api.tokens import Caller, Scope
from mousegate.web.problems import MEDIA_TYPE

_BEARER: Final = HTTPBearer(auto_error=False, description="A token of `mousegate api token add`.")
_USER: Final = Path(
    pattern=NAME_PATTERN,
    max_length=128,
    description="What the application calls the user; best not a name.",
    examples=["anna"],
)
UserName = Annotated[str, _USER]


class Problem(BaseModel):
    """Problem details (RFC 9457). type: `urn:mousegate:problem:` and the kind, which programs rely on."""

    type: str
    title: str
    status: int
    detail: str


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how OpenAPI tells of problems with these statuses."""
    found: dict[int | str, dict[str, Any]] = {}
    for number in statuses:
        titles = {kind.title for kind in KINDS.values() if kind.status == number}
        schema = {"$ref": "#/components/schemas/Problem"}
        found[number] = {
            "description": "; ".join(sorted(titles)),
            "content": {MEDIA_TYPE: {"schema": schema}},
        }
    return found


_ALWAYS: Final = (400, 401, 403, 408, 413, 422, 429, 500, 503)


def caller_with(scope: Scope) -> Callable[..., Caller]:
    """Return a dependency that gives the caller, and refuses one without `scope`."""

    def check(request: Request, _: Annotated[object, Security(_BEARER)]) -> Caller:
        caller: Caller = request.state.caller
        if scope not in caller.scopes:
            raise Refusal("scope-missing", f"The token lacks the scope {scope.value!r}.")
        return caller

    return check


def router(service: Service) -> APIRouter:
    """Return the paths, over a service."""
    routes = APIRouter(responses=_problems(*_ALWAYS))
    _add_enrolment(routes, service)
    _add_comparison(routes, service)
    _add_users(routes, service)
    _add_operation(routes, service)
    return routes


Enroller = Annotated[Caller, Depends(caller_with(Scope.ENROL))]
Verifier = Annotated[Caller, Depends(caller_with(Scope.VERIFY))]
Reader = Annotated[Caller, Depends(caller_with(Scope.READ))]
Deleter = Annotated[Caller, Depends(caller_with(Scope.DELETE))]
Watcher = Annotated[Caller, Depends(caller_with(Scope.METRICS))]


def _add_enrolment(routes: APIRouter, service: Service) -> None:
    @routes.put("/users/{user}/movement", tags=["enrol"], responses=_problems(409))
    async def enrol_movement(caller: Enroller, user: UserName, form: MovementForm) -> User:
        """Enrol how a user moves, in place of what was enrolled; the user is made where there is none."""
        recordings = await service.computed(lambda: _read_all("recordings", form.recordings))
        return User.of(await service.enrol_movement(caller, user, recordings))

    @routes.put("/users/{user}/rhythm", tags=["enrol"], responses=_problems(409))
    async def record_rhythm(caller: Enroller, user: UserName, form: RhythmForm) -> User:
        """Record a user's rhythm of clicks from its repetitions; it is kept as one salted hash."""
        repetitions = await service.computed(lambda: _read_all("repetitions", form.repetitions))
        return User.of(await service.record_rhythm(caller, user, repetitions))


def _add_comparison(routes: APIRouter, service: Service) -> None:
    responses = _problems(404, 409)

    @routes.post("/users/{user}/verify", tags=["verify"], responses=responses)
    async def verify(caller: Verifier, user: UserName, form: VerifyForm) -> Verification:
        """Tell whether a recording is this user's. Failures in a row make the next attempt wait (429)."""
        question = Question(Policy(form.policy), form.operating_point)
        recording = await service.computed(lambda: read(form.recording))
        verdict = await service.verify(caller, user, recording, question)
        service.metrics.decided(form.policy, verdict.decision.value)
        return Verification.of(verdict)

    @routes.post("/users/{user}/rhythm/compare", tags=["verify"], responses=responses)
    async def compare_rhythm(caller: Verifier, user: UserName, form: CompareForm) -> Verification:
        """Tell whether the clicks of a recording are this user's rhythm; movement is not looked at."""
        recording = await service.computed(lambda: read(form.recording))
        verdict = await service.compare_rhythm(caller, user, recording)
        service.metrics.decided("rhythm", verdict.decision.value)
        return Verification.of(verdict)


def _add_users(routes: APIRouter, service: Service) -> None:
    @routes.get("/users", tags=["users"])
    async def list_users(
        caller: Reader,
        after: Annotated[str, Query(max_length=128, pattern=r"^[\x21-\x7e]*$")] = "",
        limit: Annotated[int, Query(ge=1, le=LIMITS.page)] = 50,
    ) -> UserPage:
        """List the application's users, by name, a page at a time."""
        found = await service.list(caller, after, limit + 1)
        more = found[limit - 1].name if len(found) > limit else None
        return UserPage(users=[UserInList.of(one) for one in found[:limit]], next_after=more)

    @routes.get("/users/{user}", tags=["users"], responses=_problems(404))
    async def get_user(caller: Reader, user: UserName) -> User:
        """Tell what is enrolled of a user."""
        return User.of(await service.get(caller, user))

    @routes.delete(
        "/users/{user}",
        tags=["users"],
        status_code=status.HTTP_204_NO_CONTENT,
        responses=_problems(404),
    )
    async def delete_user(caller: Deleter, user: UserName) -> None:
        """Forget a user: references, counters and marks. It is final."""
        await service.delete(caller, user)


def _add_operation(routes: APIRouter, service: Service) -> None:
    @routes.get("/health", tags=["operation"])
    async def health() -> Health:
        """Tell a balancer that this worker reaches its database and its model; 503 where it does not."""
        await service.check()
        return Health(status="ok", version=__version__)

    @routes.get(
        "/metrics",
        tags=["operation"],
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    async def metrics(caller: Watcher) -> Response:
        """Give Prometheus its figures: counts and times, no users."""
        return Response(service.metrics.text(), media_type=CONTENT_TYPE)


def _read_all(what: str, forms: list[RecordingForm]) -> list[Recording]:
    """Read several recordings; an error tells which."""
    found = []
    for number, form in enumerate(forms):
        try:
            found.append(read(form))
        except BadInput as error:
            raise BadInput(f"{what}[{number}]: {error}") from error
    return found
