"""pam_mousegate.so with the real mousegate-verify behind it, under libpam."""

import getpass
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from mousegate.core import rhythm
from mousegate.core.events import PointerDevice
from mousegate.core.probe import RECOVERY_PREFIX, Probe, Rhythm, encode
from mousegate.core.reference import Reference
from mousegate.storage import hashing
from mousegate.storage.store import Store
from tests.e2e.auth_peer import pam_environment
from tests.e2e.pam_application import (
    AUTH_ERR,
    AUTHINFO_UNAVAIL,
    SUCCESS,
    SYSTEM_ERR,
    Outcome,
    module_environment,
    run_stack,
)
from tests.e2e.test_pam_module import module
from tests.unit.people import RHYTHM, WRONG_RHYTHM

__all__ = ["module"]
HELPER = Path(sys.executable).with_name("mousegate-verify")
NO_MOVEMENT = np.zeros(0, np.float32)
Login = Callable[[str], Outcome]


def answer(clicks: Rhythm) -> str:
    """Return the answer of a greeter that saw these clicks and no movement."""
    return encode(Probe(bytes(8), PointerDevice.MOUSE, clicks, NO_MOVEMENT, 0, 0.0, 0.0))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A store for login in which RHYTHM is enrolled, with policy `rhythm`."""
    directory = tmp_path / "login"
    with Store.create(directory) as store:
        protected = hashing.protect(rhythm.enrol([RHYTHM] * 5), store.key)
        store.references.put(Reference("me", PointerDevice.MOUSE, protected, None, 1.0, 1.0), "test")
        store.settings.arm()
    (directory / "config.toml").write_text('policy = "rhythm"\n')
    return directory


@pytest.fixture
def login(tmp_path: Path, module: Path, directory: Path) -> Login:
    """Run the module alone with the real helper on that store."""
    environment = module_environment(pam_environment(tmp_path), module, HELPER, f"store={directory}")
    return lambda text: run_stack(environment, getpass.getuser(), [text.encode()])


def test_the_right_rhythm_succeeds_and_clears(login: Login, directory: Path) -> None:
    """Wrong, then right: an authentication error, then success, after which no failure is counted."""
    assert login(answer(WRONG_RHYTHM)).result == AUTH_ERR
    assert login(answer(RHYTHM)).result == SUCCESS
    with Store.create(directory) as store:
        assert store.attempts.failures() == 0
        assert [entry.place for entry in store.decisions.newest(9)] == ["login", "login"]


@pytest.mark.parametrize("text", ["", "rubbish", "A" * 480, RECOVERY_PREFIX + "0000", "x" * 100_000])
def test_rubbish_is_refused(login: Login, text: str) -> None:
    """Answers that are no probe and no code are authentication errors."""
    assert login(text).result == AUTH_ERR


def test_without_a_store_nobody_is_asked(login: Login, directory: Path) -> None:
    """A user without a store is not enrolled."""
    directory.rename(directory.with_name("elsewhere"))
    outcome = login("")
    assert (outcome.result, outcome.prompts) == (AUTHINFO_UNAVAIL, [])


def test_a_store_that_others_can_read_lets_nobody_in(login: Login, directory: Path) -> None:
    """An unsafe store is an error of the system, not a missing enrolment."""
    directory.chmod(0o755)
    assert login(answer(RHYTHM)).result == SYSTEM_ERR


def test_a_damaged_store_lets_nobody_in(login: Login, directory: Path) -> None:
    """Nor does a damaged one."""
    (directory / "store.sqlite").write_bytes(b"rubbish" * 1000)
    assert login(answer(RHYTHM)).result == SYSTEM_ERR
