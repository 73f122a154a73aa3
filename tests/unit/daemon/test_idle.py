"""Locking because nobody is there."""

from hypothesis import given
from hypothesis import strategies as st

from mousegate.daemon.idle import MAX_INHIBITORS, IdleAction, IdleLock, Inhibitors


def test_locks_after_the_minutes_and_not_before() -> None:
    """At the limit it locks, once, and again only after a while if that failed."""
    lock = IdleLock(10, 0)
    assert lock.decide(599, False, False, 599) is IdleAction.NOTHING
    assert lock.decide(600, False, False, 600) is IdleAction.LOCK
    assert lock.decide(601, False, False, 601) is IdleAction.NOTHING
    assert lock.decide(661, False, False, 661) is IdleAction.LOCK


def test_grace_warns_first_and_a_touch_takes_it_back() -> None:
    """With a grace time it warns, a touch ends the warning, and without one it locks at its end."""
    lock = IdleLock(1, 20)
    assert lock.decide(60, False, False, 60) is IdleAction.WARN
    assert lock.decide(61, False, False, 61) is IdleAction.NOTHING
    assert lock.decide(0.5, False, False, 62) is IdleAction.UNWARN
    assert lock.decide(60, False, False, 122) is IdleAction.WARN
    assert lock.decide(80, False, False, 142) is IdleAction.LOCK


def test_inhibited_time_is_not_idle_time() -> None:
    """A film of two hours is not followed by a lock at its last frame, but by one ten minutes later."""
    lock = IdleLock(10, 0)
    for now_s in range(0, 7200, 60):
        assert lock.decide(now_s, False, True, now_s) is IdleAction.NOTHING
    assert lock.decide(7200, False, False, 7200) is IdleAction.NOTHING
    assert lock.decide(7740, False, False, 7740) is IdleAction.LOCK


@given(st.floats(0, 1e7), st.booleans(), st.floats(0, 1e9))
def test_zero_minutes_never_locks(idle_s: float, inhibited: bool, now_s: float) -> None:
    """Turned off is off."""
    assert IdleLock(0, 10).decide(idle_s, False, inhibited, now_s) is IdleAction.NOTHING


@given(st.floats(0, 1e7), st.floats(0, 1e9))
def test_locked_screen_is_left_alone(idle_s: float, now_s: float) -> None:
    """What is locked is not locked again."""
    assert IdleLock(1, 0).decide(idle_s, True, False, now_s) is IdleAction.NOTHING


def test_cookies_belong_to_their_owner() -> None:
    """Another program cannot give a cookie back; those of one that vanishes are dropped, and only those."""
    held = Inhibitors()
    mine, theirs = held.add(":1.1", "player", "film"), held.add(":1.2", "browser", "call")
    assert mine is not None and theirs is not None and mine != theirs
    assert not held.remove(":1.2", mine)
    held.peer_vanished(":1.2")
    assert len(held) == 1 and not held.remove(":1.2", theirs)
    assert held.remove(":1.1", mine) and not held.remove(":1.1", mine)


def test_cookies_are_bounded() -> None:
    """A program that leaks cookies is refused at some point."""
    held = Inhibitors()
    for _ in range(MAX_INHIBITORS):
        assert held.add(":1.1", "a", "b")
    assert held.add(":1.1", "a", "b") is None
