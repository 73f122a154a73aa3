"""Exact replays are told, wherever and however fast they are played; a hand's own movement is none."""

import numpy as np

from mousegate.capture import synthetic
from mousegate.core.events import empty_events, from_columns
from mousegate.core.replays import ReplayMemory, ReplayParameters, fingerprints

SESSION = synthetic.session(synthetic.hand(1), 30)


def test_a_replay_elsewhere_and_faster_is_told() -> None:
    """Moved by some pixels and at twice the speed it is the same movement."""
    memory = ReplayMemory()
    assert not memory.seen_before(SESSION)
    again = SESSION.copy()
    again["x"] += 17
    again["y"] -= 9
    again["time_ms"] //= 2
    assert memory.seen_before(again)


def test_other_movement_of_the_same_hand_is_no_replay() -> None:
    """Twenty sessions of one person share next to nothing."""
    memory = ReplayMemory()
    for day in range(20):
        assert not memory.seen_before(synthetic.session(synthetic.hand(1), 10, seed=day))


def test_what_repeats_itself_has_no_fingerprint() -> None:
    """Neither rest nor a slow straight line can be told from another time."""
    steps = np.arange(500)
    none = np.zeros(500)
    assert not len(fingerprints(from_columns(8 * steps, none, none, steps, none)))
    assert not len(fingerprints(empty_events()))


def test_memory_is_bounded_and_forgets_the_oldest() -> None:
    """As many fingerprints as were asked for, then the first are gone."""
    memory = ReplayMemory(ReplayParameters(memory=256))
    memory.seen_before(SESSION)
    for day in range(10):
        memory.seen_before(synthetic.session(synthetic.hand(2), 30, seed=day))
    assert len(memory._known) == 256
    assert not memory.seen_before(SESSION)
