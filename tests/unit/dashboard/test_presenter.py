"""What the window does, without a window."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mousegate.bus.client import DaemonState
from mousegate.core.standing import Standing
from mousegate.dashboard import words
from mousegate.dashboard.model import Incident, Span
from mousegate.dashboard.presenter import Content, Header, Presenter
from mousegate.errors import MousegateError
from mousegate.storage.history import Entry, History, Stretch, What
from mousegate.storage.history_places import Places
from mousegate.storage.store import Store
from tests.unit.people import Person, reference
from tests.unit.storage.test_history_places import click

NOW = 1_795_442_400.0
WATCHING = DaemonState(True, 0.93, False, 0.0, "", 1000, "0")


class FakeView:
    """Keeps what is shown."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.contents: list[Content] = []
        self.problem = ""

    def show_header(self, header: Header) -> None:
        """Keep it."""
        self.header = header

    def show_content(self, content: Content) -> None:
        """Keep it."""
        self.contents.append(content)

    def show_problem(self, text: str) -> None:
        """Keep it."""
        self.problem = text


class FakeDaemon:
    """Keeps what is asked, and refuses when told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.refusal: MousegateError | None = None

    def ask(self) -> None:
        """Count it."""
        self.calls.append(("ask",))

    def call(
        self, method: str, *values: object, failed: Callable[[MousegateError], None], patience_s: float = 5.0
    ) -> None:
        """Keep it."""
        self.calls.append((method, *values))
        if self.refusal is not None:
            failed(self.refusal)


class Scene:
    """A presenter between a view and a daemon, for one person."""

    def __init__(self, directory: Path, click_maps: bool = False) -> None:
        self.directory = directory
        self.now_s = NOW
        self.view, self.daemon = FakeView(), FakeDaemon()
        self.presenter = Presenter(self.view, str, lambda: self.now_s, click_maps, directory)

    def enrol(self) -> None:
        """Store a reference."""
        with Store.create(self.directory) as store:
            store.references.put(reference(Person(1), store.key), "")

    @property
    def header(self) -> Header:
        """What stands above."""
        assert self.view.header is not None
        return self.view.header

    @property
    def content(self) -> Content:
        """What the pages show."""
        return self.view.contents[-1]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """An enrolled person whose daemon is followed."""
    one = Scene(tmp_path / "person")
    one.enrol()
    one.presenter.follow(one.daemon)
    return one


@pytest.mark.parametrize(
    ("state", "standing", "buttons", "trust"),
    [
        (None, Standing.AWAY, (False, False, False), None),
        (WATCHING, Standing.WATCHING, (True, False, True), 0.93),
        (replace(WATCHING, trust=0.3), Standing.SUSPECT, (True, False, True), 0.3),
        (replace(WATCHING, monitoring=False, paused_until_s=NOW), Standing.PAUSED, (False, True, True), None),
        (replace(WATCHING, monitoring=False, locked=True), Standing.LOCKED, (False, False, False), None),
        (replace(WATCHING, monitoring=False), Standing.BLIND, (False, False, True), None),
    ],
)
def test_header_follows_the_daemon(
    scene: Scene,
    state: DaemonState | None,
    standing: Standing,
    buttons: tuple[bool, bool, bool],
    trust: float | None,
) -> None:
    """Only what makes sense can be pressed, and trust is shown only while it means something."""
    scene.presenter.state_changed(state)
    header = scene.header
    assert (header.standing, header.trust) == (standing, trust)
    assert (header.can_pause, header.can_resume, header.can_lock) == buttons


def test_empty_pages_say_why(tmp_path: Path) -> None:
    """Nothing enrolled, no daemon, click maps off: each has its own sentence with what to do."""
    scene = Scene(tmp_path / "person")
    scene.presenter.follow(None)
    assert "systemctl" in scene.content.trust_empty
    scene.presenter.state_changed(replace(WATCHING, monitoring=False))
    assert "mousegate enrol" in scene.content.trust_empty
    assert "click_maps = true" in scene.content.applications_empty
    assert "Nothing was compared" in scene.content.anomalies_empty
    on = Scene(tmp_path / "person", click_maps=True)
    on.presenter.follow(None)
    assert "No click has been counted yet" in on.content.applications_empty


def test_what_is_there_is_shown(scene: Scene) -> None:
    """With data none of the excuses stands there; another span reads anew."""
    history = History(scene.directory)
    history.append_stretches(
        [Stretch(NOW - 60, 1.7, 5.0, 1.0, 1.7), Stretch(NOW - 5 * 86_400, 1.7, 5, 1, 1.7)]
    )
    history.append(Entry(NOW - 50, What.ANOMALY, 0.4, "odd", NOW - 80))
    Places(history).add([click("Editor")], NOW)
    scene.presenter.choose(Span.WEEK)
    content = scene.content
    assert (content.trust_empty, content.anomalies_empty, content.applications_empty) == ("", "", "")
    assert len(content.past.curves.times_s) == 2
    scene.presenter.choose(Span.DAY)
    assert len(scene.content.past.curves.times_s) == 1
    scene.presenter.forget("Editor")
    assert scene.content.past.applications == ()


def test_pages_are_read_only_when_something_changed(scene: Scene) -> None:
    """Ticks ask the daemon, but do not read an unchanged history."""
    count = len(scene.view.contents)
    scene.presenter.tick()
    assert len(scene.view.contents) == count and ("ask",) in scene.daemon.calls
    History(scene.directory).append(Entry(NOW, What.LOCKED, 1.0))
    scene.presenter.tick()
    assert len(scene.view.contents) == count + 1


def test_buttons_ask_the_daemon_and_its_refusal_is_shown(scene: Scene) -> None:
    """Pause is for an hour; what the daemon refuses stands in the window."""
    scene.presenter.pause()
    scene.presenter.resume()
    scene.daemon.refusal = MousegateError("Another client holds the keyboard.")
    scene.presenter.lock()
    assert scene.daemon.calls == [("Pause", 3600), ("Resume",), ("Lock",)]
    assert scene.view.problem == "Another client holds the keyboard."


def test_a_broken_store_is_a_sentence(scene: Scene) -> None:
    """What cannot be read is said, and the header goes on."""
    (scene.directory / "store.sqlite").write_bytes(b"rubbish" * 500)
    scene.presenter.state_changed(WATCHING)
    assert "damaged" in scene.view.problem
    assert scene.header.title


def test_without_a_bus_it_says_so(tmp_path: Path) -> None:
    """Buttons explain that there is nobody to ask."""
    scene = Scene(tmp_path / "person")
    scene.presenter.follow(None)
    scene.presenter.lock()
    assert "session bus" in scene.view.problem


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3, "3 s"),
        (59.7, "1 min"),
        (754, "13 min"),
        (3600, "1 h"),
        (12_000, "3 h 20 min"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations_are_brief(seconds: float, said: str) -> None:
    """Two units at most."""
    assert words.duration(seconds) == said


def test_answers_are_told_in_words() -> None:
    """What came of an anomaly is one line; a lock that was not the answer is told, too."""
    one = Incident(10.0, 5.0, 0.4, "odd")
    assert words.answer(one, str) == "Nobody answered"
    assert words.answer(replace(one, answer="me"), str) == "You answered: it was me"
    assert words.answer(replace(one, locked_s=12.0), str).endswith("the screen was locked")
