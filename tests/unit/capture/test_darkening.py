"""What is asked of an X server that can put its monitors to sleep; the servers of the tests cannot."""

from types import SimpleNamespace

import pytest
from Xlib import X
from Xlib.ext import dpms

from mousegate.capture.idle import ScreenState


class Scripted:
    """An X server with DPMS, as far as blanking knows it. on: whether the person has DPMS enabled."""

    def __init__(self, on: bool, capable: bool = True) -> None:
        self.on, self.capable = on, capable
        self.level = dpms.DPMSModeOn
        self.calls: list[str] = []

    def force_screen_saver(self, mode: int) -> None:
        self.calls.append("blank" if mode == X.ScreenSaverActive else "unblank")

    def has_extension(self, name: str) -> bool:
        return name == "DPMS"

    def dpms_capable(self) -> SimpleNamespace:
        return SimpleNamespace(capable=self.capable)

    def dpms_info(self) -> SimpleNamespace:
        return SimpleNamespace(state=self.on)

    def dpms_enable(self) -> None:
        self.on = True

    def dpms_disable(self) -> None:
        self.on = False

    def dpms_force_level(self, level: int) -> None:
        assert self.on, "a server whose DPMS is off answers BadMatch"
        self.level = level

    def sync(self) -> None:
        self.calls.append("sync")


def state_of(display: Scripted) -> ScreenState:
    """Return what blanks this display."""
    state = ScreenState()
    vars(state)["_display"] = display
    return state


@pytest.mark.parametrize("on", [True, False])
def test_monitors_sleep_and_dpms_is_left_as_it_was(on: bool) -> None:
    """It is enabled for as long as the screen is dark, where the person has it off."""
    display = Scripted(on)
    state = state_of(display)
    state.darken()
    assert (display.level, display.on, display.calls[0]) == (dpms.DPMSModeOff, True, "blank")
    state.settle()
    assert display.on is on


def test_monitors_that_cannot_sleep_are_blanked() -> None:
    """Then DPMS is not touched."""
    display = Scripted(on=False, capable=False)
    state_of(display).darken()
    assert (display.calls[0], display.level, display.on) == ("blank", dpms.DPMSModeOn, False)
