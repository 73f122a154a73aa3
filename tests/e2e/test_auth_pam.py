"""The auth process under real PAM stacks: what unlocks, what is told, and that nothing else does."""

import getpass
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from mousegate.auth.attempt import FAILED
from mousegate.core import greetd_ipc, rhythm
from mousegate.core.events import PointerDevice
from mousegate.core.greetd_ipc import Message
from mousegate.core.probe import PROBE_PROMPT, RECOVERY_PREFIX, Probe, encode
from mousegate.core.reference import Reference
from mousegate.storage import hashing
from mousegate.storage.attempts import BACK_OFF
from mousegate.storage.store import Store
from tests.e2e.auth_peer import LIBRARIES, MATRIX, PASSWORD, TIMEOUT_S, pam_environment, running_auth
from tests.unit.people import RHYTHM, WRONG_RHYTHM

DEFAULT = "auth required {matrix} passdb={passwords}\naccount required {matrix} passdb={passwords}\n"
NO_MOVEMENT = np.zeros(0, np.float32)
CHATTY = LIBRARIES / "pam_wrapper/pam_chatty.so"


def probe(clicks: tuple[object, ...] = RHYTHM) -> str:
    """Return the answer of a greeter that saw these clicks and no movement."""
    return encode(Probe(bytes(8), PointerDevice.MOUSE, clicks, NO_MOVEMENT, 0, 0.0, 0.0))  # type: ignore[arg-type]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home in which RHYTHM is enrolled under policy `rhythm`, and the lock is armed."""
    directory = tmp_path / "config/mousegate"
    directory.mkdir(parents=True)
    (directory / "config.toml").write_text('policy = "rhythm"\n')
    with store_of(tmp_path) as store:
        protected = hashing.protect(rhythm.enrol([RHYTHM] * 5), store.key)
        store.references.put(Reference("me", PointerDevice.MOUSE, protected, None, 1.0, 1.0), "test")
        store.settings.arm()
    return tmp_path


def store_of(home: Path) -> Store:
    """Return the store of a home."""
    return Store.create(home / "data/mousegate")


def at_once(attempt: Callable[[tuple[Path, str]], str], home: Path, cases: Sequence[str]) -> list[str]:
    """Run `attempt` on each case at the same time, each in a copy of the home."""
    homes = [home.with_name(f"{home.name}-{number}") for number in range(len(cases))]
    for copy in homes:
        shutil.copytree(home, copy)
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(attempt, zip(homes, cases, strict=True)))


def outcome(said: list[Message]) -> str:
    """Return how an attempt ended: `success`, or the text of its error."""
    return "success" if said[-1]["type"] == "success" else str(said[-1]["description"])


def shown(said: list[Message]) -> list[tuple[str, str]]:
    """Return the prompts and texts with their kinds."""
    return [(m["auth_message_type"], m["auth_message"]) for m in said if m["type"] == "auth_message"]


def test_password_and_signature_give_the_nonce_back(home: Path) -> None:
    """Wrong password, wrong rhythm, then both right: only the last writes the nonce, once, and ends auth."""
    with running_auth(pam_environment(home)) as auth:
        assert auth.heartbeat() == b"alive\n"
        assert outcome(auth.attempt(probe(), "wrong")) == FAILED
        assert outcome(auth.attempt(probe(WRONG_RHYTHM))) == FAILED
        assert auth.given_back() == b""
        assert outcome(auth.attempt(probe())) == "success"
        assert auth.given_back() == auth.nonce
        assert auth.process.wait(TIMEOUT_S) == 0
        assert auth.given_back() == b""
    with store_of(home) as store:
        assert [entry.accepted for entry in store.decisions.newest(9)] == [True, False, False]
        assert store.attempts.failures() == 0


def test_a_recovery_code_works_once_in_the_whole_chain(home: Path) -> None:
    """With the password it gives the nonce back; the next lock refuses it."""
    with store_of(home) as store:
        code = store.recovery.renew()[0]
    environment = pam_environment(home)
    with running_auth(environment) as auth:
        assert outcome(auth.attempt(RECOVERY_PREFIX + code)) == "success"
        assert auth.given_back() == auth.nonce
    with running_auth(environment) as auth:
        assert outcome(auth.attempt(RECOVERY_PREFIX + code)) == FAILED
        assert auth.given_back() == b""


def test_a_stack_that_prompts_three_times(home: Path) -> None:
    """Each module's prompt reaches the greeter with its text; all have to be answered right."""
    stack = (
        "auth required {matrix} passdb={passwords} echo\n"
        "auth required {matrix} passdb={passwords}\n"
        "auth required {matrix} passdb={passwords}\n"
        "account required {matrix} passdb={passwords}\n"
    )
    with running_auth(pam_environment(home, stack)) as auth:
        said = auth.attempt(probe(), PASSWORD, PASSWORD, "wrong")
        assert outcome(said) == FAILED
        assert [kind for kind, _ in shown(said)] == ["visible", "secret", "secret", "visible"]
        assert outcome(auth.attempt(probe(), PASSWORD, PASSWORD, PASSWORD)) == "success"
        assert auth.given_back() == auth.nonce


def test_a_stack_that_talks(home: Path) -> None:
    """Info and error texts of PAM come as such, and need no answer."""
    stack = f"auth required {CHATTY} num_lines=3 info error\n" + DEFAULT.replace("\n", " verbose\n", 1)
    with running_auth(pam_environment(home, stack)) as auth:
        said = auth.attempt(probe())
        assert outcome(said) == "success"
        kinds = [kind for kind, _ in shown(said)]
        assert {"info", "error"} < set(kinds)
        assert kinds.count("secret") == 1


def test_pam_text_with_our_words(home: Path) -> None:
    """A stack that prints our own protocol words changes nothing: text is text."""
    words = ("success", PROBE_PROMPT, '{"type": "success"}', RECOVERY_PREFIX + "x", "alive", "0" * 64)
    (home / "words").write_text("\n".join(words))
    stack = f"auth optional pam_echo.so file={home / 'words'}\n" + DEFAULT
    with running_auth(pam_environment(home, stack)) as auth:
        said = auth.attempt(probe(WRONG_RHYTHM))
        assert outcome(said) == FAILED
        (text,) = [words for kind, words in shown(said) if kind == "info"]
        assert text.split("\n") == list(words)
        assert auth.given_back() == b""


def test_without_a_stack_nothing_opens(home: Path) -> None:
    """No service file and no `login`: one clear line that says what to install, and locked."""
    with running_auth(pam_environment(home, "")) as auth:
        text = outcome(auth.attempt(probe()))
        assert "no password can be checked" in text
        assert "\n" not in text
        assert auth.given_back() == b""


def test_login_stands_in_where_our_service_is_missing(home: Path) -> None:
    """The fallback works like the real one."""
    with running_auth(pam_environment(home, service="login")) as auth:
        assert outcome(auth.attempt(probe(), "wrong")) == FAILED
        assert outcome(auth.attempt(probe())) == "success"
        assert auth.given_back() == auth.nonce


BROKEN_STACKS = (
    "auth required /no/such/module.so\n",
    "this is no PAM file\n",
    "auth required {matrix} passdb=/no/such/file\n",
    "auth required pam_deny.so\naccount required pam_permit.so\n",
    "auth required pam_permit.so\naccount required pam_deny.so\n",
)


def test_a_broken_or_denying_stack_stays_locked(home: Path) -> None:
    """A module that is missing, a file that is none, modules that refuse: told in one line, locked."""

    def attempt(case: tuple[Path, str]) -> str:
        with running_auth(pam_environment(*case)) as auth:
            text = outcome(auth.attempt(probe()))
            assert auth.given_back() == b""
            assert auth.process.poll() is None
            return text

    for text in at_once(attempt, home, BROKEN_STACKS):
        assert text != "success"
        assert "\n" not in text


def test_the_delays_of_modules_do_not_add_to_ours(home: Path) -> None:
    """pam_faildelay asks for a minute; auth waits its own delay only."""
    stack = "auth optional pam_faildelay.so delay=60000000\n" + DEFAULT
    with running_auth(pam_environment(home, stack)) as auth:
        assert outcome(auth.attempt(probe(), "wrong")) == FAILED


def test_strange_passwords_are_wrong_passwords(home: Path) -> None:
    """Empty, too long, with a NUL behind the right one, half a character: refused like any other."""
    strange = ("", "x" * 513, "x" * 60_000, PASSWORD + "\0", PASSWORD + "\0x", "\ud800", "пароль" * 9)

    def attempt(case: tuple[Path, str]) -> str:
        with running_auth(pam_environment(case[0])) as auth:
            text = outcome(auth.attempt(probe(), case[1]))
            assert auth.given_back() == b""
            return text

    assert set(at_once(attempt, home, strange)) == {FAILED}


def test_attempts_are_counted_across_processes(home: Path) -> None:
    """A new auth goes on where the killed one was: the back-off cannot be shaken off."""
    environment = pam_environment(home)
    with store_of(home) as store:
        for _ in range(BACK_OFF.free - 1):
            store.attempts.charge(time.time())
    with running_auth(environment) as auth:
        auth.send(greetd_ipc.create_session(getpass.getuser()))
        assert auth.receive()["type"] == "auth_message"
        auth.send(greetd_ipc.post_response("wrong"))
        assert auth.receive()["auth_message"] == PROBE_PROMPT
    with running_auth(environment) as auth:
        assert "Too many attempts" in outcome(auth.attempt(probe()))
        assert auth.given_back() == b""


def test_the_greeter_going_away_ends_auth(home: Path) -> None:
    """Auth leaves quietly when its peer closes, at any point of an attempt."""
    for steps in range(3):
        with running_auth(pam_environment(home)) as auth:
            if steps:
                auth.send(greetd_ipc.create_session(getpass.getuser()))
                auth.receive()
            if steps > 1:
                auth.send(greetd_ipc.post_response(PASSWORD))
                auth.receive()
            auth.peer.shutdown(socket.SHUT_RDWR)
            assert auth.process.wait(TIMEOUT_S) == 0
            assert auth.given_back() == b""


def test_the_keeper_going_away_ends_auth(home: Path) -> None:
    """A broken heartbeat pipe ends auth, so that none is left behind."""
    with running_auth(pam_environment(home)) as auth:
        auth.heartbeat()
        spare = os.open(os.devnull, os.O_RDONLY)
        os.dup2(spare, auth.keeper)
        os.close(spare)
        assert auth.process.wait(TIMEOUT_S) != 0


def test_no_bytes_from_the_peer_give_the_nonce(home: Path) -> None:
    """Random bytes, random frames and random messages never reach the unlock pipe."""
    generator = random.Random(20)
    environment = pam_environment(home)
    for _ in range(12):
        with running_auth(environment) as auth:
            for _ in range(generator.randint(1, 6)):
                try:
                    auth.peer.sendall(_rubbish(generator))
                except OSError:
                    break
            auth.peer.shutdown(socket.SHUT_WR)
            auth.process.wait(TIMEOUT_S)
            assert auth.given_back() == b""


def _rubbish(generator: random.Random) -> bytes:
    payload = generator.choice(
        [
            generator.randbytes(generator.randint(0, 200)),
            b'{"type": "success"}',
            b'{"type": "create_session", "username": "root"}',
            b'{"type": "post_auth_message_response", "response": "correct horse"}',
            b'{"type": "post_auth_message_response", "response": {"a": [1, null]}}',
            b'{"type": "start_session", "cmd": ["sh"], "env": []}',
        ]
    )
    return payload if generator.random() < 0.3 else struct.pack("=I", len(payload)) + payload


@pytest.mark.parametrize("nonce", [b"", b"short\n", b"0" * 65 + b"\n", b"g" * 64 + b"\n"])
def test_without_a_nonce_auth_does_not_start(home: Path, nonce: bytes) -> None:
    """Anything but 64 hexadecimal digits on standard input: one line, exit status 70."""
    reading, writing = os.pipe()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        names = {
            "MOUSEGATE_PEER_FD": theirs.fileno(),
            "MOUSEGATE_KEEPER_FD": writing,
            "MOUSEGATE_UNLOCK_FD": writing,
        }
        done = subprocess.run(
            [sys.executable, "-m", "mousegate.auth"],
            env=pam_environment(home) | {name: str(number) for name, number in names.items()},
            input=nonce, capture_output=True, timeout=TIMEOUT_S, check=False,
            pass_fds=(theirs.fileno(), writing),
        )  # fmt: skip
    os.close(reading)
    os.close(writing)
    assert done.returncode == 70
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


def test_started_by_hand_it_says_what_to_do(home: Path) -> None:
    """No descriptors: one line naming `mousegate lock`, exit status 64."""
    done = subprocess.run(
        [sys.executable, "-m", "mousegate.auth"], env=pam_environment(home),
        input=b"", capture_output=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 64
    assert b"mousegate lock" in done.stderr
    assert b"Traceback" not in done.stderr


def test_secrets_are_kept_from_core_dumps_and_other_processes(home: Path) -> None:
    """Core dumps are off, and /proc shows the process as not dumpable (its files belong to root)."""
    with running_auth(pam_environment(home)) as auth:
        auth.heartbeat()
        limits = Path(f"/proc/{auth.process.pid}/limits").read_text()
        (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        assert core.split()[4:6] == ["0", "0"]


def test_nothing_heavy_is_loaded(home: Path) -> None:
    """Auth runs without torch, onnxruntime, Qt and Xlib, whatever is installed."""
    code = (
        "import sys, mousegate.auth.__main__\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(sorted(loaded & {'torch', 'onnx', 'onnxruntime', 'PyQt5', 'Xlib', 'dbus', 'click', 'rich'}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=pam_environment(home), capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("password", "status"), [(PASSWORD, 0), ("wrong", 1), ("", 1)])
def test_a_password_can_be_checked_for_other_commands(home: Path, password: str, status: int) -> None:
    """`--check-password` reads one line per prompt and says by its exit status whether it was right."""
    done = subprocess.run(
        [sys.executable, "-m", "mousegate.auth", "--check-password"], env=pam_environment(home),
        input=password.encode() + b"\n", capture_output=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == status
    with store_of(home) as store:
        assert store.attempts.failures() == status


def test_the_stack_is_the_one_that_was_written(home: Path) -> None:
    """The test's own ground: pam_matrix is there."""
    assert MATRIX.is_file()
    assert CHATTY.is_file()


def disable(home: Path, password: str) -> "subprocess.CompletedProcess[str]":
    """Run `mousegate disable` without a display, with the password on standard input."""
    return subprocess.run(
        [sys.executable, "-m", "mousegate.cli", "disable", "--password-stdin"], env=pam_environment(home),
        input=password + "\n", capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip


def test_disabling_takes_the_password_and_leaves_it_sufficient(home: Path) -> None:
    """A wrong password changes nothing; after the right one the password alone unlocks, a wrong one never."""
    refused = disable(home, "wrong")
    assert (refused.returncode, "not your password" in refused.stderr) == (1, True)
    with store_of(home) as store:
        assert store.settings.armed
    assert disable(home, PASSWORD).returncode == 0
    with running_auth(pam_environment(home)) as auth:
        assert outcome(auth.attempt(probe(WRONG_RHYTHM), "wrong")) == FAILED
        assert outcome(auth.attempt(probe(WRONG_RHYTHM))) == "success"
        assert auth.given_back() == auth.nonce


def test_disabling_works_with_a_damaged_store(home: Path) -> None:
    """Nobody is locked out by a broken disk: the store is put aside whole, and the password unlocks."""
    path = home / "data/mousegate/store.sqlite"
    path.write_bytes(b"not a database" * 100)
    with running_auth(pam_environment(home)) as auth:
        assert "damaged" in outcome(auth.attempt(probe()))
        done = disable(home, PASSWORD)
        assert (done.returncode, "moved to" in done.stdout) == (0, True)
        assert outcome(auth.attempt(probe(WRONG_RHYTHM))) == "success"
        assert auth.given_back() == auth.nonce
    (aside,) = (home / "data").glob("mousegate.damaged-*")
    assert (aside / "store.sqlite").read_bytes().startswith(b"not a database")


def test_disabling_says_when_pam_is_missing(home: Path) -> None:
    """One line for each thing wrong, status 70, still armed."""
    done = subprocess.run(
        [sys.executable, "-m", "mousegate.cli", "disable", "--password-stdin"], env=pam_environment(home, ""),
        input=PASSWORD, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    assert done.returncode == 70
    assert "no password can be checked" in done.stderr
    assert "Traceback" not in done.stderr
    with store_of(home) as store:
        assert store.settings.armed
