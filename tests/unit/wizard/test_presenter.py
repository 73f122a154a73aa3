"""The way through the pages: what must be done before what."""

from dataclasses import replace

import pytest

from mousegate.errors import UsageError
from mousegate.storage.judge import Missing
from mousegate.storage.store import Store
from mousegate.wizard.findings import Finding, Findings
from mousegate.wizard.steps import Step
from mousegate.wizard.trials import Attempt
from tests.unit.wizard.conftest import Desk, enrolled


def test_one_begins_at_the_first_page_and_goes_on(desk: Desk) -> None:
    """Welcome, the checks, the person: each after the other."""
    desk.begin()
    for _ in range(3):
        desk.presenter.next()
    assert desk.view.steps == [Step.WELCOME, Step.CHECKS, Step.PERSON, Step.MOVEMENT]


@pytest.mark.parametrize("subject", ["display", "pam", "model"])
def test_what_the_lock_rests_on_must_be_there(desk: Desk, subject: str) -> None:
    """A problem with screen, password check or model keeps one on the page, and says what to do."""
    desk.begin()
    desk.presenter.next()
    desk.presenter.findings = Findings((Finding(subject, "problem", "It is gone.", "Bring it back."),))
    desk.presenter.next()
    assert desk.presenter.choices.step is Step.CHECKS
    assert desk.presenter.obstacle() == "It is gone. Bring it back."


@pytest.mark.parametrize(
    ("step", "done"), [(Step.MOVEMENT, False), (Step.RHYTHM, False), (Step.TRY, True), (Step.RECOVERY, True)]
)
def test_no_page_is_left_before_its_work_is_done(desk: Desk, step: Step, done: bool) -> None:
    """Without movement, rhythm, a match, and codes kept, there is no way on."""
    if done:
        enrolled(desk.draft, step, matched=0)
    desk.begin()
    desk.presenter.choices = replace(desk.presenter.choices, step=step)
    assert desk.presenter.obstacle()
    desk.presenter.next()
    assert desk.presenter.choices.step is step


@pytest.mark.parametrize("step", list(Step)[3:8])
def test_one_goes_on_where_one_stopped(desk: Desk, step: Step) -> None:
    """After stopping at a page, the next sitting begins there."""
    enrolled(desk.draft, step, matched=1)
    desk.begin()
    assert desk.view.steps == [step]
    desk.presenter.stop_for_now()
    assert desk.view.left
    assert desk.draft.load().step is step


def test_recovery_codes_are_made_anew_when_one_comes_back_to_the_end(desk: Desk) -> None:
    """Codes are shown once: who stopped on the last page gets new ones first."""
    enrolled(desk.draft, Step.ARM, matched=1)
    desk.begin()
    assert desk.view.steps == [Step.RECOVERY]


def test_a_damaged_draft_is_told_and_put_away(desk: Desk) -> None:
    """Nobody is stuck with what cannot be read."""
    enrolled(desk.draft, Step.TRY)
    (desk.draft.directory / "choices.json").write_text("{")
    desk.begin()
    assert desk.view.problems == ["What was kept of the last setup is damaged. Begin anew."]
    assert desk.view.steps == [Step.WELCOME]


def test_steps_not_reached_cannot_be_jumped_to(desk: Desk) -> None:
    """The list of steps leads back, and no further on than one has been."""
    desk.begin()
    desk.presenter.go(Step.ARM)
    assert desk.presenter.choices.step is Step.WELCOME


def test_only_a_match_of_the_owner_counts(desk: Desk) -> None:
    """Somebody else who is let in does not open the way to arming."""
    enrolled(desk.draft, Step.TRY, matched=0)
    desk.begin()
    for by_owner, passed in ((True, False), (False, True), (False, False)):
        desk.presenter._count(Attempt(by_owner, passed, True, 0.0, 0.0, Missing.NOTHING))
    assert desk.presenter.obstacle()
    desk.presenter._count(Attempt(True, True, True, 2.0, 0.0, Missing.NOTHING))
    assert not desk.presenter.obstacle()
    found = desk.presenter.choices
    assert (found.matched, found.missed, found.others_let_in, found.others_kept_out) == (1, 1, 1, 1)


def test_nothing_is_armed_before_one_match(desk: Desk) -> None:
    """However one gets there: without a match the last button refuses, and nothing has changed."""
    enrolled(desk.draft, Step.RECOVERY, matched=0)
    desk.begin()
    desk.presenter.go(Step.RECOVERY)
    desk.presenter.keep_codes(True)
    with pytest.raises(UsageError, match="must match"):
        desk.presenter.refuse_to_arm()
    desk.presenter.arm()
    assert not desk.presenter.armed
    assert desk.services.acts == []
    assert Store.open() is None


def test_arming_moves_the_draft_over(desk: Desk) -> None:
    """Reference, codes and settings are in force, the services run, and no draft is left."""
    enrolled(desk.draft, Step.POLICY, matched=1, idle_minutes=7)
    desk.begin()
    desk.presenter.next()
    code = desk.presenter.codes[0]
    desk.presenter.keep_codes(True)
    desk.presenter.next()
    desk.presenter.arm()
    assert desk.view.problems == []
    assert desk.presenter.armed
    assert desk.services.acts == ["start"]
    assert not desk.draft.directory.exists()
    store = Store.open()
    assert store is not None
    with store:
        assert store.settings.armed
        assert [one.label for one in store.references.all()] == ["me"]
        assert store.recovery.find(code) is not None


def test_discarding_leaves_at_once(desk: Desk) -> None:
    """Who throws the draft away is done."""
    enrolled(desk.draft, Step.TRY)
    desk.begin()
    desk.presenter.discard()
    assert desk.view.left
    assert not desk.draft.exists()
