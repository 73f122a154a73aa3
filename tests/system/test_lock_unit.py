"""The lock's own unit under a real `systemd --user`: whatever is killed, the screen is locked again."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from Xlib import X

from mousegate.lock.supervisor import KEEPER_NAME
from mousegate.storage.store import Store
from tests.system.user_manager import NoManagerError, UserManager, user_manager
from tests.x11.stage import Stage, open_stage, wait_until

UNIT = Path(__file__).parents[2] / "systemd/mousegate-lock.service"


@dataclass(frozen=True)
class Session:
    """A person's X screen and user manager, with the unit started."""

    stage: Stage
    manager: UserManager

    def lock(self) -> int:
        """Run `mousegate lock`; return its exit status."""
        words = [sys.executable, "-P", "-m", "mousegate.cli.entry", "lock"]
        return subprocess.run(words, env=dict(self.manager.environment), check=False, timeout=60).returncode

    def supervisor(self) -> int:
        """Return the main process of the unit, or 0."""
        return int(self.manager.show(UNIT.name, "MainPID") or 0)

    def keeper(self) -> int:
        """Return the keeper's process, or 0."""
        words = ["pgrep", "-x", KEEPER_NAME, "-P", str(self.supervisor())]
        found = subprocess.run(words, capture_output=True, text=True, check=False).stdout.split()
        return int(found[0]) if found else 0

    def is_kept(self) -> bool:
        """Return whether a keeper has the screen."""
        selection = self.stage.display.intern_atom("_MOUSEGATE_LOCK_S0")
        return bool(self.stage.display.get_selection_owner(selection) != X.NONE)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """The unit as it is installed, started, and a store that says that the password alone unlocks."""
    if os.geteuid() != 0:
        pytest.skip("only root may give a `systemd --user` a control group of its own")
    with Store.create(tmp_path / "data/mousegate") as store:
        store.settings.disarm()
    units = tmp_path / ".config/systemd/user"
    units.mkdir(parents=True)
    shutil.copy(UNIT, units)
    programs = Path(sys.executable).parent
    with open_stage() as stage:
        environment = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "DISPLAY": stage.name,
            "XDG_SESSION_TYPE": "x11",
            "XDG_DATA_HOME": str(tmp_path / "data"),
        }
        try:
            with user_manager(tmp_path, environment) as manager:
                manager.systemctl("import-environment", *environment)  # as a desktop does when it starts
                started = manager.systemctl("start", UNIT.name)
                assert started.returncode == 0, manager.journal()[-12:]
                yield Session(stage, manager)
        except NoManagerError as reason:
            pytest.skip(f"no `systemd --user` can be started here: {reason}")


def test_unit_waits_locks_and_locks_again_whatever_is_killed(session: Session) -> None:
    """The keeper, the supervisor, then all processes of the unit are killed: covered, deaf, locked again."""
    stage, manager = session.stage, session.manager
    assert stage.covers() == [] and manager.show(UNIT.name, "StatusText").startswith("Waiting")
    assert session.lock() == 0 and stage.is_covered()
    wait_until(lambda: manager.show(UNIT.name, "StatusText") == "Locked", "the unit to say that it is locked")
    for victims in ("keeper", "supervisor", "all"):
        supervisor, keeper = session.supervisor(), session.keeper()
        assert supervisor and keeper
        if victims == "keeper":
            os.kill(keeper, signal.SIGKILL)
        elif victims == "supervisor":
            os.kill(supervisor, signal.SIGKILL)
        else:
            manager.systemctl("kill", "--signal=SIGKILL", UNIT.name)
        stage.key("a")
        stage.click(100, 100)
        assert stage.beneath.pixels() == 0
        wait_until(lambda gone=keeper: session.keeper() not in (0, gone), "the next keeper")  # type: ignore[misc]
        wait_until(lambda: session.is_kept() and stage.is_covered(), f"a lock after the death of {victims}")
        assert session.lock() == 5
    assert stage.beneath.received() == []
    assert int(manager.show(UNIT.name, "NRestarts")) == 2


def test_stop_does_not_open_the_screen(session: Session) -> None:
    """`systemctl stop` is refused, and SIGTERM to every process of the unit changes nothing."""
    assert session.lock() == 0
    keeper = session.keeper()
    assert session.manager.systemctl("stop", UNIT.name).returncode != 0
    session.manager.systemctl("kill", "--signal=SIGTERM", UNIT.name)
    session.stage.key("a")
    assert session.stage.is_covered() and session.stage.beneath.received() == []
    assert session.keeper() == keeper


def test_break_in_is_an_emergency_in_the_journal(session: Session) -> None:
    """Who destroys a cover is told of in the journal at priority 0, emergency."""
    assert session.lock() == 0
    session.stage.covers()[-1].destroy()
    session.stage.display.sync()
    wait_until(
        lambda: any(level == 0 and "cover" in text for level, text in session.manager.journal()),
        "the emergency",
    )
    wait_until(session.stage.is_covered, "the cover")
