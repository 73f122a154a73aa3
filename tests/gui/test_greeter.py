"""Claims about the real greeter process on a real X server, driven by real (XTEST) input."""

import os
import signal
import subprocess

import pytest
from Xlib import XK
from Xlib.display import Display
from Xlib.xobject.drawable import Window

from mousegate.core import greetd_ipc
from mousegate.core.probe import AttackFlag, Target, decode
from mousegate.greeter.layout import Rect
from tests.gui.conftest import Stage, opened
from tests.gui.hands import Hands
from tests.gui.monitors import split_in_two
from tests.gui.peer import greeter, wait_until
from tests.xvfb import xvfb

DEAD_ACUTE = 0xFE51
"""XK_dead_acute (X11/keysymdef.h)."""


def test_one_attempt_from_the_first_click_to_the_probe(stage: Stage) -> None:
    """Forwarded keys arrive exactly, the password is answered first, then every click with its target."""
    stage.begin("aBc1")
    assert stage.running.ask("secret", "Password:")["response"] == "aBc1"
    probe = stage.probe()
    assert [click.target for click in probe.rhythm] == [Target.FACE, Target.PASSWORD, Target.SUBMIT]
    assert AttackFlag.SYNTHETIC_DEVICE in probe.attack
    stage.running.send(greetd_ipc.success())
    stage.reach("welcome")


def test_holds_are_those_of_the_hand(stage: Stage) -> None:
    """Each click's hold in the probe is what the X server saw, long holds and other buttons included."""
    face, submit = stage.layout.face, stage.layout.submit
    stage.hands.type("x")
    held = [
        stage.hands.hold(face, 0.4),
        stage.hands.hold(face, 0.05, button=3),
        stage.hands.hold(submit, 0.2),
    ]
    assert stage.running.receive()["type"] == "create_session"
    stage.running.ask("secret", "Password:")
    rhythm = stage.probe().rhythm
    assert [click.target for click in rhythm] == [Target.FACE, Target.FACE, Target.SUBMIT]
    for click, (at_least_s, at_most_s) in zip(rhythm, held, strict=True):
        assert 1000 * at_least_s - 2 <= click.hold_ms <= 1000 * at_most_s + 2


def test_a_failure_clears_the_field_and_begins_anew(stage: Stage) -> None:
    """After auth_error nothing of the first attempt, typed or clicked, is in the second."""
    stage.begin("wrong")
    stage.running.ask("secret", "Password:")
    assert len(stage.probe().rhythm) == 3
    stage.hands.click(stage.layout.face)
    stage.running.send(greetd_ipc.error("auth_error", "That did not match. Try again."))
    stage.reach("failed")
    stage.hands.type("right")
    stage.hands.click(stage.layout.submit)
    assert stage.running.receive()["type"] == "create_session"
    assert stage.running.ask("secret", "Password:")["response"] == "right"
    assert [click.target for click in stage.probe().rhythm] == [Target.SUBMIT]


def test_pam_may_prompt_three_times(stage: Stage) -> None:
    """Each further prompt is asked of the person, and our own words in one are only text."""
    stage.begin("secret")
    assert stage.running.ask("secret", "Password:")["response"] == "secret"
    assert stage.running.ask("info", '{"type": "success"}')["response"] is None
    for prompt, answer in (("mousegate-probe:1 is what success asks", "one"), ("Code:", "2")):
        stage.running.send(greetd_ipc.auth_message("visible", prompt))
        stage.reach(prompt)
        stage.hands.type(f"{answer}\r")
        assert stage.running.receive()["response"] == answer
    assert len(stage.probe().rhythm) == 3


def test_a_recovery_code_is_typed_in_the_second_field(stage: Stage) -> None:
    """The link opens the field, Tab leads to it, and its code takes the probe's place."""
    stage.hands.click(stage.layout.link)
    stage.reach("recovery")
    stage.hands.click(stage.layout.password)
    stage.hands.type("pw\tABCD-1234\r")
    assert stage.running.receive()["type"] == "create_session"
    assert stage.running.ask("secret", "Password:")["response"] == "pw"
    answer = stage.running.ask("visible", "mousegate-probe:1")["response"]
    assert answer == "mousegate-recovery:1 ABCD-1234"


def test_escape_clears_what_was_typed_and_clicked(stage: Stage) -> None:
    """Escape starts over: neither letters nor clicks before it are sent."""
    stage.hands.click(stage.layout.face)
    stage.hands.type("half\x1bwhole")
    stage.hands.pass_a_millisecond()
    stage.hands.click(stage.layout.submit)
    assert stage.running.receive()["type"] == "create_session"
    assert stage.running.ask("secret", "Password:")["response"] == "whole"
    assert [click.target for click in stage.probe().rhythm] == [Target.SUBMIT]


def test_return_submits_with_the_rhythm_so_far(stage: Stage) -> None:
    """Without a click on Submit the rhythm is what was clicked before Return."""
    stage.hands.click(stage.layout.face)
    stage.hands.type("pw\r")
    assert stage.running.receive()["type"] == "create_session"
    stage.running.ask("secret", "Password:")
    assert [click.target for click in stage.probe().rhythm] == [Target.FACE]


def test_backspace_erases_and_when_held_clears(stage: Stage) -> None:
    """One Backspace takes one letter; a held one takes all."""
    stage.hands.type("abcd\bX")
    stage.hands.hold_key("BackSpace", 1.5)
    stage.hands.type("z\r")
    assert stage.running.receive()["type"] == "create_session"
    assert stage.running.ask("secret", "Password:")["response"] == "z"


def test_compose_sequences_arrive(x_server: str) -> None:
    """Compose, apostrophe, e types é: dead keys are Qt's, not ours."""
    display = Display(x_server)
    display.change_keyboard_mapping(250, [(XK.XK_Multi_key,) * 4])
    display.sync()
    display.close()
    with opened(x_server) as stage:
        stage.reach("ready")
        stage.running.keeper_line()
        stage.running.keeper_line()  # a second has passed in its event loop: it knows that it has the focus
        stage.hands.codes(250)
        stage.hands.key("apostrophe")
        stage.hands.type("e\r")
        assert stage.running.receive()["type"] == "create_session"
        assert stage.running.ask("secret", "Password:")["response"] == "é"


def test_dead_keys_arrive(x_server: str) -> None:
    """A dead acute, then e, types é."""
    display = Display(x_server)
    display.change_keyboard_mapping(249, [(DEAD_ACUTE,) * 4])
    display.sync()
    display.close()
    with opened(x_server) as stage:
        stage.reach("ready")
        stage.running.keeper_line()
        stage.running.keeper_line()
        stage.hands.codes(249)
        stage.hands.type("e\r")
        assert stage.running.receive()["type"] == "create_session"
        assert stage.running.ask("secret", "Password:")["response"] == "é"


def test_the_layout_of_the_moment_is_typed() -> None:
    """Where the keyboard's layout changes while the screen is locked, the next key is the new layout's."""
    with xvfb() as display_name, opened(display_name) as stage:
        stage.reach("ready")
        display = Display(display_name)
        code = display.keysym_to_keycode(XK.XK_y)
        display.close()
        stage.hands.codes(code)
        stage.running.keeper_line()
        stage.running.keeper_line()  # a second has passed in its event loop: it has read the key
        subprocess.run(["setxkbmap", "-display", display_name, "de"], check=True)
        stage.running.keeper_line()
        stage.running.keeper_line()
        stage.hands.codes(code)
        stage.hands.type("\r")
        assert stage.running.receive()["type"] == "create_session"
        assert stage.running.ask("secret", "Password:")["response"] == "yz"


def test_composed_letters_keep_their_place_under_load(stage: Stage) -> None:
    """Keys that the greeter reads in one go, because it was busy, arrive in the order they were typed."""
    display = Display(stage.hands.display_name)
    display.change_keyboard_mapping(250, [(XK.XK_Multi_key,) * 4])
    display.sync()
    display.close()
    stage.running.keeper_line()
    stage.running.keeper_line()
    os.kill(stage.running.process.pid, signal.SIGSTOP)
    for keys in ("x", "compose", "y", "\r"):
        stage.hands.pass_a_millisecond()
        if keys == "compose":
            stage.hands.codes(250)
            stage.hands.key("apostrophe")
        stage.hands.type("e" if keys == "compose" else keys)
    os.kill(stage.running.process.pid, signal.SIGCONT)
    assert stage.running.receive()["type"] == "create_session"
    assert stage.running.ask("secret", "Password:")["response"] == "xéy"


def test_more_than_twelve_clicks_keep_none(stage: Stage) -> None:
    """A rhythm that is too long is left out whole."""
    for _ in range(13):
        stage.hands.click(stage.layout.face)
    stage.begin("pw")
    stage.running.ask("secret", "Password:")
    assert stage.probe().rhythm == ()


def test_the_keeper_hears_the_window_and_then_life(stage: Stage) -> None:
    """`alive` follows `window ID` every second; the window is a child of the cover, with its class hint."""
    assert stage.running.keeper_line() == "alive"
    assert stage.running.keeper_line() == "alive"
    display = Display(stage.hands.display_name)
    window = display.create_resource_object("window", stage.window)
    assert "mousegate-greeter" in (window.get_wm_class() or ())
    place = window.translate_coords(display.screen().root, 0, 0)
    size = window.get_geometry()
    assert (place.x, place.y, size.width, size.height) == (0, 0, 1280, 800)
    assert window.query_tree().parent.id != display.screen().root.id
    display.close()


@pytest.mark.parametrize(
    "rubbish",
    [b"\xff\xff\xff\xff", b"\x02\x00\x00\x00[]", b"\x05\x00\x00\x00hello", b"GET / HTTP/1.1\r\n\r\n"],
)
def test_rubbish_from_the_peer_ends_the_greeter(stage: Stage, rubbish: bytes) -> None:
    """Anything that is not the protocol: one line, a status that is not 0, no traceback."""
    stage.running.peer.sendall(rubbish)
    status, words = stage.running.end()
    assert status == 70
    assert "Traceback" not in words


def test_a_success_that_nobody_asked_for_ends_the_greeter(stage: Stage) -> None:
    """Before an attempt there is nothing that could succeed."""
    stage.running.send(greetd_ipc.success())
    assert stage.running.end()[0] == 70


def test_a_peer_that_goes_away_ends_the_greeter(stage: Stage) -> None:
    """Without auth there is no use in a screen; the keeper starts both anew."""
    stage.running.peer.close()
    status, words = stage.running.end()
    assert status == 70
    assert "Traceback" not in words


def test_a_keeper_that_goes_away_ends_the_greeter(stage: Stage) -> None:
    """Without its keeper the greeter does not linger."""
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, stage.running.keeper_fd)
    os.close(nowhere)
    assert stage.running.end()[0] == 70


def test_after_success_a_peer_may_leave(stage: Stage) -> None:
    """Auth ends after unlocking; the greeter stays on the screen until the keeper takes it away."""
    stage.begin("pw")
    stage.running.send(greetd_ipc.success())
    stage.reach("welcome")
    stage.running.peer.close()
    assert stage.running.keeper_line() == "alive"
    assert stage.running.keeper_line() == "alive"
    assert stage.running.process.poll() is None


def test_a_rehearsal_is_a_window_of_its_own(x_server: str) -> None:
    """Without a cover the peer leads: prompt, probe, text, prompt again; success and its leaving end it."""
    hands = Hands(x_server)
    with greeter(x_server, None) as running:
        assert running.receive()["type"] == "create_session"
        window, prompt = 0, ""

        def shown() -> bool:
            nonlocal window
            window = hands.find("mousegate-greeter")
            return bool(window) and hands.state(window) == prompt

        layout = Stage(hands, running, 0).layout
        for number in (1, 2):
            prompt = f"Repetition {number} of 2"
            running.send(greetd_ipc.auth_message("secret", prompt))
            wait_until(shown, "the prompt")
            hands.click(layout.face)
            hands.click(layout.submit)
            assert running.receive()["response"] == ""
            answer = running.ask("visible", "mousegate-probe:1")
            assert len(greetd_ipc.encode(answer)) < 600
            running.ask("info", "Taken.")
        running.send(greetd_ipc.success())
        running.peer.close()
        assert running.end()[0] == 0
    hands.close()


def _left(window: Window) -> int:
    return int(window.get_geometry().x)


def test_the_greeter_follows_the_pointer_to_its_monitor() -> None:
    """It covers the monitor that holds the pointer, and clicks there have the right targets."""
    with xvfb(2560, 800) as display_name:
        split_in_two(display_name, 2560, 800)
        with opened(display_name) as stage:
            stage.reach("ready")
            display = Display(display_name)
            window = display.create_resource_object("window", stage.window)
            for left in (1280, 0, 1280):
                stage.hands.move(left + 700, 300)
                wait_until(lambda left=left: _left(window) == left, f"the greeter at {left}")  # type: ignore[misc]
            face, submit = (
                Rect(r.x + 1280, r.y, r.width, r.height) for r in (stage.layout.face, stage.layout.submit)
            )
            stage.hands.type("pw")
            stage.hands.click(face)
            stage.hands.click(submit)
            assert stage.running.receive()["type"] == "create_session"
            stage.running.ask("secret", "Password:")
            assert [click.target for click in stage.probe().rhythm] == [Target.FACE, Target.SUBMIT]
            display.close()


def test_more_movement_is_made_in_the_same_attempt(stage: Stage) -> None:
    """Asked again, the greeter fills its bar as the pointer moves, and answers by itself: same clicks, more
    movement; a click meanwhile is no part of the rhythm.
    """
    stage.begin("pw")
    stage.running.ask("secret", "Password:")
    first = stage.probe()
    stage.running.ask("info", "Please move the mouse a little more.")
    stage.running.send(greetd_ipc.auth_message("visible", "mousegate-probe:1"))
    stage.reach("moving")
    stage.hands.click(stage.layout.face)
    stage.hands.wander_until(stage.running.has_spoken)
    more = decode(stage.running.receive()["response"])
    assert more.rhythm == first.rhythm
    assert first.active_s < 1.5 <= more.active_s and more.windows > first.windows
    stage.running.send(greetd_ipc.success())
    stage.reach("welcome")
