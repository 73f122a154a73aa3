"""Each thing that doctor finds is found where it is wrong, and the finding says what to do."""

import getpass
import os
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mousegate.cli.checks import CHECKS, daemon, desktop, devices, person, system
from mousegate.cli.doctor import examine
from mousegate.cli.finding import Check, Finding, Health
from mousegate.core.events import PointerDevice
from mousegate.storage.store import Store
from mousegate.system.lightdm import DROP_IN
from mousegate.system.machine import Machine
from tests.unit.people import Person, reference


def worst(check: Check) -> Finding:
    """Return the worst finding of a check."""
    order = [Health.GOOD, Health.HINT, Health.PROBLEM]
    return max(examine(check), key=lambda finding: order.index(finding.health))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], Path]:
    """Put a shell script of this name first in PATH."""
    folder = tmp_path / "programs"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def write(name: str, text: str) -> Path:
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
        return folder / name

    return write


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Run a program under another name until the test ends."""
    started: list[subprocess.Popen[bytes]] = []

    def run(name: str, *words: str) -> None:
        sleep = shutil.which("sleep")
        assert sleep
        shutil.copy(sleep, tmp_path / name)
        started.append(subprocess.Popen([tmp_path / name, "60", *words]))
        comm = Path(f"/proc/{started[-1].pid}/comm")
        deadline = time.monotonic() + 20
        while comm.read_text().strip() != name[:15]:
            assert time.monotonic() < deadline

    yield run
    for process in started:
        process.kill()
        process.wait()


def test_every_hint_and_problem_says_how_to_mend(home: Path) -> None:
    """In an empty home, without a session, whatever is found has words on what to do."""
    found = [finding for check in CHECKS for finding in examine(check)]
    assert [one for one in found if one.health is not Health.GOOD and not (one.mend or ";" in one.text)] == []


def test_no_runtime_directory(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without XDG_RUNTIME_DIR the waiting keeper cannot be asked."""
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    assert worst(desktop.check_session).health is Health.HINT


def test_a_runtime_directory_of_all(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that others may enter is a problem; one that is not there, too; a private one is good."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for mode, health in ((0o755, Health.PROBLEM), (0o700, Health.GOOD)):
        tmp_path.chmod(mode)
        assert worst(desktop.check_session).health is health
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    assert worst(desktop.check_session).health is Health.PROBLEM


def test_wayland_and_no_display_are_told_once(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only check_display speaks of it."""
    assert worst(desktop.check_display).health is Health.PROBLEM
    assert examine(desktop.check_compositor) == []
    assert examine(devices.check_devices) == []
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert "Wayland" in worst(desktop.check_display).text


def test_a_display_is_looked_at(home: Path, x_server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a real X server, without a compositor and with no pointer but XTEST's."""
    monkeypatch.setenv("DISPLAY", x_server)
    assert "none runs" in worst(desktop.check_compositor).text
    assert worst(devices.check_devices).health in (Health.GOOD, Health.HINT)


def test_a_device_without_a_reference(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A touchpad beside an enrolled mouse is told, with the command that enrols it."""
    with Store.create() as store:
        store.references.put(reference(Person(1), store.key, device=PointerDevice.MOUSE), "")
    monkeypatch.setattr(devices, "_present", lambda: {PointerDevice.MOUSE, PointerDevice.TOUCHPAD})
    assert "--device touchpad" in worst(devices.check_devices).mend
    monkeypatch.setattr(devices, "_present", lambda: {PointerDevice.MOUSE})
    assert worst(devices.check_devices).health is Health.GOOD
    monkeypatch.setattr(devices, "_present", set)
    assert "no mouse" in worst(devices.check_devices).text


@pytest.mark.parametrize("name", ["light-locker", "xscreensaver", "xautolock"])
def test_another_locker_is_a_problem(home: Path, running: Callable[..., None], name: str) -> None:
    """A real process of that name is found."""
    running(name)
    found = worst(desktop.check_lockers)
    assert (found.health, name in found.text) == (Health.PROBLEM, True)


def test_the_installation(home: Path, program: Callable[[str, str], Path]) -> None:
    """Another mousegate in PATH is told."""
    program("mousegate", "exit 0")
    assert "another installation" in worst(system.check_installation).text


def test_a_file_of_the_installation_that_is_gone(tmp_path: Path) -> None:
    """What was listed and is missing is named; a list that cannot be read is a problem."""
    record = tmp_path / "installed.json"
    (package,) = system._missing_files(record)
    assert package.health is Health.GOOD
    record.write_text('{"files": ["/none/such"], "directories": []}')
    (gone,) = system._missing_files(record)
    assert (gone.health, "/none/such" in gone.text) == (Health.PROBLEM, True)
    record.write_text("rubbish")
    (unreadable,) = system._missing_files(record)
    assert unreadable.health is Health.PROBLEM


def test_login_that_asks_for_a_module_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then nobody could log in: a problem. A comment is no line of PAM's; with the module it is good."""
    monkeypatch.setattr(system, "_PAM_FILES", tmp_path)
    monkeypatch.setattr(system, "_MODULE_PLACES", ("/none",))
    (tmp_path / "lightdm").write_text("# auth required pam_mousegate.so\n")
    assert worst(system.check_login).health is Health.GOOD
    (tmp_path / "lightdm").write_text("auth required pam_unix.so\nauth required pam_mousegate.so\n")
    assert worst(system.check_login).health is Health.PROBLEM
    (tmp_path / "pam_mousegate.so").touch()
    monkeypatch.setattr(system, "_MODULE_PLACES", (str(tmp_path),))
    assert "lightdm" in worst(system.check_login).text
    assert worst(system.check_login).health is Health.GOOD


def test_login_that_is_asked_where_there_is_no_mouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature in common-auth, which sudo and ssh ask, is a problem."""
    monkeypatch.setattr(system, "_PAM_FILES", tmp_path)
    monkeypatch.setattr(system, "_MODULE_PLACES", (str(tmp_path),))
    (tmp_path / "pam_mousegate.so").touch()
    (tmp_path / "common-auth").write_text("auth required pam_mousegate.so\n")
    assert "text console" in worst(system.check_login).text


def test_what_lightdm_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether LightDM asks you, only others, or could let nobody in is told."""
    machine = Machine(tmp_path)
    monkeypatch.setattr("mousegate.system.machine.Machine", lambda: machine)
    monkeypatch.setattr(system, "_PAM_FILES", machine.pam)
    assert worst(system.check_login).text == "display managers ask for the password alone."
    machine.drop_in.parent.mkdir(parents=True)
    machine.drop_in.write_text(DROP_IN)
    assert worst(system.check_login).health is Health.PROBLEM
    machine.pam.mkdir()
    machine.service.touch()
    assert "you for the password alone" in worst(system.check_login).text
    (machine.stores / getpass.getuser()).mkdir(parents=True)
    assert worst(system.check_login).text == "LightDM asks you for the password and the signature."


def test_fonts(program: Callable[[str, str], Path]) -> None:
    """No font at all is a problem."""
    program("fc-match", "exit 1")
    assert worst(system.check_fonts).health is Health.PROBLEM


@pytest.mark.parametrize(
    ("free_mb", "health"), [(1, Health.PROBLEM), (50, Health.HINT), (5000, Health.GOOD)], ids=str
)
def test_disk_space(home: Path, monkeypatch: pytest.MonkeyPatch, free_mb: int, health: Health) -> None:
    """Little room is a hint, none a problem."""
    usage = shutil._ntuple_diskusage(10**12, 0, free_mb * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    assert worst(system.check_disk).health is health


def test_a_clock_that_went_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day before the program was installed is a problem."""
    assert worst(system.check_clock).health is Health.GOOD
    monkeypatch.setattr(time, "time", lambda: 1e9)
    assert worst(system.check_clock).health is Health.PROBLEM


def test_a_hook_that_cannot_be_run(home: Path, configure: Callable[[str], None], tmp_path: Path) -> None:
    """A hook that is no program is a problem before it is needed."""
    configure(f'hook = "{tmp_path}/hook"\n')
    assert "chmod +x" in worst(person.check_config).mend


def test_a_background_and_unenrolled(home: Path, configure: Callable[[str], None]) -> None:
    """A picture that is not there, and a lock that opens by password alone, are hints."""
    for text in ('background = "/none.png"\n', 'unenrolled = "password"\n'):
        configure(text)
        assert worst(person.check_config).health is Health.HINT


def test_a_key_file_that_others_read(home: Path) -> None:
    """The key is as private as the store."""
    with Store.create() as store:
        key = store.directory / "key"
    key.chmod(key.stat().st_mode | stat.S_IROTH)
    assert worst(person.check_store).health is Health.PROBLEM


def test_failed_attempts(home: Path) -> None:
    """Many failures in a row are told."""
    with Store.create() as store:
        for _ in range(6):
            store.attempts.charge(time.time())
    found = [finding for finding in examine(person.check_store) if finding.subject == "attempts"]
    assert [finding.health for finding in found] == [Health.HINT]


def test_what_was_set_aside(home: Path) -> None:
    """A damaged history, and a lock that complained, are told."""
    with Store.create() as store:
        directory = store.directory
    assert worst(person.check_history).health is Health.GOOD
    (directory / "lock.log").write_text("something\n")
    assert "lock.log" in worst(person.check_history).mend
    (directory / "history.sqlite.damaged").touch()
    assert any("set aside" in finding.text for finding in examine(person.check_history))


UNIT = "LoadState={0}\\nUnitFileState={1}\\nActiveState={2}\\nNeedDaemonReload={3}\\n"


@pytest.mark.parametrize(
    ("state", "health", "words"),
    [
        (("not-found", "", "inactive", "no"), Health.HINT, "not installed"),
        (("loaded", "disabled", "inactive", "no"), Health.HINT, "not enabled"),
        (("loaded", "enabled", "inactive", "no"), Health.HINT, "does not run"),
        (("loaded", "enabled", "failed", "no"), Health.PROBLEM, "failed"),
        (("loaded", "enabled", "active", "yes"), Health.PROBLEM, "changed on disk"),
        (("loaded", "enabled", "active", "no"), Health.GOOD, "runs"),
    ],
)
def test_units(
    program: Callable[[str, str], Path], state: tuple[str, ...], health: Health, words: str
) -> None:
    """Each state of a unit that systemctl can tell is told, with what to do."""
    program("systemctl", f'[ "$2" = show ] && printf "{UNIT.format(*state)}"; exit 0')
    found = worst(daemon.check_units)
    assert (found.health, words in found.text) == (health, True)


def test_no_user_manager(program: Callable[[str, str], Path]) -> None:
    """A user manager that does not answer is told with its own words."""
    program("systemctl", 'echo "Failed to connect to bus" >&2; exit 1')
    assert "Failed to connect to bus" in worst(daemon.check_units).text


class Bus:
    """A session bus with these names: the real one is in tests/bus."""

    def __init__(self, owners: dict[str, str], version: str = "") -> None:
        self.owners, self.version = owners, version

    def name_has_owner(self, name: str) -> bool:
        """Whether somebody owns it."""
        return name in self.owners

    def get_name_owner(self, name: str) -> str:
        """Who owns it."""
        return self.owners[name]

    def get_object(self, *_: object, **__: object) -> "Bus":
        """The daemon's object."""
        return self

    def Get(self, *_: object, **__: object) -> str:  # noqa: N802
        """The daemon's version."""
        return self.version


def test_another_version_of_the_daemon_and_another_screen_saver() -> None:
    """A daemon that was not restarted after an update is a problem; a foreign screen saver is a hint."""
    (version,) = daemon._check_version(Bus({}, "0.0.1"))
    assert (version.health, "restart" in version.mend) == (Health.PROBLEM, True)
    both = {"org.freedesktop.ScreenSaver": ":1.1", "org.mousegate.Mousegate1": ":1.2"}
    (foreign,) = daemon._check_screen_saver(Bus(both))
    assert foreign.health is Health.HINT
    assert list(daemon._check_screen_saver(Bus(dict.fromkeys(both, ":1.1")))) == []
