"""Where and how long people click, per application."""

from pathlib import Path

import pytest

from mousegate.core.places import GRID, HOLD_BINS, PlacedClick
from mousegate.storage.history import DAY_S, Entry, History, What
from mousegate.storage.history_places import Places

NOON = 20_000.5 * DAY_S


@pytest.fixture
def history(tmp_path: Path) -> History:
    """A history that keeps ten days."""
    return History(tmp_path / "person", 10)


def click(application: str, across: float = 0.5, down: float = 0.5, hold_ms: int = 95) -> PlacedClick:
    """One click in a window."""
    return PlacedClick(application, across, down, hold_ms, 1000, 700)


def test_clicks_are_counted_on_a_coarse_grid(history: History) -> None:
    """Cells and bins add up over flushes and days, most clicked first; the last size is known."""
    places = Places(history)
    places.add([click("Firefox", 0.0, 0.0), click("Firefox", 0.999, 0.5)], NOON)
    places.add([click("Firefox", 0.001, 0.0, 900), click("XTerm")], NOON + DAY_S)
    firefox, xterm = places.applications()
    assert (firefox.name, firefox.clicks, xterm.clicks) == ("Firefox", 3, 1)
    assert (firefox.cells[0, 0], firefox.cells[GRID // 2, GRID - 1]) == (2, 1)
    assert (firefox.holds[9], firefox.holds[HOLD_BINS - 1]) == (2, 1)
    assert (firefox.width, firefox.height) == (1000, 700)
    assert [one.name for one in places.applications(NOON + DAY_S)] == ["Firefox", "XTerm"]


@pytest.mark.parametrize(("across", "down", "hold_ms"), [(-3.0, 9.0, -5), (1.0, 1.0, 10**9)])
def test_places_outside_are_clamped(across: float, down: float, hold_ms: int) -> None:
    """Whatever a window manager reports, the cell and the bin exist."""
    one = click("X", across, down, hold_ms)
    assert 0 <= one.cell < GRID * GRID and 0 <= one.hold_bin < HOLD_BINS


def test_they_are_kept_as_long_as_the_rest(history: History) -> None:
    """Days older than the retention go, with the application's shape."""
    places = Places(history)
    places.add([click("Old")], NOON)
    places.add([click("New")], NOON + 10 * DAY_S)
    History(history.path.parent, 10).append(Entry(NOON + 12 * DAY_S, What.LOCKED, 1.0))
    assert [one.name for one in places.applications()] == ["New"]


def test_one_application_can_be_forgotten(history: History) -> None:
    """The others stay."""
    places = Places(history)
    places.add([click("Bank"), click("XTerm")], NOON)
    places.forget("Bank", NOON)
    assert [one.name for one in places.applications()] == ["XTerm"]
    assert b"Bank" not in history.path.read_bytes()
