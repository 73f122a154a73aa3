"""The loop of attempts: settings and store as they are now; whatever goes wrong is told and opens nothing."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mousegate.auth.attempt import OpenStack
from mousegate.auth.channel import PeerGoneError
from mousegate.auth.service import AuthService, pam_stack
from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Message
from mousegate.core.manifest import Manifest
from mousegate.core.probe import RECOVERY_PREFIX, encode
from mousegate.errors import ModelError, PamError, ProtocolError
from mousegate.storage.config import Config
from mousegate.storage.store import STORE_NAME, Store
from tests.unit.auth.script import PASSWORD, ScriptedStack, conversation, in_thread
from tests.unit.people import MANIFEST, Person

ME = Person(1)


@pytest.fixture
def home(tmp_path: Path, enrolled_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home directory in which ME is enrolled and the lock is armed."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "config/mousegate").mkdir(parents=True)
    shutil.copytree(enrolled_directory, tmp_path / "data/mousegate")
    return tmp_path


class Lock:
    """A service in a thread, and how often it unlocked."""

    def __init__(self) -> None:
        self.unlocked = 0
        self.load_model: Callable[[], Manifest] = lambda: MANIFEST
        self.stack = ScriptedStack()

    def unlock(self) -> None:
        """Count."""
        self.unlocked += 1

    def attempts(self, *tries: tuple[str, str]) -> Iterator[Message]:
        """Make attempts with (probe, password) and yield the outcome of each."""
        with conversation() as (channel, greeter):
            service = AuthService(
                channel, self.unlock, lambda config: self.stack.opener(), self.load_model, 0.01
            )
            with in_thread(service.serve) as outcome:
                for probe, password in tries:
                    greeter.send(greetd_ipc.create_session("somebody"))
                    yield greeter.attempt(probe, password)
                greeter.peer.shutdown(2)
            assert outcome[0] is None or isinstance(outcome[0], PeerGoneError)


def description(message: Message) -> str:
    """Return the text of an error."""
    assert message["type"] == "error"
    text = message["description"]
    assert isinstance(text, str)
    assert "\n" not in text
    return text


def test_it_unlocks_once_and_ends(home: Path) -> None:
    """After failures the right attempt unlocks; the service returns."""
    lock = Lock()
    outcomes = list(lock.attempts((encode(ME.probe()), "wrong"), (encode(ME.probe()), PASSWORD)))
    assert [message["type"] for message in outcomes] == ["error", "success"]
    assert lock.unlocked == 1


def test_settings_are_read_anew(home: Path) -> None:
    """What is changed while locked holds from the next attempt on."""
    lock = Lock()
    attempts = lock.attempts((encode(ME.probe(())), PASSWORD), (encode(ME.probe(())), PASSWORD))
    assert next(attempts)["type"] == "error"
    (home / "config/mousegate/config.toml").write_text('policy = "motion"\n')
    assert next(attempts)["type"] == "success"
    assert list(attempts) == []


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda home: shutil.rmtree(home / "data"), "Nothing is enrolled"),
        (lambda home: (home / "data/mousegate/key").unlink(), "missing"),
        (lambda home: (home / "data/mousegate" / STORE_NAME).write_bytes(b"x" * 9000), "damaged"),
        (lambda home: (home / "data/mousegate" / STORE_NAME).chmod(0o644), "chmod 600"),
        (
            lambda home: (home / "config/mousegate/config.toml").write_text("polcy = 1"),
            "Did you mean 'policy'",
        ),
    ],
)
def test_a_broken_store_or_setting_is_told_and_stays_locked(
    home: Path, harm: Callable[[Path], None], words: str
) -> None:
    """One clear line, before the password is asked; the service goes on."""
    harm(home)
    lock = Lock()
    outcomes = list(lock.attempts((encode(ME.probe()), PASSWORD), (encode(ME.probe()), PASSWORD)))
    assert all(words in description(message) for message in outcomes)
    assert (lock.unlocked, lock.stack.calls) == (0, [])


def test_no_store_may_be_configured_to_mean_the_password_alone(home: Path) -> None:
    """`unenrolled = "password"` opens a desktop where nothing is enrolled, with the right password only."""
    shutil.rmtree(home / "data/mousegate")
    (home / "config/mousegate/config.toml").write_text('unenrolled = "password"\n')
    lock = Lock()
    outcomes = list(lock.attempts((encode(ME.probe()), "wrong"), (encode(ME.probe()), PASSWORD)))
    assert [message["type"] for message in outcomes] == ["error", "success"]


def test_a_model_removed_while_locked_changes_nothing(home: Path) -> None:
    """The manifest is read once it is needed, and kept."""
    lock = Lock()
    loads = []

    def load() -> Manifest:
        loads.append(1)
        if len(loads) > 1:
            raise ModelError("gone")
        return MANIFEST

    lock.load_model = load
    outcomes = list(lock.attempts((encode(ME.probe()), "wrong"), (encode(ME.probe()), PASSWORD)))
    assert outcomes[-1]["type"] == "success"


def test_a_missing_model_leaves_the_recovery_code(home: Path) -> None:
    """Movement cannot be compared; the code and the password still open."""

    def fail() -> Manifest:
        raise ModelError("The model is gone.")

    with Store.create() as store:
        code = store.recovery.renew()[0]
    lock = Lock()
    lock.load_model = fail
    tries = ((encode(ME.probe()), PASSWORD), (RECOVERY_PREFIX + code, PASSWORD))
    assert [message["type"] for message in lock.attempts(*tries)] == ["error", "success"]


def test_warming_up_loads_the_model_once_and_survives_its_absence(home: Path) -> None:
    """After it the first attempt reads no manifest; a missing model is told by the attempt, not by it."""
    loaded: list[int] = []

    def load() -> Manifest:
        loaded.append(1)
        return MANIFEST

    def fail() -> Manifest:
        raise ModelError("The model is missing.")

    with conversation() as (channel, greeter):
        service = AuthService(channel, _never, _no_stack, load)
        service.warm_up()
        AuthService(channel, _never, _no_stack, fail).warm_up()
        with in_thread(service.serve):
            greeter.send(greetd_ipc.create_session("me"))
            greeter.peer.shutdown(2)
    assert loaded == [1]


def test_a_broken_stack_is_told(home: Path) -> None:
    """A PamError is shown as it is."""
    with conversation() as (channel, greeter):

        def broken(config: Config) -> OpenStack:
            raise PamError("There is no PAM service.")

        service = AuthService(channel, _never, broken, lambda: MANIFEST)
        with in_thread(service.serve):
            greeter.send(greetd_ipc.create_session("me"))
            assert description(greeter.attempt("")) == "There is no PAM service."
            greeter.peer.shutdown(2)


def test_the_unexpected_opens_nothing_and_is_survived(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """An exception nobody foresaw is logged, told in general words, and the next attempt works."""
    lock = Lock()
    stack = lock.stack

    class Broken(ScriptedStack):
        def authenticate(self) -> bool:
            lock.stack = stack
            raise ZeroDivisionError

    lock.stack = Broken()
    with caplog.at_level(logging.CRITICAL, "mousegate.auth.service"):
        outcomes = list(lock.attempts((encode(ME.probe()), PASSWORD), (encode(ME.probe()), PASSWORD)))
    assert "unexpected" in description(outcomes[0])
    assert outcomes[1]["type"] == "success"


@pytest.mark.parametrize("message", [greetd_ipc.success(), greetd_ipc.post_response("x"), {"type": "x"}])
def test_what_begins_no_attempt_ends_the_service(home: Path, message: Message) -> None:
    """Rubbish between attempts is a ProtocolError, so the keeper starts the pair anew."""
    with conversation() as (channel, greeter):
        service = AuthService(channel, _never, _no_stack, lambda: MANIFEST)
        greeter.send(message)
        with pytest.raises(ProtocolError):
            service.serve()


def test_a_cancel_between_attempts_is_ignored(home: Path) -> None:
    """Nothing is open, so there is nothing to give up."""
    with conversation() as (channel, greeter):
        greeter.send(greetd_ipc.cancel_session())
        greeter.peer.close()
        with pytest.raises(PeerGoneError):
            AuthService(channel, _never, _no_stack, lambda: MANIFEST).serve()


def test_an_unknown_service_and_no_login_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Finding the stack says which file to install."""
    monkeypatch.setenv("PAM_WRAPPER", "1")
    monkeypatch.setenv("PAM_WRAPPER_SERVICE_DIR", str(tmp_path))
    with pytest.raises(PamError, match=f"install .*{tmp_path}/mousegate"):
        pam_stack("me", "")(Config())


def _never() -> None:
    raise AssertionError("unlocked")


def _no_stack(config: Config) -> OpenStack:
    raise AssertionError("asked")
