"""Machine-made motion is told from hands."""

import numpy as np
import pytest

from mousegate.core.attack import machine_sign, machine_straight
from mousegate.core.events import Events, Kind, empty_events, from_columns


def line(start: complex, end: complex, points: int, start_ms: int = 0, step_ms: int = 8) -> Events:
    """Linear movement at constant speed, as scripts make it."""
    path = np.rint(np.linspace(start, end, points).view(float)).view(complex)
    times = start_ms + step_ms * np.arange(points)
    none = np.zeros(points)
    return from_columns(times, none, none, path.real, path.imag)


def click(x: int, y: int, time_ms: int) -> Events:
    """One left click of 80 ms."""
    return from_columns(*(np.array(c) for c in ([time_ms, time_ms + 80], [1, 2], [1, 1], [x, x], [y, y])))


def bowed(start: complex, end: complex, bow: float, points: int = 60) -> Events:
    """A minimum-jerk reach with a bow, as hands make it (Flash & Hogan 1985)."""
    t = np.linspace(0, 1, points)
    along = t**3 * (10 - 15 * t + 6 * t**2)
    path = start + (end - start) * (along + 1j * bow * np.sin(np.pi * along))
    none = np.zeros(points)
    return from_columns(16 * np.arange(points), none, none, np.rint(path.real), np.rint(path.imag))


@pytest.mark.parametrize("end", [400 + 0j, 400 + 300j, 171 + 333j, -250 + 90j])
def test_a_line_in_any_direction_is_machine_made(end: complex) -> None:
    """Rounding to pixels does not hide a true line."""
    assert machine_sign(line(500 + 500j, 500 + 500j + end, 100)) == "movement in straight lines"


def test_a_line_with_bell_shaped_speed_is_machine_made() -> None:
    """Easing the speed, as automation libraries do, does not hide a straight line."""
    assert machine_straight(bowed(0j, 700 + 200j, bow=0.0))


def test_coarse_constant_speed_is_machine_made() -> None:
    """A few large equal steps are recognised though they are too few for the straight-line test."""
    pieces = [line(0j, 300 + 200j, 10), line(300 + 200j, 20 + 300j, 10, 500)]
    assert machine_straight(np.concatenate(pieces))


def test_jumps_from_click_to_click_are_machine_made() -> None:
    """`xdotool mousemove X Y click 1`, thrice, is no hand."""
    events = np.concatenate([click(100, 100, 0), click(400, 300, 500), click(400, 500, 900)])
    assert machine_sign(events) == "jumps from click to click"


def test_clicking_on_one_spot_is_not_a_jump() -> None:
    """A chosen rhythm of several clicks without movement between is a person's right."""
    assert not machine_straight(np.concatenate([click(300, 300, 400 * i) for i in range(6)]))


def test_a_bowed_reach_is_a_hand() -> None:
    """A slightly curved reach with bell-shaped speed is not flagged."""
    assert not machine_straight(bowed(100 + 100j, 700 + 400j, bow=0.05))


def test_nothing_is_not_machine_made() -> None:
    """No events, or few, carry no sign."""
    assert not machine_straight(empty_events())
    assert not machine_straight(line(0j, 10 + 0j, 3))


def test_wheel_steps_are_not_clicks() -> None:
    """Scrolling at two places is no jump from click to click."""
    events = np.concatenate([click(100, 100, 0), click(900, 100, 500), click(100, 900, 900)])
    events["button"] = 5
    assert set(events["kind"]) == {Kind.PRESS, Kind.RELEASE}
    assert not machine_straight(events)
