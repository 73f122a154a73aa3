"""A greeter inside a small keeper's cover, with hands in front of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import Probe, decode
from mousegate.greeter.layout import Layout, compute
from tests.gui.hands import Hands
from tests.gui.keeper import STOP_KEYCODE, FakeKeeper
from tests.gui.peer import Running, greeter, wait_until


class Stage:
    """Everything that a test of the greeter touches."""

    def __init__(self, hands: Hands, running: Running, window: int) -> None:
        self.hands, self.running, self.window = hands, running, window
        self.layout: Layout = compute(1280, 800)

    def reach(self, state: str) -> None:
        """Wait for the state that the window's title tells."""
        wait_until(lambda: self.hands.state(self.window) == state, f"the greeter to be {state}")

    def begin(self, password: str) -> None:
        """Click the face and the password box, type, click Submit; the attempt has begun afterwards."""
        self.reach("ready") if self.hands.state(self.window) != "failed" else None
        self.hands.click(self.layout.face)
        self.hands.click(self.layout.password)
        self.hands.type(password)
        self.hands.click(self.layout.submit)
        assert self.running.receive()["type"] == "create_session"

    def probe(self) -> Probe:
        """Ask for the probe and return it."""
        answer: Message = self.running.ask("visible", "mousegate-probe:1")
        return decode(answer["response"])


OpenStage = Callable[..., Stage]


@contextmanager
def opened(display_name: str, directory: Path | None = None, **environment: str) -> Iterator[Stage]:
    """Open a stage on this display; `directory` holds another copy of the package."""
    with ExitStack() as stack:
        keeper = FakeKeeper(display_name)
        stack.callback(keeper.close)
        hands = Hands(display_name)
        stack.callback(hands.close)
        running = stack.enter_context(greeter(display_name, keeper.cover.id, directory, environment))
        window = running.window()
        keeper.forward_to(window)
        stack.callback(hands.codes, STOP_KEYCODE)
        yield Stage(hands, running, window)


@pytest.fixture
def stage(x_server: str) -> Iterator[Stage]:
    """Return a greeter that is ready."""
    with opened(x_server) as one:
        one.reach("ready")
        yield one
