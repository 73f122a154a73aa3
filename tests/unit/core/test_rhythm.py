"""Enrolling a rhythm, what is stored of it, and what is hashed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mousegate.core.probe import Click, Rhythm, Target
from mousegate.core.rhythm import RhythmReference, RhythmSketch, check_fits, enrol, secret_message
from mousegate.core.sketch import HoldScale
from mousegate.errors import BadInput, FailureToEnrol

TARGETS = st.sampled_from(list(Target))
CLICKS = st.builds(Click, TARGETS, st.integers(0, 5000))
RHYTHMS = st.lists(CLICKS, min_size=2, max_size=12).map(tuple)


def rhythm(*pairs: tuple[Target, int]) -> Rhythm:
    """Return a rhythm of (target, hold in ms) pairs."""
    return tuple(Click(target, hold_ms) for target, hold_ms in pairs)


EXAMPLE = rhythm((Target.FACE, 90), (Target.FACE, 110), (Target.PASSWORD, 700), (Target.SUBMIT, 200))


def reference_of(sketch: RhythmSketch) -> RhythmReference:
    """Return a reference with the sketch's helper; the digest is not under test here."""
    return RhythmReference(sketch.scale, sketch.offsets, "p", bytes(16), bytes(32), sketch.strength_bits)


@settings(deadline=None)
@given(RHYTHMS, st.data())
def test_any_holds_within_the_tolerance_give_the_same_message(enrolled: Rhythm, data: st.DataObject) -> None:
    """However the holds vary within the tolerance, the bytes to be hashed are those enrolled."""
    sketch = enrol([enrolled] * 5)
    scale = sketch.scale
    later = tuple(
        Click(click.target, data.draw(st.sampled_from(_holds_near(scale, click.hold_ms))))
        for click in enrolled
    )
    assert secret_message(reference_of(sketch), later) == sketch.message


@settings(deadline=None)
@given(RHYTHMS, RHYTHMS)
def test_the_message_is_equal_only_within_every_tolerance(enrolled: Rhythm, later: Rhythm) -> None:
    """One click elsewhere, one hold beyond its tolerance, or one click more or less: another message."""
    sketch = enrol([enrolled] * 5)
    scale = sketch.scale
    near = len(enrolled) == len(later) and all(
        a.target == b.target and abs(scale.position(a.hold_ms) - scale.position(b.hold_ms)) <= scale.tolerance
        for a, b in zip(enrolled, later, strict=True)
    )
    assert (secret_message(reference_of(sketch), later) == sketch.message) is near


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize("sign", [-1, 1])
def test_one_hold_just_outside_is_another_message(place: int, sign: int) -> None:
    """The first ms beyond the tolerance fails; the last one within it passes."""
    sketch = enrol([EXAMPLE] * 5)
    inside = _holds_near(sketch.scale, EXAMPLE[place].hold_ms)
    edge = inside[-1] if sign > 0 else inside[0]
    assert secret_message(reference_of(sketch), _with_hold(EXAMPLE, place, edge)) == sketch.message
    if edge + sign >= 0:
        outside = _with_hold(EXAMPLE, place, edge + sign)
        assert secret_message(reference_of(sketch), outside) != sketch.message


def test_the_article_s_tolerance_is_fifty_ms() -> None:
    """A click of 140 ms enrolled five times verifies from 90 to 190 ms and nowhere else."""
    enrolled = rhythm((Target.FACE, 140), (Target.SUBMIT, 140))
    sketch = enrol([enrolled] * 5)
    passes = [
        hold_ms
        for hold_ms in range(400)
        if secret_message(reference_of(sketch), _with_hold(enrolled, 0, hold_ms)) == sketch.message
    ]
    assert passes == list(range(90, 191))


@settings(deadline=None)
@given(RHYTHMS, st.data())
def test_every_repetition_verifies(enrolled: Rhythm, data: st.DataObject) -> None:
    """Whatever five repetitions enrolment accepts, each of them matches afterwards."""
    repetitions = [
        tuple(
            Click(click.target, max(0, click.hold_ms + data.draw(st.integers(-60, 60)))) for click in enrolled
        )
        for _ in range(5)
    ]
    try:
        sketch = enrol(repetitions)
    except FailureToEnrol:
        return
    messages = {secret_message(reference_of(sketch), repetition) for repetition in repetitions}
    assert messages == {sketch.message}


def test_inconsistent_holds_are_refused_by_name() -> None:
    """The refusal names the click, its target, the range and the repetition that stands out."""
    repetitions = [EXAMPLE] * 4 + [_with_hold(EXAMPLE, 3, 410)]
    with pytest.raises(FailureToEnrol, match=r"Click 4, on Submit, varied from 200 to 410 ms.*repetition 5"):
        enrol(repetitions)


def test_another_target_is_refused_by_name() -> None:
    """The refusal names the click, the repetition and both targets."""
    other = (EXAMPLE[0], Click(Target.BACKGROUND, 110), *EXAMPLE[2:])
    with pytest.raises(
        FailureToEnrol, match=r"Click 2 of repetition 3 was on the background, not on the pic"
    ):
        enrol([EXAMPLE, EXAMPLE, other, EXAMPLE, EXAMPLE])


@pytest.mark.parametrize(
    ("other", "words"),
    [(EXAMPLE[:3], "click 4 is missing"), ((*EXAMPLE, EXAMPLE[3]), "click 5 is one too many")],
)
def test_another_number_of_clicks_is_refused_by_name(other: Rhythm, words: str) -> None:
    """The refusal says which click is missing or too many, and in which repetition."""
    with pytest.raises(FailureToEnrol, match=f"Repetition 4 .*{words}"):
        enrol([EXAMPLE, EXAMPLE, EXAMPLE, other, EXAMPLE])


@pytest.mark.parametrize("clicks", [0, 1, 13])
def test_too_few_or_too_many_clicks_are_refused(clicks: int) -> None:
    """A rhythm has 2 to 12 clicks."""
    with pytest.raises(FailureToEnrol, match="2 to 12"):
        enrol([(Click(Target.FACE, 100),) * clicks] * 5)


def test_four_repetitions_are_not_enough() -> None:
    """Enrolment takes five."""
    with pytest.raises(FailureToEnrol, match="5 repetitions"):
        enrol([EXAMPLE] * 4)


def test_a_repetition_can_be_refused_as_it_comes() -> None:
    """`check_fits` accepts what enrolment would accept, and says the same about what it would not."""
    check_fits([], EXAMPLE)
    check_fits([EXAMPLE, EXAMPLE], _with_hold(EXAMPLE, 3, 260))
    with pytest.raises(FailureToEnrol, match="Click 4, on Submit, varied from 200 to 410 ms; hold it"):
        check_fits([EXAMPLE], _with_hold(EXAMPLE, 3, 410))
    with pytest.raises(FailureToEnrol, match="repetition 4 was the furthest off"):
        check_fits([EXAMPLE] * 3, _with_hold(EXAMPLE, 3, 410))
    with pytest.raises(FailureToEnrol, match="Click 1 of repetition 2 was on Submit"):
        check_fits([EXAMPLE], (Click(Target.SUBMIT, 90), *EXAMPLE[1:]))


def test_the_sketch_does_not_show_its_secret() -> None:
    """The representation, which may end in a log, holds neither message nor holds."""
    assert repr(enrol([EXAMPLE] * 5)).startswith("RhythmSketch(4 clicks")


@settings(deadline=None)
@given(RHYTHMS)
def test_a_reference_survives_storage(enrolled: Rhythm) -> None:
    """JSON and back is the same reference."""
    reference = reference_of(enrol([enrolled] * 5))
    assert RhythmReference.from_json(reference.to_json()) == reference


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_rubbish_is_no_reference(untrusted_text: str) -> None:
    """Whatever is stored, parsing gives a reference or BadInput."""
    with pytest.raises(BadInput):
        RhythmReference.from_json(untrusted_text)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("version", 2), ("version", None), ("tolerance", 0), ("tolerance", 50.5), ("tolerance", True),
        ("crossover_ms", -1), ("offsets", []), ("offsets", [1]), ("offsets", [1, 101]), ("offsets", [1, "2"]),
        ("offsets", 7), ("salt", "00"), ("salt", "zz"), ("digest", ""), ("strength_bits", float("nan")),
        ("strength_bits", -1), ("strength_bits", "many"),
    ],
)  # fmt: skip
def test_a_damaged_reference_is_refused(key: str, value: object) -> None:
    """Each field is checked."""
    stored = json.loads(reference_of(enrol([EXAMPLE] * 5)).to_json())
    stored[key] = value
    with pytest.raises(BadInput, match=r"enrol .*again"):
        RhythmReference.from_json(json.dumps(stored))


@pytest.mark.parametrize("key", ["tolerance", "offsets", "salt", "digest", "profile", "strength_bits"])
def test_a_missing_field_is_refused(key: str) -> None:
    """Nothing has a default when it is read back."""
    stored = json.loads(reference_of(enrol([EXAMPLE] * 5)).to_json())
    del stored[key]
    with pytest.raises(BadInput):
        RhythmReference.from_json(json.dumps(stored))


def _holds_near(scale: HoldScale, hold_ms: int) -> list[int]:
    """Return every hold within the tolerance of this one, in order."""
    centre = scale.position(hold_ms)
    first = scale.first_hold_ms(centre - scale.tolerance)
    return list(range(first, scale.first_hold_ms(centre + scale.tolerance + 1)))


def _with_hold(enrolled: Rhythm, place: int, hold_ms: int) -> Rhythm:
    click = Click(enrolled[place].target, hold_ms)
    return (*enrolled[:place], click, *enrolled[place + 1 :])
