"""Claims about where everything on the greeter stands."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.errors import UsageError
from mousegate.greeter.layout import Layout, Rect, as_json, compute, parse_size

SIZES = ((1280, 800), (1366, 768), (1920, 1080), (3840, 2160), (1080, 1920), (800, 600), (2560, 1080))
MONITORS = st.tuples(st.integers(320, 16384), st.integers(240, 16384))


def _parts(layout: Layout) -> dict[str, Rect]:
    names = ("clock", "date", "face", "name", "password", "submit", "message", "link", "recovery", "back")
    return {name: getattr(layout, name) for name in names}


def _overlap(one: Rect, other: Rect) -> bool:
    apart_x = one.x + one.width <= other.x or other.x + other.width <= one.x
    apart_y = one.y + one.height <= other.y or other.y + other.height <= one.y
    return not (apart_x or apart_y)


@given(MONITORS)
def test_everything_is_on_the_monitor(size: tuple[int, int]) -> None:
    """No part reaches beyond the monitor, whatever its size and shape."""
    width, height = size
    for name, rect in _parts(compute(width, height)).items():
        assert rect.x >= 0, name
        assert rect.y >= 0, name
        assert rect.x + rect.width <= width, name
        assert rect.y + rect.height <= height, name
        assert rect.width > 0, name
        assert rect.height > 0, name


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_parts_do_not_overlap(width: int, height: int) -> None:
    """Only the link and the field that it opens share their place."""
    parts = _parts(compute(width, height))
    del parts["link"]
    names = list(parts)
    for number, one in enumerate(names):
        for other in names[number + 1 :]:
            assert not _overlap(parts[one], parts[other]), (one, other)


@given(MONITORS)
def test_face_and_submit_are_round(size: tuple[int, int]) -> None:
    """Discs are drawn in squares."""
    layout = compute(*size)
    assert layout.face.width == layout.face.height
    assert layout.submit.width == layout.submit.height


def test_twice_the_monitor_is_twice_the_size() -> None:
    """Sizes are those of the monitor, so that 4K looks like full HD."""
    small, large = compute(1920, 1080), compute(3840, 2160)
    assert large.scale == 2 * small.scale
    assert abs(large.password.width - 2 * small.password.width) <= 2
    assert abs(large.face.y - 2 * small.face.y) <= 1


def test_json_holds_the_rectangles_a_driver_needs() -> None:
    """--layout prints [x, y, width, height] of face, password and submit."""
    layout = compute(1280, 800)
    found = json.loads(as_json(layout))
    assert found["face"] == layout.face.as_list()
    assert found["password"] == layout.password.as_list()
    assert found["submit"] == layout.submit.as_list()


@pytest.mark.parametrize(
    "text", ["", "1280", "1280x", "x800", "1280X800", "-1x5", "1e3x5", "1280x800 ", "٣x٣"]
)
def test_a_size_that_is_none_is_refused(text: str) -> None:
    """Anything but WIDTHxHEIGHT is a usage error that names what was given."""
    with pytest.raises(UsageError, match="WIDTHxHEIGHT"):
        parse_size(text)


@pytest.mark.parametrize(("width", "height"), [(0, 0), (63, 600), (800, 63), (40000, 600)])
def test_a_size_that_no_monitor_has_is_refused(width: int, height: int) -> None:
    """Sizes beyond what X can show are usage errors."""
    with pytest.raises(UsageError, match="real size"):
        compute(width, height)
