"""Windows are drawn from everybody who has enough movement, and from nobody too often."""

import numpy as np
import pytest

from mousegate.core.windows import CHANNELS
from mousegate.errors import BadInput
from mousegate.training.datasets import Recording
from mousegate.training.sampler import SamplerParameters, WindowSampler
from tests.unit.training.synthetic import person_moves

PLAIN = SamplerParameters(speeds=(1.0,), copies=1)


def recording(person: int, seconds: float, dataset: str = "made") -> Recording:
    """Return a recording of a made-up person."""
    return Recording(dataset, f"{dataset}/{person}", "one", person_moves(person, 0, seconds))


def test_little_movement_is_left_out_by_name(caplog: pytest.LogCaptureFixture) -> None:
    """A person with less than half a minute of movement is named and not learned."""
    sampler = WindowSampler([recording(1, 60.0), recording(2, 60.0), recording(3, 15.0)], PLAIN)
    assert [person for person, _ in sampler.people] == ["made/1", "made/2"]
    assert "left out, with less than 30 s of movement: made/3" in caplog.text


def test_one_person_is_nobody_to_tell_apart() -> None:
    """One person, however many copies of other speeds, is refused with the reason."""
    with pytest.raises(BadInput, match="Fewer than two people"):
        WindowSampler([recording(1, 90.0), recording(2, 5.0)], SamplerParameters(copies=1))


def test_busy_people_do_not_drown_the_others() -> None:
    """With sixteen times the movement, a person is drawn less than five times as often."""
    sampler = WindowSampler([recording(1, 640.0), recording(2, 40.0)], PLAIN)
    drawn = sampler.draw(2000, np.random.default_rng(0)).people
    busy, other = (drawn == 0).sum(), (drawn == 1).sum()
    assert 2.0 < busy / other < 4.5


@pytest.mark.parametrize(("share", "low", "high"), [(0.0, 0.7, 1.0), (1.0, 0.0, 0.0)])
def test_share_of_windows_without_buttons(share: float, low: float, high: float) -> None:
    """Seeing all windows without buttons means that no window has any; the original sampler is as before."""
    sampler = WindowSampler([recording(1, 60.0), recording(2, 60.0)], PLAIN)
    values = sampler.seeing(share).draw(200, np.random.default_rng(0)).values
    held = values[:, CHANNELS.index("held")].max(axis=1) > 0
    assert low <= held.mean() <= high
    again = sampler.draw(200, np.random.default_rng(0)).values
    assert (again[:, CHANNELS.index("held")].max(axis=1) > 0).mean() > 0.6
