"""What a login screen knows and remembers: people, desktops, languages, power, and where faces stand."""

import pwd
from itertools import pairwise
from pathlib import Path

import pytest

from mousegate.greeter.greetd import people_of
from mousegate.greeter.layout import compute, lobby
from mousegate.greeter.login import language_name
from mousegate.greeter.memory import Memory, recall, remember
from mousegate.greeter.power import Power, do, offered


def _account(name: str, uid: int, shell: str = "/bin/bash", gecos: str = "") -> pwd.struct_passwd:
    return pwd.struct_passwd((name, "x", uid, uid, gecos, f"/home/{name}", shell))


def test_people_are_accounts_of_people(tmp_path: Path) -> None:
    """System accounts, those without a shell and nobody are none; names come from GECOS, in their order."""
    entries = [
        _account("root", 0), _account("zoe", 1001, gecos="Zoe Z,,,"), _account("ada", 1000, gecos="&,,"),
        _account("sshd", 101), _account("ftp", 1005, "/usr/sbin/nologin"), _account("nobody", 65534),
    ]  # fmt: skip
    assert [one.real_name for one in people_of(entries, tmp_path / "none")] == ["Ada", "Zoe Z"]
    limits = tmp_path / "login.defs"
    limits.write_text("# UID_MIN 5\nUID_MIN\t\t 1001\nUID_MAX 1001\n")
    assert [one.user for one in people_of(entries, limits)] == ["zoe"]


@pytest.mark.parametrize("size", [(640, 720), (1280, 800), (3840, 2160), (1080, 1920), (800, 600)])
def test_faces_stand_beside_the_middle_one_and_on_the_screen(size: tuple[int, int]) -> None:
    """No face is cut off, none covers another, and left and right are alike."""
    layout = compute(*size)
    places = lobby(layout)
    assert len(places.before) == len(places.after)
    assert places.before
    edges = [(layout.face.x, layout.face.x + layout.face.width)]
    edges += [(rect.x, rect.x + rect.width) for rect in (*places.before, *places.after)]
    edges.sort()
    assert edges[0][0] >= 0 and edges[-1][1] <= layout.width
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(edges))
    assert places.language.x + places.language.width <= places.power.x


def test_who_was_last_is_remembered(tmp_path: Path) -> None:
    """Each person's last desktop stays; a person who chose none keeps the one before."""
    path = tmp_path / "deep" / "login.json"
    remember(Memory().after("ada", "openbox").after("bob", "").after("ada", ""), path)
    assert recall(path) == Memory("ada", {"ada": "openbox"})


@pytest.mark.parametrize(
    "stored", ["", "{", "[]", '{"user": 5, "sessions": {}}', '{"user": "a", "sessions": 5}']
)
def test_a_damaged_memory_is_none(tmp_path: Path, stored: str) -> None:
    """What cannot be read is forgotten: it keeps nobody from logging in."""
    path = tmp_path / "login.json"
    path.write_text(stored)
    assert recall(path) == Memory()


def test_a_memory_that_cannot_be_kept_is_only_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file where the folder should be: one warning, and the login goes on."""
    (tmp_path / "file").touch()
    remember(Memory("ada"), tmp_path / "file" / "login.json")
    assert "not remembered" in caplog.text


def test_only_what_logind_allows_at_once_is_offered() -> None:
    """`challenge` means a password that nobody could be asked for here; no logind, nothing to offer."""
    says = {"CanSuspend": "na", "CanReboot": "yes", "CanPowerOff": "challenge"}
    assert offered(lambda method, *words: says[method]) == (Power.REBOOT,)

    def absent(method: str, *words: object) -> object:
        raise OSError("no such service")

    assert offered(absent) == ()
    assert do(Power.REBOOT, absent) == "no such service"


def test_the_machine_is_told_once_and_nobody_is_asked() -> None:
    """PowerOff(interactive=false)."""
    told: list[tuple[object, ...]] = []
    assert do(Power.POWER_OFF, lambda *words: told.append(words)) == ""
    assert told == [("PowerOff", False)]


def test_languages_are_named_by_those_who_speak_them() -> None:
    """A locale reads as its speakers and their country call it."""
    assert language_name("de_DE.utf8") == "Deutsch (Deutschland)"
    assert language_name("fr_FR.utf8") == "Français (France)"
