"""What the presenter asks of those around it: one who shows, and one who works beside the window."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from mousegate.errors import MousegateError
from mousegate.wizard.steps import Step

_Result = TypeVar("_Result")


class Runner(Protocol):
    """Does what takes long beside the window."""

    def run(
        self,
        work: Callable[[], _Result],
        done: Callable[[_Result], None],
        failed: Callable[[MousegateError], None],
    ) -> None:
        """Do `work` elsewhere, then `done` with what it returned, or `failed`, in the window's thread."""

    def post(self, call: Callable[[], None]) -> None:
        """Do `call` in the window's thread; may be called from any."""


class View(Protocol):
    """The window, as far as the presenter knows it."""

    def show_step(self, step: Step) -> None:
        """Show the page of this step."""

    def refresh(self) -> None:
        """Show anew what the page tells: something has changed."""

    def say_problem(self, text: str) -> None:
        """Tell what went wrong and what to do."""

    def leave(self) -> None:
        """Close the window without asking."""
