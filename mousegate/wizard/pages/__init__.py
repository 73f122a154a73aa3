"""The pages, one file each: they show what the presenter knows and hand on what the person does."""

from collections.abc import Callable

from mousegate.wizard.look import Look
from mousegate.wizard.page import Page
from mousegate.wizard.pages.arm import ArmPage
from mousegate.wizard.pages.checks import ChecksPage
from mousegate.wizard.pages.movement import MovementPage
from mousegate.wizard.pages.person import PersonPage
from mousegate.wizard.pages.policy import PolicyPage
from mousegate.wizard.pages.recovery import RecoveryPage
from mousegate.wizard.pages.rhythm import RhythmPage
from mousegate.wizard.pages.trying import TryPage
from mousegate.wizard.pages.welcome import WelcomePage
from mousegate.wizard.presenter import Presenter
from mousegate.wizard.steps import Step

PAGES: dict[Step, type[Page]] = {
    Step.WELCOME: WelcomePage,
    Step.CHECKS: ChecksPage,
    Step.PERSON: PersonPage,
    Step.MOVEMENT: MovementPage,
    Step.RHYTHM: RhythmPage,
    Step.TRY: TryPage,
    Step.POLICY: PolicyPage,
    Step.RECOVERY: RecoveryPage,
    Step.ARM: ArmPage,
}


def make_pages(presenter: Presenter, tr: Callable[[str], str]) -> Callable[[Look], dict[Step, Page]]:
    """Return what makes every page in a look."""
    return lambda look: {step: kind(look, presenter, tr) for step, kind in PAGES.items()}
