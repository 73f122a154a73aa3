"""Arming happens whole or not at all; services through systemd or autostart."""

import os
import shutil
from pathlib import Path

import pytest

from mousegate.errors import ConfigurationError, MousegateError, StoreError, UsageError
from mousegate.storage.config import load
from mousegate.storage.store import Store
from mousegate.wizard import services
from mousegate.wizard.draft import Draft
from mousegate.wizard.protection import Protection
from mousegate.wizard.steps import Step
from tests.unit.wizard.conftest import FakeServices, enrolled


def tree(home: Path) -> dict[str, bytes]:
    """Return every file below `home` outside the draft, with its content."""
    return {
        str(path): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and "setup" not in path.parts
    }


@pytest.fixture
def draft(home: Path, ready_directory: Path) -> Draft:
    """A draft that is ready to be armed."""
    made = Draft()
    made.real_directory.parent.mkdir(exist_ok=True)
    made.real_directory.mkdir(mode=0o700)
    shutil.copytree(ready_directory, made.directory)
    return made


def test_an_armed_draft_is_a_store(draft: Draft) -> None:
    """Settings are written, the store is armed, the services are started."""
    fake = FakeServices()
    Protection(lambda: fake).arm(draft, draft.load())
    store = Store.open()
    assert store is not None
    with store:
        assert store.settings.armed
        assert store.recovery.count() == 8
    assert fake.acts == ["start"]
    assert load().idle_minutes == 10


@pytest.mark.parametrize("had_store", [False, True])
def test_a_failure_undoes_all(draft: Draft, home: Path, had_store: bool) -> None:
    """Where the services cannot be started, store and configuration are as before, and the draft is kept."""
    if had_store:
        Store.create(draft.real_directory).close()
        draft.discard()
        enrolled(draft, Step.ARM, matched=1)
    before = tree(home)
    broken = FakeServices(failure="systemd says no.")
    with pytest.raises(MousegateError, match="systemd says no"):
        Protection(lambda: broken).arm(draft, draft.load())
    assert tree(home) == before
    assert broken.acts == ["stop"]
    assert draft.exists()


def test_a_configuration_with_a_mistake_is_not_written_over(draft: Draft, home: Path) -> None:
    """The mistake is named, and nothing is armed."""
    (home / "config/mousegate").mkdir(parents=True)
    (home / "config/mousegate/config.toml").write_text("polcy = 'all'\n")
    before = tree(home)
    with pytest.raises(ConfigurationError, match="polcy"):
        Protection(FakeServices).arm(draft, draft.load())
    assert tree(home) == before


def test_a_store_of_another_key_is_refused(draft: Draft) -> None:
    """A store that was made anew meanwhile cannot take over what was enrolled under the old key."""
    Store.create(draft.real_directory).close()
    with pytest.raises(StoreError, match="made anew"):
        Protection(FakeServices).arm(draft, draft.load())


def test_without_a_match_nothing_is_armed(draft: Draft, home: Path) -> None:
    """The last line of defence stands where the arming is done."""
    before = tree(home)
    with pytest.raises(UsageError, match="must match"):
        Protection(FakeServices).arm(draft, draft.load().untried())
    assert tree(home) == before


FAKE_SYSTEMCTL = """#!/bin/sh
echo "$@" >> "$SYSTEMCTL_LOG"
case "$2" in
    show) echo "${SYSTEMCTL_LOAD:-loaded}" ;;
    is-enabled) exit 1 ;;
    enable) if [ -n "$SYSTEMCTL_FAIL" ]; then echo "Failed to enable unit." >&2; exit 1; fi ;;
esac
"""


@pytest.fixture
def systemctl(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A systemctl that writes down what it is told; the path of what it wrote."""
    program = home / "bin/systemctl"
    program.parent.mkdir()
    program.write_text(FAKE_SYSTEMCTL)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("SYSTEMCTL_LOG", str(home / "systemctl.log"))
    return home / "systemctl.log"


def test_units_are_enabled_and_started(systemctl: Path) -> None:
    """Where the user manager knows both units, it starts them now and with every session."""
    found = services.services()
    found.start()
    assert "--user enable --now mousegate-lock.service mousegate.service" in systemctl.read_text()
    found.stop()
    assert "--user disable mousegate-lock.service mousegate.service" in systemctl.read_text()


def test_a_unit_that_does_not_start_is_told(systemctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What systemd says is passed on."""
    monkeypatch.setenv("SYSTEMCTL_FAIL", "1")
    with pytest.raises(MousegateError, match=r"could not be started \(Failed to enable unit"):
        services.services().start()


def test_without_units_the_session_starts_the_daemon(
    systemctl: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no manager knows the units, a file in the autostart does, and is removed again."""
    monkeypatch.setenv("SYSTEMCTL_LOAD", "not-found")
    found = services.services()
    assert isinstance(found, services.AutostartServices)
    monkeypatch.setattr(services, "_daemon", lambda: ["/bin/true"])
    found.start()
    entry = home / "config/autostart/mousegate-autostart.desktop"
    assert "Exec=/bin/true" in entry.read_text()
    assert found.running()
    found.stop()
    assert not entry.exists()
