"""Switching login with the signature on: all of it or nothing, checked first, and what it refuses."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from mousegate.core.probe import encode
from mousegate.errors import MousegateError, NotEnrolled, PamError
from mousegate.pam import verify
from mousegate.pam.place import find_place
from mousegate.storage.config import Config
from mousegate.storage.store import Store
from mousegate.system import lightdm, record
from mousegate.system.enable import enable
from mousegate.system.machine import GREETER, SERVICE
from tests.unit.people import MANIFEST, Person, reference
from tests.unit.system.conftest import USER, Computer

TOKEN = "0123456789abcdef" * 2
NOW_S = 1000.0


def login(computer: Computer, answer: str) -> str:
    """Return the last word of what the helper says to an answer at login."""
    said: list[str] = []
    place = find_place(USER, is_root=True, store=computer.machine.stores / USER)
    line = f"{TOKEN} {answer}\n".encode()
    peer = verify.Peer(lambda: line, said.append)
    verify.verify(place, peer, NOW_S, lambda: MANIFEST)
    return said[-1].removeprefix(f"{TOKEN} ")


def test_the_hand_that_is_enrolled_logs_in_and_no_other(switched_on: Computer) -> None:
    """What root's copy decides is what the person's own store would decide."""
    assert login(switched_on, encode(Person(8).probe())) == "no"
    assert login(switched_on, encode(Person(1).probe())) == "match"


def test_lightdm_names_our_greeter_and_service(switched_on: Computer) -> None:
    """For every seat LightDM takes our greeter and our PAM service, whose file and entry are there."""
    machine = switched_on.machine
    assert lightdm.effective(machine, "greeter-session") == GREETER
    assert lightdm.effective(machine, "pam-service") == SERVICE
    assert f"pam_mousegate.so helper={machine.helper}" in machine.service.read_text()
    assert f"Exec={machine.program}/bin/mousegate-greeter --lightdm" in machine.entries[0].read_text()


def test_nothing_of_what_was_there_is_changed(computer: Computer) -> None:
    """Every file that was there is there still, byte for byte: PAM's own services above all."""
    before = computer.tree()
    enable(computer.machine, USER)
    after = computer.tree()
    assert {name: after[name] for name in before} == before


def test_the_copy_is_private(switched_on: Computer) -> None:
    """Only root can look into the copies, and into what was there before."""
    stores = switched_on.machine.stores
    modes = [path.stat().st_mode & 0o777 for path in (stores, stores / USER, stores / ".system")]
    assert modes == [0o711, 0o700, 0o700]


def test_the_entry_of_the_package_is_used_where_there_is_one(computer: Computer) -> None:
    """No second entry is written beside one that starts the greeter rightly."""
    entry = "usr/share/xgreeters/mousegate-greeter.desktop"
    computer.write(entry, "[Desktop Entry]\nExec=/usr/bin/mousegate-greeter --lightdm\n")
    enable(computer.machine, USER)
    assert not computer.machine.entries[0].exists()


def test_what_would_win_over_us_is_set_aside(computer: Computer) -> None:
    """A greeter named in lightdm.conf, which LightDM reads last, is commented out; all other lines stay."""
    text = "[Seat:*]\ngreeter-session=slick-greeter\nuser-session=openbox\nautologin-user=kiosk\n"
    computer.write("etc/lightdm/lightdm.conf", text)
    done = enable(computer.machine, USER).done
    kept = computer.path("etc/lightdm/lightdm.conf").read_text()
    assert kept == text.replace(
        "greeter-session", "# Set aside by `mousegate system enable`: greeter-session"
    )
    assert lightdm.is_ours(computer.machine)
    assert "kiosk" in " ".join(done)


def test_enabling_again_keeps_what_login_knows(switched_on: Computer) -> None:
    """Failed attempts, seen probes, decisions and unused codes outlive a new copy; its references are new."""
    probe = encode(Person(1).probe())
    assert login(switched_on, probe) == "match"
    label = switched_on.person.references.all()[0].label
    switched_on.person.references.rename(label, "new")
    again = enable(switched_on.machine, USER)
    assert (again.codes, again.codes_left) == ((), 8)
    assert login(switched_on, probe) == "no"
    store = Store.open(switched_on.machine.stores / USER)
    assert store is not None
    with store:
        assert [one.attack for one in store.decisions.newest(2)] == ["replayed", ""]
        assert [one.label for one in store.references.all()] == ["new"]
        assert store.attempts.failures() == 2


def test_a_recovery_code_of_login_is_no_code_of_the_lock(computer: Computer) -> None:
    """Login has eight codes of its own, shown once; each logs in once; the lock's do not."""
    codes = enable(computer.machine, USER).codes
    own = computer.person.recovery.renew()
    assert len(codes) == 8
    assert login(computer, f"mousegate-recovery:1 {own[0]}") == "no"
    assert login(computer, f"mousegate-recovery:1 {codes[0]}") == "match"
    assert login(computer, f"mousegate-recovery:1 {codes[0]}") == "no"
    assert enable(computer.machine, USER).codes_left == 7
    assert len(enable(computer.machine, USER, new_codes=True).codes) == 8


def test_settings_that_loosen_are_not_taken_over(computer: Computer) -> None:
    """Policy and operating point hold at login; letting programs move the mouse never does."""
    computer.config = replace(Config(), policy="rhythm", operating_point="fmr1", allow_synthetic=True)
    enable(computer.machine, USER)
    text = (computer.machine.stores / USER / "config.toml").read_text()
    assert text.splitlines() == ['operating_point = "fmr1"', 'policy = "rhythm"', 'reference = ""']


def disarm(computer: Computer) -> None:
    """Have the person take the signature back."""
    computer.person.settings.disarm()


def forget(computer: Computer) -> None:
    """Delete the only reference."""
    computer.person.references.delete(computer.person.references.all()[0].label)


def another_model(computer: Computer) -> None:
    """Enrol with a model that is not installed any more."""
    known = reference(Person(1), computer.person.key)
    assert known.motion is not None
    computer.person.references.put(replace(known, motion=replace(known.motion, model_id=b"gone....")), "test")


def unlink(name: str) -> Callable[[Computer], None]:
    """Return what takes a file away."""
    return lambda computer: computer.path(name).unlink()


def text(name: str, content: str) -> Callable[[Computer], None]:
    """Return what writes a file."""
    return lambda computer: computer.write(name, content)


def loosen(name: str) -> Callable[[Computer], None]:
    """Return what lets everybody write to a file."""
    return lambda computer: computer.path(name).chmod(0o777)


def break_stack(computer: Computer) -> None:
    """Have PAM refuse."""
    computer.stack_fault = "The stack is broken."


_LACKS = "#!/bin/sh\necho 'mousegate-greeter: apt install gir1.2-lightdm-1' >&2; exit 64\n"

REFUSALS: list[tuple[str, Callable[[Computer], object], type[MousegateError]]] = [
    ("switched the signature off", disarm, NotEnrolled),
    ("mousegate setup", forget, NotEnrolled),
    ("could open no login", another_model, NotEnrolled),
    ("The stack is broken", break_stack, PamError),
    ("so is not installed", unlink("lib/x86_64-linux-gnu/security/pam_mousegate.so"), MousegateError),
    ("mousegate-verify is missing", unlink("program/bin/mousegate-verify"), MousegateError),
    ("mousegate-greeter is missing", unlink("program/bin/mousegate-greeter"), MousegateError),
    ("changed by others", loosen("program/bin/mousegate-verify"), MousegateError),
    ("changed by others", loosen("program/bin"), MousegateError),
    ("apt install gir", text("program/bin/mousegate-greeter", _LACKS), MousegateError),
    ("gdm3", text("etc/X11/default-display-manager", "/usr/sbin/gdm3\n"), MousegateError),
    ("Seat:seat1", text("etc/lightdm/lightdm.conf", "[Seat:seat1]\npam-service=own\n"), MousegateError),
]  # fmt: skip


@pytest.mark.parametrize(("said", "spoil", "error"), REFUSALS)
def test_what_could_not_work_is_refused_and_nothing_changes(
    computer: Computer, said: str, spoil: Callable[[Computer], object], error: type[MousegateError]
) -> None:
    """Whatever is missing, loose or not enrolled is told, and the machine stays as it was."""
    spoil(computer)
    before = computer.tree()
    with pytest.raises(error, match=said):
        enable(computer.machine, USER)
    assert computer.tree() == before


def test_a_service_that_somebody_wrote_stays(computer: Computer) -> None:
    """Where the administrator has a service of that name already, it is tried and used as it is."""
    own = "auth substack common-auth\nauth required pam_mousegate.so timeout=20\n@include common-account\n"
    computer.write("etc/pam.d/mousegate-login", own)
    done = enable(computer.machine, USER).done
    assert computer.machine.service.read_text() == own
    assert "changed by somebody else" in " ".join(done)


def test_a_second_command_waits_for_nobody(computer: Computer) -> None:
    """While one command changes the machine, another one is refused."""
    with record.locked(computer.machine), pytest.raises(MousegateError, match="Another"):
        enable(computer.machine, USER)
