"""The draft and its choices: what is kept between two sittings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core.events import EVENT_DTYPE, PointerDevice
from mousegate.errors import BadInput
from mousegate.storage.store import Store
from mousegate.wizard.choices import Choices
from mousegate.wizard.draft import Draft
from mousegate.wizard.steps import Step
from tests.unit.wizard.conftest import enrolled


@given(
    st.sampled_from(Step), st.sampled_from(PointerDevice), st.text(max_size=64), st.integers(0, 1440),
    st.integers(0, 99),
)  # fmt: skip
def test_choices_come_back_as_they_were(
    step: Step, device: PointerDevice, label: str, minutes: int, matched: int
) -> None:
    """What is written down is read again, whatever was chosen."""
    choices = Choices(step=step, device=device, label=label, idle_minutes=minutes, matched=matched)
    assert Choices.from_json(choices.to_json()) == choices


@pytest.mark.parametrize(
    "change",
    [
        ("welcome", "elsewhere"),
        ('"policy": "all"', '"policy": "none"'),
        ('"matched": 0', '"matched": "3"'),
        ("{", "["),
        ('"label"', '"lable"'),
    ],
)
def test_damaged_choices_are_refused(change: tuple[str, str]) -> None:
    """Nothing that the wizard would not have written is taken for choices."""
    with pytest.raises(BadInput, match="Begin anew"):
        Choices.from_json(Choices().to_json().replace(*change, 1))


def test_a_draft_is_kept_and_found_again(home: Path) -> None:
    """Choices, reference and recordings are there in the next sitting."""
    first = Draft()
    choices = enrolled(first, Step.TRY, matched=0)
    events = np.zeros(3, EVENT_DTYPE)
    events["time_ms"] = [0, 10, 20]
    first.keep_recording(first.next_recording(), events)
    again = Draft()
    assert again.exists()
    assert again.load() == choices
    assert again.reference() is not None
    assert [len(one) for one in again.recordings()] == [3]
    assert again.next_recording() == 2


def test_the_draft_shares_the_stores_key(home: Path) -> None:
    """What is enrolled in the draft can be compared in the real store, whose key it has."""
    with Store.create() as real:
        key = real.key
    with Draft().store() as drafted:
        assert drafted.key == key


def test_a_discarded_draft_leaves_nothing(home: Path) -> None:
    """Where there was no store before, there is not even its directory afterwards."""
    (home / "data").mkdir()
    draft = Draft()
    enrolled(draft, Step.POLICY)
    draft.discard()
    assert list(home.rglob("*")) == [home / "data"]


def test_discarding_does_not_touch_the_store(home: Path) -> None:
    """A store that was there stays as it was, byte for byte."""
    with Store.create() as real:
        real.settings.disarm()
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    draft = Draft()
    enrolled(draft, Step.POLICY)
    draft.discard()
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_choices_after_a_new_enrolment_count_no_tries() -> None:
    """What matched before says nothing about what is enrolled now."""
    tried = replace(Choices(), matched=3, missed=1, others_let_in=1, others_kept_out=1)
    assert tried.untried() == Choices()
