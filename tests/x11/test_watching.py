"""Desk and monitor on a real X server: what is compared, by which device, and what is an attack."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from Xlib import X

from mousegate.capture import synthetic
from mousegate.capture.display import open_display
from mousegate.capture.replay import Playback, Player
from mousegate.core.events import Events, PointerDevice, from_columns
from mousegate.core.trust import ALARM_POINTS
from mousegate.daemon.desk import Desk
from mousegate.daemon.monitor import Monitor, MonitorParameters
from mousegate.daemon.recognition import Score
from tests.x11.devicehand import DeviceHand, make_touchpad
from tests.xvfb import xvfb

MINUTE = synthetic.session(synthetic.hand(1), 60)
SPEED = 40.0
HASTY = MonitorParameters(block_s=5.0 / SPEED, gap_s=0.4 / SPEED)
"""Movement is played faster than life, so a stretch is shorter."""
OTHER_MINUTE = synthetic.session(synthetic.hand(1), 60, seed=1)


class Scene:
    """A desk and a monitor that finds every movement usual, with a clock that goes on by seconds."""

    def __init__(self, display_name: str, window_classes: tuple[str, ...] = ()) -> None:
        self.desk = Desk(display_name, window_classes)
        self.monitor = Monitor(self._compare, ALARM_POINTS["balanced"], parameters=HASTY)
        self.compared: list[tuple[list[Events], PointerDevice]] = []
        self.now_s = 1000.0
        self.desk.look(self.now_s)

    def _compare(self, recordings: list[Events], device: PointerDevice) -> Score:
        self.compared.append((recordings, device))
        return Score(3.0, 5.0, "me")

    def watch(self, play: Callable[[Events], object], events: Events) -> list[str]:
        """Play second by second, and return the reasons of all anomalies."""
        reasons = []
        seconds = (events["time_ms"] - events["time_ms"][0]) // 1000
        for part in np.split(events, np.flatnonzero(np.diff(seconds)) + 1):
            play(part)
            self.now_s += 1
            look = self.desk.look(self.now_s)
            assert look is not None
            if (anomaly := self.monitor.feed(look, self.now_s).anomaly) is not None:
                reasons.append(anomaly.reason)
        return reasons


@pytest.fixture
def server() -> Iterator[str]:
    """An X server of one's own: a device that became a touchpad stays one."""
    with xvfb() as name:
        yield name


@pytest.fixture
def scene(server: str) -> Iterator[Scene]:
    """Everything watched."""
    made = Scene(server)
    yield made
    made.desk.close()


@pytest.fixture
def play(server: str) -> Iterator[Callable[[Events], object]]:
    """Play through the server's own mouse."""
    with DeviceHand(server) as hand:
        yield lambda events: hand.play(events, SPEED)


Play = Callable[[Events], object]


def test_a_hand_at_the_mouse_is_compared(scene: Scene, play: Play) -> None:
    """A minute by the server's own mouse is compared stretch by stretch, as the mouse's, and is no attack."""
    assert scene.watch(play, MINUTE) == []
    assert len(scene.compared) >= 5
    assert {device for _, device in scene.compared} == {PointerDevice.MOUSE}


def test_each_kind_of_device_is_compared_with_its_own_reference(
    server: str, scene: Scene, play: Play
) -> None:
    """What a touchpad moves is compared as a touchpad's, and no stretch is of two devices."""
    with xvfb() as other:
        make_touchpad(other)
        touched = Scene(other)
        with DeviceHand(other) as finger:
            assert touched.watch(lambda events: finger.play(events, SPEED), MINUTE) == []
        touched.desk.close()
    assert {device for _, device in touched.compared} == {PointerDevice.TOUCHPAD}
    with Player(server) as program:
        scene.monitor._allow_synthetic = True
        scene.watch(play, OTHER_MINUTE)
        scene.watch(lambda events: program.play(events, Playback(speed=SPEED)), MINUTE)
    assert {device for _, device in scene.compared} == {PointerDevice.MOUSE, PointerDevice.XTEST}


def test_programs_that_go_on_are_one_attack(server: str, scene: Scene) -> None:
    """A minute through XTEST is never compared and raises one anomaly; a second of it none."""
    with Player(server) as program:

        def play(events: Events) -> object:
            return program.play(events, Playback(speed=SPEED))

        assert scene.watch(play, MINUTE[MINUTE["time_ms"] < 1000]) == []
        reasons = scene.watch(play, MINUTE)
    assert reasons == ["a program moves the pointer"]
    assert scene.compared == [] and scene.monitor.trust < 0.5


def test_a_replay_through_a_device_is_one_attack(scene: Scene, play: Play) -> None:
    """Movement that was seen before is an attack though it compares well; another of the same hand is not."""
    assert scene.watch(play, MINUTE) == []
    assert scene.watch(play, OTHER_MINUTE) == []
    (reason,) = scene.watch(play, MINUTE)
    assert "seen before" in reason


def test_straight_lines_through_a_device_are_one_attack(scene: Scene, play: Play) -> None:
    """What a simple script draws is an attack, whatever device it claims to be."""
    corners = np.array([(100, 100), (900, 180), (800, 700), (150, 600)])
    legs = [np.linspace(corners[number % 4], corners[(number + 1) % 4], 60) for number in range(24)]
    x, y = np.rint(np.concatenate(legs)).T
    none = np.zeros(len(x))
    (reason,) = scene.watch(play, from_columns(25 * np.arange(len(x)), none, none, x, y))
    assert "no hand" in reason and scene.monitor.trust < 0.5


def test_other_windows_are_left_out(server: str, play: Play) -> None:
    """With a window class, only movement over its windows is compared, cut where the pointer left them."""
    display = open_display(server)
    window = display.screen().root.create_window(0, 0, 640, 800, 0, X.CopyFromParent)
    window.set_wm_class("editor", "Editor")
    window.map()
    display.sync()
    scene = Scene(server, ("Editor",))
    scene.watch(play, MINUTE)
    scene.desk.close()
    display.close()
    assert scene.compared
    for recordings, _ in scene.compared:
        assert all((recording["x"] < 640).all() for recording in recordings)
    assert any(len(recordings) > 1 for recordings, _ in scene.compared)
