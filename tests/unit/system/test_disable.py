"""Switching login with the signature off: everything as before, twice, and around what others have edited."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from mousegate.errors import MousegateError, UsageError
from mousegate.system import lightdm, pamstack
from mousegate.system.disable import disable
from mousegate.system.enable import enable
from mousegate.system.standing import Copied, Login, standing
from tests.unit.system.conftest import USER, Computer

OTHER_GREETER = "[Seat:*]\ngreeter-session=other\n# mine\n"
BROKEN_LINE = "auth whatever"


def test_everything_is_as_before(computer: Computer) -> None:
    """No file, folder or permission is left changed; the second time it says that nothing was to do."""
    computer.write("etc/lightdm/lightdm.conf", OTHER_GREETER)
    computer.path("etc/lightdm/lightdm.conf").chmod(0o640)
    before = computer.tree()
    enable(computer.machine, USER)
    assert computer.tree() != before
    assert "/etc/lightdm/lightdm.conf is as it was before." in disable(computer.machine)
    assert computer.tree() == before
    assert disable(computer.machine) == ["Nothing was switched on. Nothing was changed."]
    assert computer.tree() == before


def test_the_last_person_takes_everything_along(computer: Computer) -> None:
    """Without anybody left, the machine's files go back, too."""
    before = computer.tree()
    enable(computer.machine, USER)
    disable(computer.machine, USER)
    assert computer.tree() == before


def test_one_of_two_stays(switched_on: Computer) -> None:
    """Another person's copy and the machine's files stay while one is left."""
    (switched_on.machine.stores / "bob").mkdir(0o700)
    assert disable(switched_on.machine, "bob") == [
        "bob logs in with the password alone. The copy for login is deleted."
    ]
    assert lightdm.is_ours(switched_on.machine)
    assert disable(switched_on.machine, "bob") == ["bob was not switched on."]


def test_a_copy_without_a_record_goes(computer: Computer) -> None:
    """Copies that nobody has written down, as of an earlier version, are taken away, whatever runs."""
    before = computer.tree()
    (computer.machine.stores / "bob").mkdir(0o700, parents=True)
    computer.managers = {"runs"}
    assert disable(computer.machine) == [
        "bob logs in with the password alone. The copy for login is deleted."
    ]
    assert computer.tree() == before


@pytest.mark.parametrize("name", ["../../etc", "", "-x", ".system", "a/b", "a b", "a\nb", "x" * 300, "a\0b"])
def test_names_that_are_no_names(switched_on: Computer, name: str) -> None:
    """What could be a path, an option or our own folder is refused before anything is touched."""
    before = switched_on.tree()
    with pytest.raises(UsageError):
        disable(switched_on.machine, name)
    assert switched_on.tree() == before


def test_what_somebody_edited_stays(computer: Computer) -> None:
    """lightdm.conf that was edited since is kept, and the one from before put beside it."""
    computer.write("etc/lightdm/lightdm.conf", OTHER_GREETER)
    enable(computer.machine, USER)
    edited = computer.path("etc/lightdm/lightdm.conf").read_text() + "greeter-hide-users=true\n"
    computer.write("etc/lightdm/lightdm.conf", edited)
    said = " ".join(disable(computer.machine))
    assert computer.path("etc/lightdm/lightdm.conf").read_text() == edited
    assert "/etc/lightdm/lightdm.conf was changed since by somebody else, and stays so" in said
    assert computer.path("etc/lightdm/lightdm.conf.before-mousegate").read_text() == OTHER_GREETER
    assert not lightdm.is_ours(computer.machine)


def test_our_settings_that_somebody_edited_keep_what_they_need(switched_on: Computer) -> None:
    """A drop-in that stays and names our service keeps a service that lets everybody in by the password."""
    switched_on.machine.drop_in.write_text(lightdm.DROP_IN + "# mine\n")
    said = " ".join(disable(switched_on.machine))
    assert "99-mousegate.conf still names mousegate" in said
    assert switched_on.machine.service.read_text() == pamstack.STAND_IN
    assert switched_on.machine.entries[0].exists()
    switched_on.machine.drop_in.unlink()
    disable(switched_on.machine)
    assert not switched_on.machine.service.exists()


def test_lightdm_that_runs_keeps_a_service_until_it_ends(computer: Computer) -> None:
    """A LightDM that has read our settings still asks our service: it is the usual stack until then."""
    before = computer.tree()
    computer.managers = {"before"}
    enable(computer.machine, USER)
    assert standing(computer.machine).login is Login.STARTS
    computer.managers = {"restarted"}
    assert standing(computer.machine).login is Login.ON
    assert "restart" in " ".join(disable(computer.machine))
    assert computer.machine.service.read_text() == pamstack.STAND_IN
    assert not computer.machine.drop_in.exists()
    assert standing(computer.machine).login is Login.ENDS
    disable(computer.machine)
    assert computer.machine.service.exists()
    computer.managers = {"once more"}
    disable(computer.machine)
    assert computer.tree() == before


def test_lightdm_that_never_read_our_settings_needs_nothing(computer: Computer) -> None:
    """Switched on and off without a restart, everything is gone at once."""
    before = computer.tree()
    computer.managers = {"before"}
    enable(computer.machine, USER)
    disable(computer.machine)
    assert computer.tree() == before


def test_switched_on_again_before_a_restart(computer: Computer) -> None:
    """What was kept for a LightDM that runs becomes our service again, and goes when it is switched off."""
    before = computer.tree()
    enable(computer.machine, USER)
    computer.managers = {"reads ours"}
    disable(computer.machine)
    enable(computer.machine, USER)
    assert "pam_mousegate.so" in computer.machine.service.read_text()
    disable(computer.machine)
    assert computer.machine.service.read_text() == pamstack.STAND_IN
    computer.managers = set()
    disable(computer.machine)
    assert computer.tree() == before


@pytest.mark.parametrize("damage", ["{", "[]", "{}", '{"format": 9}', "[" * 100_000, "\0\xff"])
def test_a_damaged_record_changes_nothing(switched_on: Computer, damage: str) -> None:
    """It is told, with where the backups lie; nothing is guessed."""
    (switched_on.machine.state / "record.json").write_text(damage)
    before = switched_on.tree()
    for command in (disable, lambda machine: enable(machine, USER), standing):
        with pytest.raises(MousegateError, match=r"record\.json"):
            command(switched_on.machine)
    assert switched_on.tree() == before


def test_it_needs_nothing_but_the_standard_library() -> None:
    """Without click, numpy, argon2, sqlite3 and all else that is installed, `disable` still loads."""
    code = (
        "import sys; sys.path = [one for one in sys.path if 'packages' not in one] + [sys.argv[1]];"
        "sys.modules['sqlite3'] = None; import mousegate.system.__main__"
    )
    root = __file__.rpartition("/tests/")[0]
    subprocess.run([sys.executable, "-S", "-c", code, root], check=True)


def damage_store(computer: Computer) -> None:
    """Spoil ada's copy."""
    (computer.machine.stores / USER / "store.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


STANDINGS: list[tuple[Callable[[Computer], object], Login, Copied, bool]] = [
    (lambda computer: None, Login.ON, Copied.CURRENT, True),
    (lambda computer: computer.person.references.rename("me", "new"), Login.ON, Copied.OLDER, True),
    (damage_store, Login.ON, Copied.DAMAGED, False),
    (lambda computer: computer.machine.service.unlink(), Login.BROKEN, Copied.CURRENT, False),
    (lambda computer: computer.machine.drop_in.unlink(), Login.BROKEN, Copied.CURRENT, False),
    (lambda computer: setattr(computer, "stack_fault", "no"), Login.BROKEN, Copied.CURRENT, False),
]


@pytest.mark.parametrize(("change", "login", "copied", "sound"), STANDINGS)
def test_status_tells_what_is_wrong(
    switched_on: Computer, change: Callable[[Computer], object], login: Login, copied: Copied, sound: bool
) -> None:
    """Every part that is missing, damaged or out of date shows, and looking changes nothing."""
    change(switched_on)
    before = switched_on.tree()
    found = standing(switched_on.machine)
    assert switched_on.tree() == before
    assert (found.login, found.people[0].copied, found.is_sound) == (login, copied, sound)


def test_status_of_a_machine_that_knows_nothing_of_it(computer: Computer) -> None:
    """Off is sound, and nothing is made by looking."""
    before = computer.tree()
    found = standing(computer.machine)
    assert (found.login, found.people, found.files, found.is_sound) == (Login.OFF, (), (), True)
    assert computer.tree() == before


def test_an_edited_file_shows(switched_on: Computer) -> None:
    """Each file is as written, changed, or missing."""
    switched_on.machine.drop_in.write_text(lightdm.DROP_IN + "# mine\n")
    switched_on.machine.entries[0].unlink()
    assert {one.path.rpartition("/")[2]: one.state for one in standing(switched_on.machine).files} == {
        "mousegate-login": "as written",
        "mousegate-greeter.desktop": "missing",
        "99-mousegate.conf": "changed",
    }
