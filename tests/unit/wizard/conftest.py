"""A home of its own, a draft in it, and a presenter whose work is done at once."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import pytest

from mousegate.errors import MousegateError
from mousegate.storage.config import Config
from mousegate.wizard.choices import Choices
from mousegate.wizard.draft import Draft
from mousegate.wizard.enrolment import Teacher
from mousegate.wizard.findings import Finding, Findings
from mousegate.wizard.presenter import Presenter
from mousegate.wizard.protection import Protection
from mousegate.wizard.steps import Step
from tests.unit.people import Person, reference

_Result = TypeVar("_Result")


@dataclass
class FakeServices:
    """Services that only remember."""

    acts: list[str] = field(default_factory=list)
    is_running: bool = False
    failure: str = ""

    def describe(self) -> str:
        """Say something."""
        return "It starts."

    def running(self) -> bool:
        """Whether they run."""
        return self.is_running

    def start(self) -> None:
        """Start, or fail."""
        if self.failure:
            raise MousegateError(self.failure)
        self.acts.append("start")

    def stop(self) -> None:
        """Stop."""
        self.acts.append("stop")


class AtOnce:
    """A runner that does everything at once."""

    def run(
        self,
        work: Callable[[], _Result],
        done: Callable[[_Result], None],
        failed: Callable[[MousegateError], None],
    ) -> None:
        """Do it now."""
        try:
            result = work()
        except MousegateError as error:
            failed(error)
        else:
            done(result)

    def post(self, call: Callable[[], None]) -> None:
        """Call now."""
        call()


@dataclass
class FakeView:
    """A window that only remembers."""

    steps: list[Step] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left: bool = False

    def show_step(self, step: Step) -> None:
        """Remember it."""
        self.steps.append(step)

    def refresh(self) -> None:
        """Nothing to draw."""

    def say_problem(self, text: str) -> None:
        """Remember it."""
        self.problems.append(text)

    def leave(self) -> None:
        """Remember it."""
        self.left = True


@dataclass
class Desk:
    """All that a test of the presenter touches."""

    presenter: Presenter
    view: FakeView
    services: FakeServices
    draft: Draft

    def begin(self) -> None:
        """Show the first page."""
        self.presenter.start(self.view)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, in which all XDG directories lie."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path}/no-bus")
    return tmp_path


@pytest.fixture(scope="session")
def ready_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft that is ready to be armed, codes and all; not to be changed."""
    made = Draft(tmp_path_factory.mktemp("ready") / "mousegate")
    enrolled(made, Step.ARM, matched=1)
    with made.store() as store:
        store.recovery.renew()
    return made.directory


def enrolled(draft: Draft, step: Step, **changes: int | str) -> Choices:
    """Fill a draft with Person(1)'s reference, as it is at `step`; return its choices."""
    with draft.store() as store:
        made = replace(reference(Person(1), store.key), label="me")
    draft.keep(made)
    choices = replace(Choices(label="me"), step=step, **changes)  # type: ignore[arg-type]
    draft.save(choices)
    return choices


@pytest.fixture
def desk(home: Path) -> Desk:
    """A presenter with nothing done yet."""
    services, view, draft = FakeServices(), FakeView(), Draft()
    good = Findings((Finding("display", "good", "is there.", ""),))
    presenter = Presenter(
        draft=draft, config=Config(), protection=Protection(lambda: services), teacher=Teacher(),
        run=AtOnce(), find=lambda: good,
    )  # fmt: skip
    return Desk(presenter, view, services, draft)
