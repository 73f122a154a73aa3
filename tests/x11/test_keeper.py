"""The keeper on a real X server: what it locks, what unlocks it, and what does not."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.ext import xtest
from Xlib.protocol import event as x_event

from mousegate.lock.supervisor import REFUSED_SIGNALS
from tests.x11.stage import Stage, TooLateError, open_stage, wait_until


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A private X server with a marked window on it."""
    with open_stage() as opened:
        yield opened


def test_nonce_unlocks_and_uncovers(stage: Stage) -> None:
    """Exactly the nonce on the unlock pipe ends the lock with status 0 and leaves the screen as it was."""
    lock = stage.locked()
    assert stage.is_covered()
    _, auth = stage.pair()
    auth.tell("write", to="unlock", data=auth.nonce)
    assert lock.wait_status() == 0
    assert stage.covers() == []
    assert stage.beneath.pixels() == 640 * 480
    assert (
        stage.root.get_full_property(stage.display.intern_atom("_MOUSEGATE_COVER"), X.AnyPropertyType) is None
    )
    stage.key("a")
    assert stage.beneath.received() == ["KeyPress", "KeyRelease"]


def test_nonce_is_64_hexadecimal_digits_and_new_each_time(stage: Stage) -> None:
    """Every start of auth is given another nonce of 64 hexadecimal digits and a newline."""
    stage.locked()
    _, first = stage.pair()
    first.tell("exit", status=0)
    _, second = stage.pair()
    assert first.raw_nonce.endswith("\n")
    assert all(len(auth.nonce) == 64 and int(auth.nonce, 16) >= 0 for auth in (first, second))
    assert first.nonce != second.nonce


@pytest.mark.parametrize("change", ["short", "long", "newline", "case", "old", "zeros", "closed"])
def test_anything_but_the_nonce_stays_locked(stage: Stage, change: str) -> None:
    """Whatever else comes on the unlock pipe, the screen stays locked and the pair is replaced."""
    lock = stage.locked()
    greeter, auth = stage.pair()
    if change == "old":
        auth.tell("exit", status=0)
        old, (greeter, auth) = auth.nonce, stage.pair()
    nonce = auth.nonce
    wrong = {"short": nonce[:-1], "long": nonce + "0", "newline": nonce + "\n", "zeros": "0" * 64}
    wrong |= {"case": nonce.upper() + "A" * (nonce.upper() == nonce), "old": old if change == "old" else ""}
    if change != "closed":
        auth.tell("write", to="unlock", data=wrong[change])
    auth.tell("close", what="unlock")
    greeter.wait_gone()
    stage.pair()
    assert lock.is_running() and stage.is_covered()


@pytest.mark.parametrize("role", ["greeter", "auth"])
@pytest.mark.parametrize("status", [0, 1, 3, 42, 255])
def test_no_exit_status_unlocks(stage: Stage, role: str, status: int) -> None:
    """A child's exit status means nothing but that the pair is started again."""
    lock = stage.locked()
    children = dict(zip(("greeter", "auth"), stage.pair(), strict=True))
    children[role].tell("exit", status=status)
    stage.pair()
    assert lock.is_running() and stage.is_covered()


@pytest.mark.parametrize(
    "data",
    ["unlock\n", "x" * 64, "alive", "window 0\n", "window 4294967296\n", "\xff\n", "window 5\nwindow -1\n"],
)
def test_rubbish_from_the_greeter_replaces_the_pair(stage: Stage, data: str) -> None:
    """A line that is not the protocol's kills the pair, as does one that is never finished."""
    lock = stage.locked("--silence=1")
    greeter, _ = stage.pair()
    greeter.tell("mute")
    greeter.tell("write", to="keeper", data=data)
    greeter.wait_gone()
    stage.pair()
    assert lock.is_running() and stage.is_covered()


def test_auth_may_not_name_a_window(stage: Stage) -> None:
    """Only the greeter may ask for input: auth that does is replaced."""
    stage.locked()
    _, auth = stage.pair()
    auth.tell("write", to="keeper", data="window 4194305\n")
    auth.wait_gone()
    stage.pair()


@pytest.mark.parametrize("role", ["greeter", "auth"])
def test_stopped_child_is_replaced(stage: Stage, role: str) -> None:
    """A child that is silent for longer than the limit is killed with its partner."""
    stage.locked("--silence=1")
    children = dict(zip(("greeter", "auth"), stage.pair(), strict=True))
    os.kill(children[role].pid, signal.SIGSTOP)
    for child in children.values():
        child.wait_gone()
    stage.pair()


def test_children_speak_over_one_socketpair(stage: Stage) -> None:
    """What the greeter sends on its peer descriptor arrives at auth's."""
    stage.locked()
    greeter, auth = stage.pair()
    greeter.tell("send", data="hello")
    auth.tell("receive")
    assert auth.hear()["received"] == "hello"
    assert greeter.environment["QT_XCB_NO_XI2"] == "1"
    assert "MOUSEGATE_UNLOCK_FD" not in greeter.environment
    assert int(greeter.environment["MOUSEGATE_COVER"]) == stage.listed_covers()[-1]


def test_second_lock_says_already_locked(stage: Stage) -> None:
    """One keeper per screen: the next exits with 5 and changes nothing."""
    first = stage.locked()
    second = stage.lock()
    assert second.wait_status() == 5
    assert "already locked" in second.text()
    assert first.is_running() and stage.is_covered()


def test_grab_held_by_another_client_is_exit_3_without_a_cover(stage: Stage) -> None:
    """A keeper that cannot grab covers nothing, says so and exits with 3."""
    holder = stage.connect()
    grabbed = holder.screen().root.grab_keyboard(True, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
    assert grabbed == X.GrabSuccess
    lock = stage.lock("--grab-timeout=0.3")
    assert lock.wait_status() == 3
    assert "NOT locked" in lock.text()
    assert stage.covers() == []
    assert stage.beneath.pixels() == 640 * 480


def test_grab_that_is_let_go_in_time_is_no_obstacle(stage: Stage) -> None:
    """The keeper tries until its limit: a menu that closes in time does not keep it from locking."""
    holder = stage.connect()
    holder.screen().root.grab_pointer(
        True, X.ButtonPressMask, X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE, X.CurrentTime
    )
    holder.sync()
    lock = stage.lock("--grab-timeout=15")
    wait_until(lambda: "another client holds a grab" in lock.text(), "a first nudge")
    assert stage.covers() == []
    holder.ungrab_pointer(X.CurrentTime)
    holder.sync()
    lock.wait_locked()
    assert stage.is_covered()


def test_keeper_stays_small(stage: Stage) -> None:
    """A keeper with a running pair has never had more than 25 MB of memory resident."""
    lock = stage.locked()
    greeter, _ = stage.pair()
    greeter.open_window()
    status = Path(f"/proc/{lock.keeper()}/status").read_text()
    (peak_kb,) = (int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    assert peak_kb < 25_000


def kinds_of(display: Display) -> set[int]:
    """Return the kinds of events that have arrived."""
    return {int(display.next_event().type) for _ in range(display.pending_events())}


@pytest.mark.parametrize("habit", ["focus", "escape", "button"])
def test_holder_of_a_grab_is_nudged(stage: Stage, habit: str) -> None:
    """A menu that closes without the focus or at Escape, or a drag that ends with its button, lets go."""
    holder = stage.connect()
    root = holder.screen().root
    mask = X.ButtonReleaseMask
    root.grab_pointer(True, mask, X.GrabModeAsync, X.GrabModeAsync, X.NONE, X.NONE, X.CurrentTime)
    holder.sync()
    if habit == "button":
        xtest.fake_input(stage.display, X.ButtonPress, 1)
        stage.display.sync()
    if habit == "escape":
        root.grab_keyboard(True, X.GrabModeAsync, X.GrabModeAsync, X.CurrentTime)
    window = holder.create_resource_object("window", stage.beneath.window.id)
    window.change_attributes(event_mask=X.FocusChangeMask)
    holder.sync()
    lock = stage.lock("--grab-timeout=15")
    awaited = {"focus": X.FocusOut, "escape": X.KeyPress, "button": X.ButtonRelease}[habit]
    wait_until(lambda: awaited in kinds_of(holder), f"a nudge: {lock.text()}")
    holder.ungrab_pointer(X.CurrentTime)
    holder.ungrab_keyboard(X.CurrentTime)
    holder.sync()
    lock.wait_locked()
    assert stage.is_covered()


def test_sleep_waits_for_the_cover(stage: Stage) -> None:
    """xss-lock's descriptor stays open until the screen is covered, and is closed then; no child holds it."""
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as sleep:
        lock = stage.lock(passed=(writing,), XSS_SLEEP_LOCK_FD=str(writing))
        os.close(writing)
        assert sleep.read() == b""
        assert stage.is_covered()
        lock.wait_locked()


def test_no_display_is_exit_4() -> None:
    """Without an X display there is one clear line and status 4."""
    for environment in (
        {},
        {"DISPLAY": ":4095"},
        {"DISPLAY": ":0", "XDG_SESSION_TYPE": "wayland", "WAYLAND_DISPLAY": "w"},
    ):
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "mousegate.lock"],
            env={"PATH": os.environ["PATH"]} | environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 4
        assert len(ended.stderr.splitlines()) == 1 and "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", REFUSED_SIGNALS)
def test_polite_signals_are_ignored_while_locked(stage: Stage, number: signal.Signals) -> None:
    """No signal that can be refused ends or stops supervisor or keeper."""
    lock = stage.locked()
    keeper = lock.keeper()
    stage.pair()
    for pid in (lock.process.pid, keeper):
        os.kill(pid, number)
    stage.key("a")
    assert stage.is_covered()
    assert lock.is_running() and lock.keeper() == keeper


def test_killed_keeper_exposes_nothing_and_is_succeeded(stage: Stage) -> None:
    """After SIGKILL the cover stays and keeps the focus; the next keeper adopts it and can be unlocked."""
    lock = stage.locked()
    stage.pair()
    os.kill(lock.process.pid, signal.SIGSTOP)  # so that there is no successor yet
    keeper = lock.keeper()
    os.kill(keeper, signal.SIGKILL)
    wait_until(
        lambda: stage.display.get_selection_owner(stage.display.intern_atom("_MOUSEGATE_LOCK_S0")) == 0,
        "death",
    )
    assert stage.is_covered()
    stage.key("a")
    stage.click(320, 240)
    assert stage.beneath.received() == []
    os.kill(lock.process.pid, signal.SIGCONT)
    lock.wait_keeper(other_than=keeper)
    greeter, auth = stage.pair()
    wait_until(lambda: len(stage.covers()) == 1, "one cover")
    assert stage.is_covered()
    greeter.open_window()
    auth.tell("write", to="unlock", data=auth.nonce)
    assert lock.wait_status() == 0
    assert stage.beneath.pixels() == 640 * 480
    assert stage.beneath.received() == []


def test_keeper_outlives_its_supervisor(stage: Stage) -> None:
    """A SIGKILLed supervisor leaves the keeper holding the lock, which the nonce still ends."""
    lock = stage.locked()
    keeper = lock.keeper()
    _, auth = stage.pair()
    lock.process.kill()
    lock.process.wait()
    stage.key("a")
    assert stage.is_covered()
    auth.tell("write", to="unlock", data=auth.nonce)
    wait_until(lambda: stage.covers() == [], "the cover to go")
    assert stage.beneath.received() == []
    assert keeper


def test_keeper_calls_another_supervisor(stage: Stage) -> None:
    """When supervisor and keeper are killed one after the other, the screen is locked again all the same."""
    lock = stage.locked()
    stage.pair()
    keeper = lock.keeper()
    lock.process.kill()
    lock.process.wait()
    wait_until(lambda: stage.children_of(keeper, "--succeed") != [], "another supervisor")
    (supervisor,) = stage.children_of(keeper, "--succeed")
    os.kill(keeper, signal.SIGKILL)
    wait_until(lambda: stage.children_of(supervisor, "") not in ([], [keeper]), "another keeper")
    _, auth = stage.pair()
    assert stage.is_covered()
    auth.tell("write", to="unlock", data=auth.nonce)
    wait_until(lambda: stage.covers() == [], "the screen to be open")
    wait_until(lambda: not Path(f"/proc/{supervisor}").exists(), "its supervisor to end")
    assert stage.beneath.received() == []


def test_input_is_forwarded_exactly(stage: Stage) -> None:
    """What is typed and clicked arrives at the greeter, relative to its window, and nowhere else."""
    stage.locked()
    greeter, _ = stage.pair()
    greeter.open_window(x=40, y=30)
    stage.click(100, 80)
    for name in ("a", "b", "1"):
        stage.key(name)
    events = [greeter.hear() for _ in range(9)]
    assert [event["event"] for event in events] == [
        X.MotionNotify, X.ButtonPress, X.ButtonRelease, *[X.KeyPress, X.KeyRelease] * 3
    ]  # fmt: skip
    assert {(event["event_x"], event["event_y"]) for event in events} == {(60, 50)}
    times = [event["time"] for event in events]
    assert times == sorted(times) and times[0] > 0
    assert stage.beneath.received() == []


def test_synthetic_input_of_other_clients_is_not_forwarded(stage: Stage) -> None:
    """The keeper does not pass on to the greeter what another client made with XSendEvent."""
    stage.locked()
    greeter, _ = stage.pair()
    greeter.open_window()
    for target in (stage.root, stage.covers()[-1]):
        forged = x_event.KeyPress(
            detail=38, time=1, root=stage.root, window=target, child=X.NONE,
            root_x=1, root_y=1, event_x=1, event_y=1, state=0, same_screen=1,
        )  # fmt: skip
        target.send_event(forged, event_mask=X.KeyPressMask | X.SubstructureNotifyMask)
    stage.key("z")
    assert greeter.hear()["detail"] == stage.display.keysym_to_keycode(ord("z"))


def test_stolen_focus_is_taken_back(stage: Stage) -> None:
    """The input focus returns to the cover, so that a dead keeper's keys reach nobody."""
    stage.locked()
    cover = stage.covers()[-1]
    stage.beneath.window.set_input_focus(X.RevertToParent, X.CurrentTime)
    stage.display.sync()
    wait_until(lambda: stage.display.get_input_focus().focus.id == cover.id, "the focus to return")


def test_killed_connection_is_locked_again(stage: Stage) -> None:
    """XKillClient on the keeper takes its windows along; the supervisor locks again at once."""
    lock = stage.locked()
    keeper = lock.keeper()
    stage.pair()
    stage.covers()[-1].kill_client()
    stage.display.sync()
    lock.wait_keeper(other_than=keeper)
    wait_until(stage.is_covered, "the screen to be covered again")


def test_lost_server_is_exit_4(stage: Stage) -> None:
    """When the X server is gone for good, the lock ends with 4 instead of trying for ever."""
    lock = stage.locked()
    os.kill(stage.server_pid(), signal.SIGKILL)
    assert lock.wait_status() == 4


def test_children_die_with_the_keeper(stage: Stage) -> None:
    """A SIGKILLed keeper takes greeter and auth along, so that no old one meets the next keeper."""
    lock = stage.locked()
    greeter, auth = stage.pair()
    os.kill(lock.keeper(), signal.SIGKILL)
    greeter.wait_gone()
    auth.wait_gone()
    with pytest.raises(TooLateError):
        auth.hear()
