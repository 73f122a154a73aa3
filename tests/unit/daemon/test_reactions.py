"""What happens on an anomaly."""

from pathlib import Path

import pytest

from mousegate.core.trust import ALARM_POINTS
from mousegate.daemon.chronicle import Chronicle
from mousegate.daemon.locker import Done
from mousegate.daemon.monitor import Monitor
from mousegate.daemon.notifier import Message
from mousegate.daemon.reactions import Reactions
from mousegate.daemon.recognition import Recognition
from mousegate.daemon.service import Service
from mousegate.daemon.state import Anomaly
from mousegate.storage.history import History

ANOMALY = Anomaly(1000.0, 0.42, "another hand", 940.0)


class FakeScreen:
    """Counts locks."""

    def __init__(self) -> None:
        self.locks = 0

    def lock(self, done: Done) -> None:
        """Be locked at once."""
        self.locks += 1
        done(None)


class FakeShower:
    """Keeps what is shown."""

    def __init__(self) -> None:
        self.shown: list[Message] = []

    def show(self, message: Message) -> bool:
        """Keep it."""
        self.shown.append(message)
        return True

    def clear(self) -> None:
        """Drop it."""
        self.shown.clear()


class Scene:
    """Reactions with everything around them."""

    def __init__(self, directory: Path, on_anomaly: str, hook: str = "") -> None:
        self.screen, self.shower, self.history = FakeScreen(), FakeShower(), History(directory)
        recogniser = Recognition(directory)
        self.monitor = Monitor(recogniser.score, ALARM_POINTS["balanced"])
        self.service = Service(recogniser, self.screen, self.monitor)
        self.hooked: list[tuple[str, dict[str, str]]] = []
        self.service.add_listener(Chronicle(self.history, lambda *_words, **_facts: None))
        self.reactions = Reactions(self.service, on_anomaly, hook, lambda *words: self.hooked.append(words))
        self.reactions.show_on(self.shower)

    def kinds(self) -> list[str]:
        """Return what was remembered."""
        return [entry.kind for entry in self.history.since()]


@pytest.mark.parametrize(("policy", "shown", "locks"), [("log", 0, 0), ("notify", 1, 0), ("lock", 0, 1)])
def test_each_policy_does_what_it_says(tmp_path: Path, policy: str, shown: int, locks: int) -> None:
    """Logging is silent, notifying shows, locking locks (and the alert goes once it is locked)."""
    scene = Scene(tmp_path / "person", policy)
    scene.reactions.anomaly(ANOMALY)
    assert (len(scene.shower.shown), scene.screen.locks) == (shown, locks)


def test_hook_gets_the_facts(tmp_path: Path) -> None:
    """The program is run once with what is known in its environment."""
    scene = Scene(tmp_path / "person", "log", "/usr/local/bin/tell")
    scene.reactions.anomaly(ANOMALY)
    ((program, facts),) = scene.hooked
    assert program == "/usr/local/bin/tell"
    assert (facts["MOUSEGATE_TRUST"], facts["MOUSEGATE_SINCE"]) == ("0.420", "940")


@pytest.mark.parametrize("key", ["lock", "me", "pause"])
def test_answers_are_obeyed_and_remembered(tmp_path: Path, key: str) -> None:
    """Lock now locks, the others do not; each answer is in the history."""
    scene = Scene(tmp_path / "person", "notify")
    scene.reactions.pressed(key)
    assert scene.screen.locks == (key == "lock")
    assert scene.kinds()[0] == "answer"
