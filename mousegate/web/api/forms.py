"""What is sent to the API and what it answers, as JSON: the shapes in its OpenAPI document."""

import math
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from mousegate.core.manifest import POINT_NAMES
from mousegate.core.rhythm import REPETITIONS
from mousegate.web.api.people import NAME_PATTERN, Listed, Person
from mousegate.web.api.recording import RecordingForm
from mousegate.web.api.service import Verdict
from mousegate.web.api.settings import LIMITS

PointName = Literal["fmr0.1", "fmr1", "eer", "fnmr10", "fnmr3"]
assert set(POINT_NAMES) == set(PointName.__args__)  # type: ignore[attr-defined]
UserName = Annotated[str, Field(pattern=NAME_PATTERN, max_length=128)]
Seconds = Annotated[float, Field(description="Unix time in seconds.")]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MovementForm(_Form):
    """Movement to enrol: together at least 20 s of it, as people usually move."""

    recordings: list[RecordingForm] = Field(min_length=1, max_length=LIMITS.recordings)


class RhythmForm(_Form):
    """The same clicks again and again, each on the same targets and held as long."""

    repetitions: list[RecordingForm] = Field(min_length=REPETITIONS, max_length=2 * REPETITIONS)


class CompareForm(_Form):
    """One recording whose clicks are compared."""

    recording: RecordingForm


class VerifyForm(CompareForm):
    """One recording, and how strictly it is judged."""

    policy: Literal["all", "fused", "rhythm", "motion"] = Field(
        "all", description="Which factors must agree: both, their evidence together, or one alone."
    )
    operating_point: PointName = Field(
        "fnmr10",
        description=(
            "How strict the comparison of movement is, from fmr0.1 (a stranger passes one time in a "
            "thousand) to fnmr3 (the person enrolled is refused three times in a hundred)."
        ),
    )


class RhythmFacts(BaseModel):
    """What may be told of a stored rhythm. strength_bits: log2 of the guesses that it withstands."""

    clicks: int
    strength_bits: float


class MovementFacts(BaseModel):
    """What may be told of stored movement."""

    active_s: float = Field(description="Seconds of movement that it was made from.")


class User(BaseModel):
    """One user of the application, and what is enrolled."""

    user: UserName
    rhythm: RhythmFacts | None
    movement: MovementFacts | None
    created_s: Seconds
    updated_s: Seconds

    @classmethod
    def of(cls, person: Person) -> Self:
        """Return it."""
        rhythm, moved = person.rhythm, person.motion
        return cls(
            user=person.name,
            rhythm=RhythmFacts(clicks=len(rhythm.offsets), strength_bits=rhythm.strength_bits)
            if rhythm
            else None,
            movement=MovementFacts(active_s=moved.active_s) if moved else None,
            created_s=person.created_s,
            updated_s=person.updated_s,
        )


class UserInList(BaseModel):
    """One user in the list: what is enrolled, and when."""

    user: UserName
    rhythm: bool
    movement: bool
    created_s: Seconds
    updated_s: Seconds

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """Return it."""
        return cls(
            user=listed.name,
            rhythm=listed.rhythm,
            movement=listed.movement,
            created_s=listed.created_s,
            updated_s=listed.updated_s,
        )


class UserPage(BaseModel):
    """Some of the application's users."""

    users: list[UserInList]
    next_after: str | None = Field(description="Ask with after=this for the next page; null on the last.")


class MovementResult(BaseModel):
    """How alike the movement is to what is enrolled: a natural-log likelihood ratio, null where there was too
    little to compare; what it is held against; and the error rates measured for that.
    """

    score: float | None
    threshold: float
    fmr: float
    fnmr: float
    active_s: float


class Verification(BaseModel):
    """The decision, which is all that should be acted on, and why. Show a person neither score nor factor."""

    decision: Literal["match", "non-match", "inconclusive"] = Field(
        description="inconclusive: too little to compare; ask for more movement or for the clicks again."
    )
    rhythm: bool | None = Field(description="Whether the clicks agree; null where they were not compared.")
    movement: MovementResult | None
    attack: Literal["", "machine-straight", "replayed"] = Field(
        description="Why the movement is not a hand's, or not of now; empty where it is."
    )

    @classmethod
    def of(cls, verdict: Verdict) -> Self:
        """Return it."""
        llr, moved = verdict.comparison.motion_llr, None
        if verdict.active_s is not None:
            point = verdict.point
            moved = MovementResult(
                score=llr if llr is not None and math.isfinite(llr) else None,
                threshold=point.threshold,
                fmr=point.fmr,
                fnmr=point.fnmr,
                active_s=verdict.active_s,
            )
        return cls.model_validate(
            {
                "decision": verdict.decision.value,
                "rhythm": verdict.comparison.rhythm,
                "movement": moved,
                "attack": verdict.comparison.attack,
            }
        )


class Health(BaseModel):
    """That this worker reaches its database and its model."""

    status: Literal["ok"]
    version: str
