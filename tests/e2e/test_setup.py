"""The wizard with real events, processes, PAM and X server: to the armed lock, and back out of every page."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mousegate.bus.names import NAME
from mousegate.storage.store import Store
from mousegate.wizard.draft import Draft
from mousegate.wizard.steps import Step
from tests.e2e.desktop import PASSWORD, Desktop, private_desktop
from tests.e2e.hand import synthetic_hands
from tests.e2e.screen import wait_until
from tests.e2e.setup_player import SetupPlayer
from tests.unit.wizard.conftest import enrolled

OWNED = "org.freedesktop.DBus.NameHasOwner"
CONFIGURATION = 'allow_synthetic = true\nclock_format = "%H:%M"  # mine\n'


@contextmanager
def player(desktop: Desktop, pictures: Path) -> Iterator[SetupPlayer]:
    """Open the wizard on a desktop."""
    one = SetupPlayer(desktop, pictures, on_outcome=lambda outcome: None)
    try:
        one.open()
        yield one
    except BaseException:
        one.save(pictures / "failed.png")
        raise
    finally:
        one.close()


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    """A desktop with a configuration and an unarmed store of its own."""
    with private_desktop() as one:
        one.configure(CONFIGURATION)
        with Store.create(one.store) as store:
            store.settings.disarm()
        yield one


def tree(desktop: Desktop) -> dict[str, bytes]:
    """Return every file in the home with its content, and every directory; what else runs keeps its own."""
    private = {".cache", "run"}
    return {
        str(path.relative_to(desktop.home)): path.read_bytes() if path.is_file() else b""
        for path in desktop.home.rglob("*")
        if not private & set(path.relative_to(desktop.home).parts)
    }


def daemon_answers(desktop: Desktop) -> bool:
    """Tell whether the daemon owns its name on the desktop's session bus."""
    asked = subprocess.run(
        ["dbus-send", "--print-reply", "--dest=org.freedesktop.DBus", "/", OWNED, f"string:{NAME}"],
        env=dict(desktop.env), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "true" in asked.stdout


def ended(one: SetupPlayer) -> int:
    """Return the exit status of the wizard, which is about to end."""
    assert one.process is not None
    return one.process.wait(timeout=30)


@pytest.mark.timeout(400)
def test_from_the_first_page_to_the_armed_lock(tmp_path: Path) -> None:
    """A person goes through all pages; afterwards the lock asks for the signature and opens with it."""
    owner, _ = synthetic_hands()
    with private_desktop() as desktop:
        desktop.configure(CONFIGURATION)
        with player(desktop, tmp_path) as one:
            one.wander_s = 6.0
            one.play_through(owner, movement_s=45.0)
            facts = json.loads(desktop.run("status", "--json").stdout)
            assert facts["armed"]
            assert facts["recovery_codes"] == 8
            assert CONFIGURATION in (desktop.home / ".config/mousegate/config.toml").read_text()
            assert (desktop.home / ".config/autostart/mousegate-autostart.desktop").exists()
            assert not Draft(desktop.store).directory.exists()
            wait_until(lambda: daemon_answers(desktop), 60, "the daemon")
            one.driver.press_key("Return")
            one.unlock(owner)
            one.escape(asked=False)
            assert ended(one) == 0


@pytest.mark.timeout(200)
@pytest.mark.parametrize("step", list(Step))
def test_aborting_leaves_everything_as_it_was(step: Step, desktop: Desktop, tmp_path: Path) -> None:
    """Whoever throws a setup away, on whichever page, has store, configuration and services as before."""
    before = tree(desktop)
    begun = step.number >= Step.MOVEMENT.number
    if begun:
        enrolled(Draft(desktop.store), Step.POLICY if step in (Step.RECOVERY, Step.ARM) else step, matched=1)
    with player(desktop, tmp_path) as one:
        if step in (Step.RECOVERY, Step.ARM):
            one.go_on()
        if step is Step.ARM:
            one.keep_codes()
            one.go_on()
        while one.step() != step.value:
            one.go_on()
        one.escape(asked=begun)
        if begun:
            one.driver.chord("Alt_L", "t")
        assert ended(one) == 0
    assert tree(desktop) == before


@pytest.mark.timeout(200)
def test_stopping_and_going_on(desktop: Desktop, tmp_path: Path) -> None:
    """Who keeps a setup for later finds the same page again; until then nothing but the draft has changed."""
    before = tree(desktop)
    enrolled(Draft(desktop.store), Step.RHYTHM, matched=1)
    with player(desktop, tmp_path) as one:
        one.go_on()
        one.escape(asked=True)
        one.driver.chord("Alt_L", "k")
        assert ended(one) == 0
    kept = {path: content for path, content in tree(desktop).items() if "/setup" not in path}
    assert kept == before
    with player(desktop, tmp_path) as one:
        assert one.step() == "try"


@pytest.mark.timeout(200)
def test_deleting_everything_needs_the_password(desktop: Desktop, tmp_path: Path) -> None:
    """With a wrong password all stays; with the right one nothing of mousegate is left in the home."""
    with Store.create(desktop.store) as store:
        store.settings.arm()
    enrolled(Draft(desktop.store), Step.PERSON)
    with player(desktop, tmp_path) as one:
        for password in ("wrong", PASSWORD):
            one.driver.chord("Alt_L", "d")
            one.await_question()
            one.driver.type(password)
            assert (desktop.store / "store.sqlite").exists()
            one.driver.press_key("Return")
            if password == "wrong":
                one.dismiss_problem()
        assert ended(one) == 0
    assert not desktop.store.exists()
    assert not (desktop.home / ".config/mousegate").exists()
    assert list((desktop.home / ".config").iterdir()) == []
