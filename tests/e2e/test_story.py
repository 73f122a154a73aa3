"""The demo's story as tests: the main job end to end, with real events, processes, PAM and X server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.demo import CONFIGURATION, play
from tests.e2e.desktop import private_desktop
from tests.e2e.hand import synthetic_hands
from tests.e2e.screen import WaitTimeoutError
from tests.e2e.story import Outcome, Story

STEPS = (
    "Enrol movement",
    "Enrol rhythm, five times",
    "Print recovery codes",
    "Lock",
    "Password and signature",
    "Right password, another hand",
    "Right hand, wrong password",
    "Right hand, wrong rhythm",
    "Password and signature again",
    "Greeter killed (SIGKILL)",
    "Keeper killed (SIGKILL)",
    "Recovery code",
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Outcome]]:
    """Play the story once, and return what came of each step."""
    owner, impostor = synthetic_hands()
    pictures: Path = tmp_path_factory.mktemp("story")
    with private_desktop() as desktop:
        desktop.configure(CONFIGURATION)
        story = Story(desktop, pictures, on_outcome=lambda outcome: None)
        try:
            play(story, owner, impostor, enrol_s=60.0)
        except WaitTimeoutError as late:
            story.give_up(str(late))
        finally:
            story.close()
    yield {outcome.act: outcome for outcome in story.outcomes}


@pytest.mark.timeout(400)
@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_the_story_comes_out_as_it_must(step: str, outcomes: dict[str, Outcome]) -> None:
    """Locking covers, only password with signature or recovery code unlocks, and no kill exposes anything."""
    assert step in outcomes, outcomes
    assert outcomes[step].passed, outcomes[step]
