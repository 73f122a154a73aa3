"""`mousegate system`: what an administrator reads, and what a program gets."""

import os

import pytest

from mousegate.system import machine
from tests.unit.cli.conftest import Command
from tests.unit.system.conftest import USER, Computer, computer

__all__ = ["computer"]


@pytest.fixture
def here(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> Computer:
    """The computer, as the one that the commands change; they are run by root, or seem to be."""
    monkeypatch.setattr(machine, "Machine", lambda: computer.machine)
    return computer


@pytest.fixture
def root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the commands believe that root runs them; what they then may is decided by the real user."""
    monkeypatch.setattr("mousegate.cli.system._require_root", lambda words: None)


@pytest.mark.usefixtures("root")
def test_enabling_shows_the_codes_once_and_the_way_back(here: Computer, mousegate: Command) -> None:
    """Eight codes, when it begins, and how to undo it; the second time the codes are not shown again."""
    assert mousegate("system", "enable", USER) == 0
    lines = mousegate.out.splitlines()
    assert len([line for line in lines if line.startswith("    ")]) == 8
    assert "sudo mousegate system disable" in lines[-1]
    assert mousegate("system", "enable", USER) == 0
    assert "8 recovery codes for login are left" in mousegate.out
    assert here.machine.drop_in.exists()


@pytest.mark.usefixtures("root", "here")
def test_what_a_program_gets(mousegate: Command) -> None:
    """Every fact is in the JSON of enable and of status."""
    enabled = mousegate.json("system", "enable", USER)
    assert (enabled["user"], enabled["references"], len(enabled["codes"]), enabled["notes"]) == (
        USER,
        1,
        8,
        [],
    )
    assert mousegate.json("system", "status") == {
        "login": "on",
        "sound": True,
        "people": [{"user": USER, "copy": "current", "codes": 8, "text": ""}],
        "files": [
            {"path": path, "state": "as written"}
            for path in (
                "/etc/pam.d/mousegate-login",
                "/usr/local/share/xgreeters/mousegate-greeter.desktop",
                "/etc/lightdm/lightdm.conf.d/99-mousegate.conf",
            )
        ],
        "pam": {"tried": True, "fault": ""},
    }


@pytest.mark.usefixtures("root")
def test_status_exits_with_1_where_something_is_wrong(here: Computer, mousegate: Command) -> None:
    """A person reads what is broken, a script sees it in the status."""
    mousegate("system", "enable", USER)
    assert mousegate("system", "status") == 0
    here.machine.service.unlink()
    assert mousegate("system", "status") == 1
    assert "broken" in mousegate.out
    assert "missing" in mousegate.out


@pytest.mark.usefixtures("root", "here")
def test_disabling_says_what_was_done(mousegate: Command) -> None:
    """Each file and copy that is gone is named; nothing to do is no failure."""
    mousegate("system", "enable", USER)
    assert mousegate("system", "disable") == 0
    assert f"{USER} logs in with the password alone" in mousegate.out
    assert "/etc/pam.d/mousegate-login is gone again." in mousegate.out
    assert mousegate("system", "disable") == 0
    assert "Nothing was switched on" in mousegate.out


@pytest.mark.parametrize("words", ["enable ada", "disable", "disable ada"])
def test_who_is_not_root_reads_what_to_type(
    mousegate: Command, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    """Nothing is tried without root; the whole command with sudo is said."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert mousegate("system", *words.split()) == 64
    assert mousegate.err == f"mousegate: Only root can change logins: sudo mousegate system {words}\n"


@pytest.mark.usefixtures("root")
def test_a_failure_is_one_line(here: Computer, mousegate: Command) -> None:
    """What stands in the way is told in one line, with nothing changed."""
    here.path("program/bin/mousegate-verify").unlink()
    before = here.tree()
    assert mousegate("system", "enable", USER) == 70
    assert mousegate.err.count("\n") == 1
    assert here.tree() == before


def test_the_way_back_without_any_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """`python -m mousegate.system` takes nothing but `disable` and a name."""
    from mousegate.system import __main__ as entry

    monkeypatch.setattr("sys.argv", ["system", "enable", "ada"])
    with pytest.raises(SystemExit) as ended:
        entry.main()
    assert ended.value.code == 64
