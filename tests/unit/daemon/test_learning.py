"""What is learned, and what never is."""

import numpy as np

from mousegate.core.events import empty_events
from mousegate.daemon.learning import CONFIRMED, RULES, TRUSTED, Learner
from mousegate.storage.history import Stretch


class Scene:
    """A learner, a clock, and what it learned: seconds and origin."""

    def __init__(self) -> None:
        self.learned: list[tuple[float, str]] = []
        self.learner = Learner(
            lambda recordings, stretch, origin: self.learned.append((5.0 * len(recordings), origin))
        )
        self.now_s = 0.0

    def move(
        self, duration_s: float, trust: float = 1.0, llr: float | None = 3.0, device: str = "mouse"
    ) -> None:
        """Let stretches of five seconds be compared."""
        for _ in np.arange(0, duration_s, 5.0):
            self.now_s += 5.0
            stretch = Stretch(self.now_s, llr, 5.0, trust, 1.7, "me", device)
            self.learner.add(stretch, (empty_events(),), self.now_s)


LONG_S = RULES.stretch_s + RULES.quarantine_s


def test_trusted_movement_after_a_proof_is_learned_without_its_end() -> None:
    """The first five minutes of seven, and no more within the hour."""
    scene = Scene()
    scene.learner.proved(scene.now_s)
    scene.move(LONG_S - 5)
    assert scene.learned == []
    scene.move(1800)
    assert scene.learned == [(RULES.stretch_s, TRUSTED)]
    scene.move(RULES.every_s)
    assert scene.learned == [(RULES.stretch_s, TRUSTED)] * 2


def test_nothing_is_learned_without_a_proof() -> None:
    """However long it is trusted: not at the start, nor after a lock, an alarm or a long silence."""
    scene = Scene()
    scene.move(2 * LONG_S)
    for doubt in (scene.learner.distrust, lambda: scene.learner.rest(RULES.silence_s), scene.learner.forget):
        scene.learner.proved(scene.now_s)
        doubt()
        scene.move(2 * LONG_S)
    assert scene.learned == []


def test_one_doubtful_stretch_takes_what_came_before_with_it() -> None:
    """Low trust, no comparison or another device in the middle: gathering begins anew."""
    for doubt in ({"trust": 0.7}, {"llr": None}, {"device": "touchpad"}):
        scene = Scene()
        scene.learner.proved(0.0)
        scene.move(LONG_S - 5)
        scene.move(5, **doubt)
        scene.move(LONG_S - 5)
        assert scene.learned == []


def test_it_was_me_is_learned_once_proven() -> None:
    """The last two minutes before the answer, if both factors unlock the screen within five minutes."""
    scene = Scene()
    scene.move(600, trust=0.3)
    scene.learner.answered_me(scene.now_s)
    scene.learner.distrust()
    scene.learner.proved(scene.now_s + RULES.confirm_s)
    assert scene.learned == [(RULES.disputed_s, CONFIRMED)]
    scene.learner.proved(scene.now_s)
    assert len(scene.learned) == 1


def test_it_was_me_alone_teaches_nothing() -> None:
    """Without a proof, or with one that comes late, what was disputed is forgotten."""
    scene = Scene()
    scene.move(600, trust=0.3)
    scene.learner.answered_me(scene.now_s)
    scene.move(LONG_S)
    scene.learner.proved(scene.now_s + 1)
    assert scene.learned == []
