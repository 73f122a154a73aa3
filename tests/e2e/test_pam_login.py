"""The login stack that is shipped: password and signature both count, and neither tells about the other."""

import getpass
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from mousegate.auth.libpam import Style
from tests.e2e.auth_peer import MATRIX, PASSWORD, pam_environment
from tests.e2e.pam_application import AUTH_ERR, SUCCESS, Outcome, run_stack
from tests.e2e.test_pam_module import HONEST, module

__all__ = ["module"]
SHIPPED = Path(__file__).parents[2] / "mousegate/data/pam.d/mousegate-login"
USER = getpass.getuser()
Login = Callable[..., Outcome]


@pytest.fixture
def login(tmp_path: Path, module: Path) -> Login:
    """Run the `auth` part of the shipped file, with pam_matrix as the system's own password check."""

    def run(script: str, *answers: bytes) -> Outcome:
        environment = pam_environment(tmp_path)
        helper = tmp_path / "helper"
        helper.write_text(f"#!/bin/sh\n{script}\n")
        helper.chmod(0o755)
        services = Path(environment["PAM_WRAPPER_SERVICE_DIR"])
        shipped = [line for line in SHIPPED.read_text().splitlines() if re.match(r"auth\s", line)]
        text = "\n".join(shipped).replace("pam_mousegate.so", f"{module} helper={helper}")
        # pam_wrapper redirects services, not what they include.
        text = text.replace("common-auth", str(services / "common-auth"))
        (services / "mousegate").write_text(text + "\n")
        # The form of Debian's common-auth: success jumps over the denial.
        (services / "common-auth").write_text(
            f"auth [success=1 default=ignore] {MATRIX} passdb={tmp_path / 'passwords'}\n"
            "auth requisite pam_deny.so\nauth required pam_permit.so\n"
        )
        return run_stack(environment, USER, answers)

    return run


@pytest.mark.parametrize(
    ("password", "signature"), list(itertools.product((PASSWORD.encode(), b"no"), (b"right", b"no")))
)
def test_only_both_together_open(login: Login, password: bytes, signature: bytes) -> None:
    """Both are asked for, whatever the first answer was, and only both right succeed."""
    outcome = login(HONEST, password, signature)
    both = password == PASSWORD.encode() and signature == b"right"
    assert outcome.result == (SUCCESS if both else AUTH_ERR)
    assert [style for style, _ in outcome.shown] == [Style.ECHO_OFF, Style.ECHO_ON]


@pytest.mark.parametrize(("password", "result"), [(PASSWORD.encode(), SUCCESS), (b"no", AUTH_ERR)])
def test_who_is_not_enrolled_logs_in_by_password_alone(login: Login, password: bytes, result: int) -> None:
    """Without a reference the right password opens, the wrong one does not, and no signature is asked for."""
    outcome = login("echo unknown", password)
    assert (outcome.result, len(outcome.prompts)) == (result, 1)


@pytest.mark.parametrize("script", ["exit 1", "echo nonsense"])
def test_a_broken_helper_keeps_everybody_out(login: Login, script: str) -> None:
    """The right password does not open where the signature cannot be judged."""
    assert login(script, PASSWORD.encode(), b"right").result != SUCCESS


def test_credentials_are_given_after_success(login: Login) -> None:
    """pam_setcred succeeds, with the module in the stack and with it ignored."""
    script = f'case "$*" in *--clear*) echo cleared; exit;; esac; {HONEST}'
    assert login(script, PASSWORD.encode(), b"right").credentials == SUCCESS
    assert login("echo unknown", PASSWORD.encode()).credentials == SUCCESS
