"""Recording live movement for enrolment, on a real X server."""

import threading
from collections.abc import Iterator

import pytest
from Xlib import X, display
from Xlib.ext import xtest

from mousegate.cli.enrolment import record_live
from mousegate.core.events import PointerDevice
from mousegate.errors import DisplayError, FailureToEnrol


@pytest.fixture
def moving(x_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A program that moves the pointer all the time."""
    monkeypatch.setenv("DISPLAY", x_server)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    over = threading.Event()

    def move() -> None:
        connection = display.Display(x_server)
        step = 0
        while not over.wait(0.01):
            step += 1
            xtest.fake_input(connection, X.MotionNotify, x=100 + step % 200, y=100 + step % 50)
            connection.flush()
        connection.close()

    thread = threading.Thread(target=move)
    thread.start()
    yield
    over.set()
    thread.join()


def test_movement_is_recorded_with_its_device(moving: None) -> None:
    """Where tests allow programs to move the pointer, their events and device come back."""
    events, device = record_live(0.6, allow_synthetic=True)
    assert len(events) > 10
    assert device is PointerDevice.XTEST


def test_a_program_at_the_mouse_is_refused(moving: None) -> None:
    """Otherwise nobody can be enrolled while a program moves the pointer."""
    with pytest.raises(FailureToEnrol, match="program"):
        record_live(0.3, allow_synthetic=False)


def test_without_a_display_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """No display: one clear line."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DisplayError, match="DISPLAY"):
        record_live(0.3, allow_synthetic=True)
