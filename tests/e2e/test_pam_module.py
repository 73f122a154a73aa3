"""pam_mousegate.so under libpam: what its helper must say, and what comes of every other thing it may do."""

import getpass
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from mousegate.core.probe import PROBE_PROMPT
from tests.e2e.auth_peer import pam_environment
from tests.e2e.pam_application import (
    AUTH_ERR,
    AUTHINFO_UNAVAIL,
    REFUSES,
    SUCCESS,
    SYSTEM_ERR,
    USER_UNKNOWN,
    Outcome,
    module_environment,
    run_stack,
)

ROOT = Path(__file__).parents[2]
USER = getpass.getuser()
Ask = Callable[..., Outcome]


@pytest.fixture(scope="module")
def module() -> Path:
    """The module, built as it is installed."""
    subprocess.run(["make", "--silent", "build/pam_mousegate.so"], cwd=ROOT, check=True)
    return ROOT / "build/pam_mousegate.so"


@pytest.fixture
def ask(tmp_path: Path, module: Path) -> Ask:
    """Run the module with a shell script as its helper."""

    def run(
        script: str, *answers: bytes | str | None, user: str = USER, host: str = "", timeout_s: int = 20
    ) -> Outcome:
        helper = tmp_path / "helper"
        helper.write_text(f"#!/bin/sh\n{script}\n")
        helper.chmod(0o755)
        environment = module_environment(pam_environment(tmp_path), module, helper, f"timeout={timeout_s}")
        return run_stack(environment, user, answers, host)

    return run


HONEST = 'echo ask; read -r token answer; [ "$answer" = right ] && echo "$token match" || echo "$token no"'


def test_a_match_succeeds(ask: Ask) -> None:
    """The helper's `match` under this attempt's token is success, after exactly one question."""
    outcome = ask(HONEST, b"right")
    assert (outcome.result, outcome.prompts) == (SUCCESS, [PROBE_PROMPT])


@pytest.mark.parametrize(
    "answer",
    [
        b"wrong",
        b"",
        None,
        REFUSES,
        b"x" * 100_000,
        bytes(range(1, 256)),
        b"right\nright",
        b"\xff\xfe",
        b"right\r",
    ],
    ids=["wrong", "empty", "none", "refused", "100 kB", "binary", "two lines", "not UTF-8", "control"],
)
def test_any_other_answer_is_refused(ask: Ask, answer: bytes | str | None) -> None:
    """Whatever else an enrolled user answers, or nothing, is an authentication error."""
    assert ask(HONEST, answer).result == AUTH_ERR


def test_who_is_not_enrolled_is_not_asked(ask: Ask) -> None:
    """The helper's `unknown` asks nothing and leaves the decision to the rest of the stack."""
    outcome = ask("echo unknown")
    assert (outcome.result, outcome.shown) == (AUTHINFO_UNAVAIL, [])


def test_a_person_elsewhere_is_not_asked(ask: Ask) -> None:
    """A remote host means that no mouse here is theirs: the helper is not even started."""
    assert ask("echo ask; touch started", host="192.0.2.1").result == AUTHINFO_UNAVAIL


def test_a_local_host_name_is_no_remote_one(ask: Ask) -> None:
    """Some applications name localhost as the remote host of a local login."""
    assert ask(HONEST, b"right", host="localhost").result == SUCCESS


def test_too_early_is_told_and_not_asked(ask: Ask) -> None:
    """During the back-off the wait is shown, and nothing can be answered."""
    outcome = ask("echo wait 12")
    assert outcome.result == AUTH_ERR
    assert [text for _, text in outcome.shown] == ["Too many attempts. Wait 12 seconds, then try again."]


HOSTILE = {
    "says nothing": "exit 0",
    "fails": "exit 1",
    "is killed": "kill -KILL $$",
    "match without token": "echo ask; read -r line; echo match",
    "match before the answer": 'echo "ask"; echo "00000000000000000000000000000000 match"',
    "match with another token": "echo ask; read -r line; echo 00000000000000000000000000000000 match",
    "match with more": 'echo ask; read -r token answer; echo "$token match "',
    "match cut short": 'echo ask; read -r token answer; printf "%s match" "$token"',
    "match and more lines": 'echo ask; read -r token answer; printf "%s match\\n%s no\\n" "$token" "$token"',
    "match with a NUL": 'echo ask; read -r token answer; printf "%s match\\0\\n" "$token"',
    "upper case": 'echo ask; read -r token answer; echo "$token MATCH"',
    "echoes the answer": "echo ask; cat",
    "exit status 0 after asking": "echo ask; read -r line; exit 0",
    "killed after asking": "echo ask; read -r line; kill -KILL $$",
    "garbage": "head -c 4096 /dev/urandom",
    "endless line": "head -c 10000000 /dev/zero | tr '\\0' a",
    "wait for ever": "echo wait 99999999999999999999",
    "wait for nothing": "echo wait 0",
    "wait for less": "echo wait -5",
    "an empty line": "echo",
}


@pytest.mark.parametrize("script", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_broken_helper_never_succeeds(ask: Ask, script: str) -> None:
    """Whatever the helper does but the one line, the system failed and nobody is let in."""
    assert ask(script, b"right").result == SYSTEM_ERR


@pytest.mark.parametrize(
    "script", ["sleep 1000", "echo ask; read -r line; sleep 1000"], ids=["first", "after"]
)
def test_a_hanging_helper_is_ended(ask: Ask, script: str) -> None:
    """A helper that says nothing more is killed when its time is up."""
    assert ask(f"echo $$ > {os.devnull}; exec {script}", b"right", timeout_s=1).result == SYSTEM_ERR


def test_no_helper_is_left_behind(ask: Ask, tmp_path: Path) -> None:
    """After the verdict the helper is gone, even one that would stay."""
    outcome = ask(f"echo $$ > {tmp_path}/pid; echo unknown; exec sleep 1000")
    assert outcome.result == AUTHINFO_UNAVAIL
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), signal.SIG_DFL)


def test_a_missing_helper_is_an_error(ask: Ask, tmp_path: Path, module: Path) -> None:
    """Where there is no helper nobody is let in."""
    environment = module_environment(pam_environment(tmp_path), module, tmp_path / "none")
    assert run_stack(environment, USER, [b"right"]).result == SYSTEM_ERR


@pytest.mark.parametrize(
    "argument", ["helper=relative", "timeout=0", "timeout=9999", "timeout=", "debug", "store=x"]
)
def test_a_wrong_argument_is_an_error(tmp_path: Path, module: Path, argument: str) -> None:
    """A service file with an argument that the module does not know lets nobody in."""
    helper = tmp_path / "helper"
    environment = module_environment(pam_environment(tmp_path), module, helper, argument)
    assert run_stack(environment, USER, [b"right"]).result == SYSTEM_ERR


@pytest.mark.parametrize("user", ["../root", "-x", ".", "a b", "a/b", "x" * 300, "tab\there"])
def test_a_name_that_is_none_is_nobody(ask: Ask, user: str) -> None:
    """A user name that could be a path, an option or a control sequence never reaches the helper."""
    assert ask(HONEST, b"right", user=user).result == USER_UNKNOWN


def test_the_helper_gets_a_closed_environment(ask: Ask, tmp_path: Path) -> None:
    """No variable of the application, no descriptor but the pair, and / as the working directory."""
    script = (
        f"env > {tmp_path}/env; ls /proc/self/fd | wc -l > {tmp_path}/fds; pwd > {tmp_path}/pwd; echo unknown"
    )
    os.environ["MOUSEGATE_TEST_LEAK"] = "leak"
    ask(script)
    names = {line.partition("=")[0] for line in (tmp_path / "env").read_text().splitlines()}
    allowed = {"PATH", "LANG", "PWD", "SHLVL", "_", "OLDPWD", "HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"}
    assert (
        names <= allowed if os.geteuid() else names <= allowed - {"HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"}
    )
    assert (tmp_path / "fds").read_text().strip() == "4"
    assert (tmp_path / "pwd").read_text() == "/\n"


def test_failures_are_forgotten_once_the_stack_is_satisfied(ask: Ask, tmp_path: Path) -> None:
    """The helper is asked to clear by pam_setcred, which applications call after success, and only then."""
    script = f'echo "$@" >> {tmp_path}/calls; case "$*" in *--clear*) echo cleared; exit;; esac; {HONEST}'
    assert ask(script, b"wrong").result == AUTH_ERR
    assert ask(script, b"right").credentials is not None
    calls = (tmp_path / "calls").read_text().splitlines()
    assert calls == [f"--user {USER}", f"--user {USER}", f"--user {USER} --clear"]


def test_pamtester_sees_the_same(tmp_path: Path, module: Path) -> None:
    """An application that we did not write gets success and failure as this one does."""
    helper = tmp_path / "helper"
    helper.write_text(f"#!/bin/sh\n{HONEST}\n")
    helper.chmod(0o755)
    environment = module_environment(pam_environment(tmp_path), module, helper)

    def tester(answer: str) -> int:
        return subprocess.run(
            ["pamtester", "mousegate", USER, "authenticate"],
            input=f"{answer}\n",
            env=environment,
            text=True,
            capture_output=True,
            check=False,
            timeout=60,
        ).returncode

    assert (tester("right"), tester("wrong")) == (0, 1)
