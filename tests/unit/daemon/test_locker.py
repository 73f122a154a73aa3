"""Running the lock command."""

import sys
from collections.abc import Callable

import pytest

from mousegate.daemon.locker import Locker
from mousegate.errors import DisplayError, GrabError, MousegateError


class Waiter:
    """Waits for the process when told to, as the main loop does when it ends."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, Callable[[int], None]]] = []

    def __call__(self, pid: int, ended: Callable[[int], None]) -> None:
        self.waiting.append((pid, ended))

    def finish(self) -> None:
        """Reap the process and tell."""
        import os

        pid, ended = self.waiting.pop()
        _, status = os.waitpid(pid, 0)
        ended(os.waitstatus_to_exitcode(status))


def command(status: int, words: str = "") -> tuple[str, ...]:
    """Return a command that says `words` and exits."""
    script = f"import sys; sys.stderr.write({words!r}); sys.exit({status})"
    return (sys.executable, "-c", script)


@pytest.mark.parametrize(
    ("status", "kind"), [(0, None), (5, None), (3, GrabError), (4, DisplayError), (70, MousegateError)]
)
def test_exit_status_is_the_answer(status: int, kind: type[MousegateError] | None) -> None:
    """Locked, or locked before, is success; everything else is an error with the command's last words."""
    waiter, answers = Waiter(), list[MousegateError | None]()
    locker = Locker(waiter, command(status, "mousegate: it could not.\n"))
    locker.lock(answers.append)
    assert answers == []
    waiter.finish()
    (answer,) = answers
    assert (type(answer) is kind and str(answer) == "it could not.") if kind else answer is None


def test_all_who_ask_meanwhile_share_one_start() -> None:
    """Three callers, one process, three answers; afterwards it can be started again."""
    waiter, answers = Waiter(), list[MousegateError | None]()
    locker = Locker(waiter, command(0))
    for _ in range(3):
        locker.lock(answers.append)
    assert len(waiter.waiting) == 1
    waiter.finish()
    assert answers == [None] * 3
    locker.lock(answers.append)
    waiter.finish()
    assert len(answers) == 4


def test_command_that_cannot_start_is_an_error() -> None:
    """Whoever asked is told at once."""
    answers = list[MousegateError | None]()
    Locker(Waiter(), ("/nonexistent/mousegate",)).lock(answers.append)
    assert isinstance(answers[0], MousegateError) and "NOT locked" in str(answers[0])
