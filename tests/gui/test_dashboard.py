"""The dashboard: its widgets with a week of history, and the program on a real X server and bus."""

import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QListWidget,
    QMessageBox,
    QStackedWidget,
    QWidget,
)

from mousegate.bus.client import DaemonState
from mousegate.dashboard.charts import Chart
from mousegate.dashboard.heatmap import HeatMap
from mousegate.dashboard.model import Span
from mousegate.dashboard.presenter import Presenter
from mousegate.dashboard.theme import THEMES, apply
from mousegate.dashboard.window import PAGES, Window
from tests.bus.peer import Peer, running_daemon
from tests.e2e.desktop import private_desktop
from tests.gui.dashboard import started, title_becomes, window_of
from tests.gui.hands import Hands
from tests.gui.week import HOT_SPOTS, Week

pytestmark = pytest.mark.timeout(240)
NOW = 1_795_442_400.0
WATCHING = DaemonState(True, 0.93, False, 0.0, "", 1000, "0")


@pytest.fixture(scope="session")
def application() -> Iterator[QApplication]:
    """Return the one Qt application of this process, without a screen."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QT_QPA_PLATFORM", "offscreen")
        one = QApplication(["mousegate-dashboard"])
    yield one


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up working week that ends at NOW."""
    directory = tmp_path_factory.mktemp("week") / "person"
    Week(directory, NOW).write()
    return directory


@pytest.fixture
def week(written: Path, tmp_path: Path) -> Path:
    """A copy of it for each test."""
    shutil.copytree(written, tmp_path / "person")
    return tmp_path / "person"


@pytest.fixture
def window(request: pytest.FixtureRequest, application: QApplication, week: Path) -> Iterator[Window]:
    """The window with that week; every text that was translated begins with §."""
    theme = THEMES[getattr(request, "param", "light")]
    apply(application, theme)
    one = Window(theme, lambda text: f"§{text}")
    presenter = Presenter(one, lambda text: f"§{text}", lambda: NOW, True, week)
    presenter.follow(None)
    presenter.state_changed(WATCHING)
    one.serve(presenter)
    one.choose(Span.WEEK)
    one.show()
    application.setActiveWindow(one)
    yield one
    one.close()
    one.deleteLater()


@pytest.mark.parametrize("window", sorted(THEMES), indirect=True)
def test_pages_are_reached_by_keyboard(window: Window) -> None:
    """Ctrl+1 to Ctrl+4 and the arrow keys lead through the pages; everything there has a name."""
    (pages,) = window.findChildren(QStackedWidget, "pages")
    for number in reversed(range(len(PAGES))):
        QTest.keyClick(window, str(number + 1), Qt.ControlModifier)
        assert pages.currentIndex() == number
    (nav,) = window.findChildren(QListWidget, "nav")
    QTest.keyClick(nav, Qt.Key_Down)
    assert pages.currentIndex() == 1
    drawings: list[QWidget] = [*window.findChildren(Chart), *window.findChildren(HeatMap)]
    assert all(one.accessibleName() for one in (*window.findChildren(QListWidget), *drawings))
    assert all(re.search(r"\d", one.accessibleDescription()) for one in drawings)


def test_every_word_can_be_translated(window: Window) -> None:
    """No label or button holds letters that did not go through the translator, but for facts and units."""
    facts = re.compile(
        r"mousegate|([A-Z][a-z]{2} )?\d+:\d\d|[\d.+… -]+( (s|min|h|d|%))*|\d+ h \d+ min|"
        + "|".join([*map(re.escape, HOT_SPOTS), "the mouse is not moved.*"])
    )
    texts = [one.text() for one in window.findChildren(QLabel)]
    texts += [one.text() for one in window.findChildren(QAbstractButton)]
    for text in texts:
        assert "§" in text or not text or facts.fullmatch(text), text


def test_lists_show_the_week(window: Window) -> None:
    """Every anomaly and application is listed, and choosing one shows it; what is chosen stays."""
    anomalies, applications = (
        next(one for one in window.findChildren(QListWidget, "list") if one.accessibleName() == name)
        for name in ("§Anomalies", "§Applications")
    )
    assert anomalies.count() >= 2 and applications.count() == len(HOT_SPOTS)
    applications.setCurrentRow(2)
    (heat,) = window.findChildren(HeatMap)
    chosen = applications.currentItem()
    assert chosen is not None and chosen.text().split("\n")[0] in heat.accessibleName()
    window.choose(Span.MONTH)
    assert applications.currentRow() == 2


def test_an_application_is_forgotten_only_after_a_question(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No keeps it, Yes deletes it."""
    (button,) = (one for one in window.findChildren(QAbstractButton) if "Forget" in one.text())
    applications = next(
        one for one in window.findChildren(QListWidget, "list") if one.accessibleName() == "§Applications"
    )
    count = applications.count()
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.No)
    button.click()
    assert applications.count() == count
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.Yes)
    button.click()
    assert applications.count() == count - 1


def test_window_follows_the_daemon(tmp_path: Path) -> None:
    """Its title tells how it stands as the daemon comes, pauses and goes; a second start raises it."""
    with (
        private_desktop() as desktop,
        closing(Hands(desktop.display)) as hands,
        started(desktop, tmp_path / "log") as program,
    ):
        window = window_of(hands, program)
        title_becomes(hands, window, "Not running")
        with running_daemon(desktop, tmp_path / "daemon.log"):
            title_becomes(hands, window, "Nothing enrolled")
            peer = Peer(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
            peer.daemon.pause(600)
            title_becomes(hands, window, "Paused")
            peer.daemon.resume()
            title_becomes(hands, window, "Nothing enrolled")
            peer.close()
        title_becomes(hands, window, "Not running")
        with started(desktop, tmp_path / "second") as second:
            assert second.process.wait(60) == 0
        assert program.process.poll() is None
        assert program.said() == ""


def test_without_display_it_says_so(tmp_path: Path) -> None:
    """One line and status 4."""
    with private_desktop() as desktop, started(desktop, tmp_path / "log", DISPLAY="") as program:
        assert program.process.wait(60) == 4
        assert program.said().count("\n") == 1
