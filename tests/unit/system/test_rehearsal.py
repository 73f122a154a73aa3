"""The rehearsal of our PAM service, with the real libpam, the real module and the real helper."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mousegate.errors import PamError
from mousegate.storage.store import Store
from mousegate.system import pamstack
from mousegate.system.machine import Machine
from tests.unit.system.conftest import FILES, MODULES

REPOSITORY = Path(__file__).parents[3]
SIGNATURE = "auth     [success=ok authinfo_unavail=ignore ignore=ignore default=bad]"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may judge another user than itself")


@pytest.fixture(scope="module")
def module() -> Path:
    """The module, built as it is installed."""
    subprocess.run(["make", "--silent", "build/pam_mousegate.so"], cwd=REPOSITORY, check=True)
    return REPOSITORY / "build/pam_mousegate.so"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with the PAM files of Debian, judged by this checkout."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    for name in MODULES:
        (tmp_path / "lib/security").mkdir(parents=True, exist_ok=True)
        (tmp_path / "lib/security" / name).touch()
    machine = Machine(tmp_path, Path(sys.prefix))
    machine.stores.mkdir(parents=True)
    return machine


Check = Callable[[str], None]


@pytest.fixture
def check(machine: Machine, module: Path, store: Store) -> Check:
    """Try a service in which {shipped} is ours, {module} the module and {helper} its helper."""
    shipped = pamstack.text(machine).decode().replace("pam_mousegate.so", str(module))

    def run(text: str) -> None:
        content = text.format(shipped=shipped, signature=f"{SIGNATURE} {module} helper={machine.helper}")
        pamstack.check(machine, content.encode(), store.directory)

    return run


@needs_root
def test_the_shipped_service_works(check: Check, machine: Machine, store: Store) -> None:
    """Ours asks for password and signature, refuses who gives neither, and leaves no trace."""
    check("{shipped}")
    assert store.attempts.failures() == 0
    assert not store.decisions.newest(1)
    assert not list(machine.stores.iterdir())


BROKEN = [
    ("not for a password and then", "auth substack common-auth\n"),
    ("not for a password and then", "auth sufficient pam_deny.so\n{signature}\nauth substack common-auth\n"),
    ("lets in whoever answers nothing", "auth sufficient pam_permit.so\n"),
    ("lets in whoever answers nothing", "auth optional pam_unix.so\nauth optional pam_permit.so\n"),
    ("not for a password and then", "auth substack common-auth\n{signature} helper=/bin/false\n"),
    ("not for a password and then", "auth substack common-auth\n{signature} helper=/nowhere\n"),
    ("not for a password and then", "auth substack common-auth\n{signature} timeout=soon\n"),
]


@needs_root
@pytest.mark.parametrize(("said", "text"), BROKEN)
def test_a_service_that_does_not_work_is_refused(check: Check, said: str, text: str) -> None:
    """Whatever it asks too little, in the wrong order, or cannot start, is told."""
    with pytest.raises(PamError, match=said):
        check(text)


@needs_root
def test_failures_so_far_are_not_waited_for(check: Check, store: Store) -> None:
    """Somebody who has to wait before the next attempt can be switched on all the same."""
    for _ in range(20):
        store.attempts.charge(time.time())
    check("{shipped}")


@needs_root
def test_a_helper_that_asks_but_cannot_judge_is_refused(check: Check, tmp_path: Path) -> None:
    """A helper that breaks only once it has an answer is found, too."""
    helper = tmp_path / "helper"
    helper.write_text("#!/bin/sh\ncase $* in *nobody*) echo unknown; exit;; esac; echo ask; read -r line\n")
    helper.chmod(0o755)
    with pytest.raises(PamError, match="cannot judge it"):
        check(f"auth substack common-auth\n{{signature}} helper={helper}\n")


LACKING = [
    ("needs pam_gone.so, which is not installed", "auth required pam_gone.so\n"),
    ("includes common-gone, which is not there", "@include common-gone\n"),
    ("includes gone, which is not there", "auth substack gone\n"),
    ("includes gone, which is not there", "session include gone\n"),
    ("has a line that PAM does not know: 'auth whatever'", "auth whatever\n"),
    ("has a line that PAM does not know", "sesion required pam_unix.so\n"),
    ("includes itself", "@include loop\n"),
]


@pytest.mark.parametrize(("said", "text"), LACKING)
def test_what_a_service_lacks_is_named(machine: Machine, said: str, text: str) -> None:
    """Files, modules and lines that would fail a login are found without asking anybody."""
    (machine.pam / "loop").write_text("@include loop\n")
    assert said in " ".join(pamstack.missing(machine, text.encode()))


def test_what_a_service_may_lack_is_not(machine: Machine) -> None:
    """A leading hyphen and module_unknown=ignore allow a module to be missing (pam.conf(5))."""
    text = "-auth optional pam_gone.so\nsession [success=ok module_unknown=ignore] \\\n pam_gone.so # x\n"
    assert pamstack.missing(machine, text.encode()) == []
