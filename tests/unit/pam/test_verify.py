"""mousegate-verify's logic: what it says for each answer, and its silence where anything is wrong."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mousegate.core.events import PointerDevice
from mousegate.core.manifest import Manifest
from mousegate.core.probe import RECOVERY_PREFIX, encode
from mousegate.errors import ConfigurationError, ProtocolError, StoreError
from mousegate.pam import verify
from mousegate.pam.place import Place, find_place
from mousegate.storage.attempts import BACK_OFF
from mousegate.storage.paths import LOGIN_CONFIG_NAME
from mousegate.storage.store import Store
from tests.unit.people import MANIFEST, WRONG_RHYTHM, Person

ME, STRANGER = Person(1), Person(8)
TOKEN = "0123456789abcdef" * 2
NOW_S = 1000.0


@dataclass
class Module:
    """Plays pam_mousegate.so with one answer. line: what it sends in place of token and answer."""

    answer: str = ""
    line: bytes | None = None
    said: list[str] = field(default_factory=list)

    def verify(self, store: Store, model: Callable[[], Manifest | None] = lambda: MANIFEST) -> list[str]:
        """Serve one attempt at login and return what was said."""
        verify.verify(place_of(store), verify.Peer(self._line, self.said.append), NOW_S, model)
        return self.said

    def _line(self) -> bytes:
        return f"{TOKEN} {self.answer}\n".encode() if self.line is None else self.line


def place_of(store: Store) -> Place:
    """Return the login place whose store this is."""
    return find_place("me", is_root=True, store=store.directory)


def verdict(store: Store, answer: str, **changes: Callable[[], Manifest | None]) -> str:
    """Return the last word of what is said to an answer."""
    return Module(answer).verify(store, **changes)[-1].removeprefix(f"{TOKEN} ")


def test_the_enrolled_hand_matches(store: Store) -> None:
    """The right rhythm and movement are asked for, match under the module's token, and are written down."""
    assert Module(encode(ME.probe())).verify(store) == ["ask", f"{TOKEN} match"]
    (entry,) = store.decisions.newest(5)
    assert (entry.place, entry.decision, entry.accepted, entry.password) == ("login", "match", True, None)


@pytest.mark.parametrize(
    "answer",
    [
        encode(STRANGER.probe()),
        encode(ME.probe(WRONG_RHYTHM)),
        encode(STRANGER.probe(device=PointerDevice.TOUCHPAD)),
        encode(ME.probe(device=PointerDevice.XTEST)),
        encode(replace(ME.probe(), model_id=b"another8")),
        encode(ME.probe(windows=0, active_s=0.0)),
        encode(ME.probe())[:-1],
        RECOVERY_PREFIX + "0000-0000-0000",
        "",
        "match",
    ],
    ids=[
        "another hand", "another rhythm", "another hand and device", "a program", "another model",
        "no movement", "cut short", "a wrong code", "nothing", "the word itself",
    ],
)  # fmt: skip
def test_anything_else_does_not(store: Store, answer: str) -> None:
    """Every other answer is `no`, and counts as a failure."""
    assert verdict(store, answer) == "no"
    assert store.attempts.failures() == 1


def test_an_old_probe_is_a_replay(store: Store) -> None:
    """What matched once does not match again."""
    answer = encode(ME.probe())
    assert [verdict(store, answer), verdict(store, answer)] == ["match", "no"]
    assert store.decisions.newest(1)[0].attack == "replayed"


def test_another_users_probe_does_not_match(store: Store) -> None:
    """A probe that matches its owner says nothing for this user."""
    assert verdict(store, encode(Person(3).probe())) == "no"


def test_without_its_model_nothing_matches(store: Store) -> None:
    """A model that is missing or altered makes movement incomparable, which is no match."""
    assert verdict(store, encode(ME.probe()), model=lambda: None) == "no"


def test_a_recovery_code_opens_once(store: Store) -> None:
    """A printed code stands for the signature, once."""
    code = store.recovery.renew()[0]
    assert [verdict(store, RECOVERY_PREFIX + code), verdict(store, RECOVERY_PREFIX + code)] == ["match", "no"]


def test_failures_count_until_the_whole_stack_is_satisfied(store: Store) -> None:
    """A match alone clears nothing, since the password may be wrong; `clear` does."""
    verdict(store, "")
    verdict(store, encode(ME.probe()))
    assert store.attempts.failures() == 2
    said: list[str] = []
    verify.clear(place_of(store), verify.Peer(bytes, said.append), NOW_S, lambda: None)
    assert (store.attempts.failures(), said) == (0, ["cleared"])


def test_only_a_login_by_the_signature_proves_the_person(store: Store) -> None:
    """The daemon is told after a match of a moment ago; not after a code, a refusal, or long afterwards."""
    told: list[float] = []

    def clear(now_s: float) -> int:
        peer = verify.Peer(bytes, lambda line: None)
        verify.clear(place_of(store), peer, now_s, lambda: told.append(now_s))
        return len(told)

    assert clear(NOW_S) == 0
    verdict(store, encode(ME.probe()))
    assert clear(NOW_S + 3600) == 0 and clear(NOW_S - 5) == 0
    assert clear(NOW_S + 5) == 1
    verdict(store, RECOVERY_PREFIX + store.recovery.renew()[0])
    assert clear(NOW_S) == 1
    verdict(store, encode(ME.probe()))
    verdict(store, "")
    assert clear(NOW_S) == 1


def test_too_many_failures_wait(store: Store) -> None:
    """After the free failures the wait is told, and nothing is asked."""
    for _ in range(BACK_OFF.free):
        store.attempts.charge(NOW_S)
    assert Module().verify(store) == [f"wait {BACK_OFF.first_s:.0f}"]


def test_who_has_no_store_is_unknown(tmp_path: Path) -> None:
    """Nothing stored means not enrolled."""
    said: list[str] = []
    verify.verify(Place("login", tmp_path / "none", tmp_path), verify.Peer(bytes, said.append), NOW_S)
    assert said == ["unknown"]


def test_who_disabled_it_is_unknown(store: Store) -> None:
    """After `mousegate disable` the password alone decides."""
    store.settings.disarm()
    assert Module().verify(store) == ["unknown"]


def test_an_unsafe_store_says_nothing(store: Store) -> None:
    """A store that others can read is not trusted, and not taken for a missing one."""
    store.directory.chmod(0o755)
    with pytest.raises(StoreError, match="chmod"):
        Module().verify(store)


def test_a_damaged_store_says_nothing(store: Store) -> None:
    """A store that is no database is not taken for a missing one."""
    store.close()
    (store.directory / "store.sqlite").write_bytes(b"rubbish" * 1000)
    module = Module()
    with pytest.raises(StoreError, match="damaged"):
        module.verify(store)
    assert module.said == []


def test_a_bad_configuration_says_nothing(store: Store) -> None:
    """A policy that cannot be read is not taken for the default one."""
    (store.directory / LOGIN_CONFIG_NAME).write_text('policy = "none"\n')
    with pytest.raises(ConfigurationError, match="policy"):
        Module().verify(store)


@pytest.mark.parametrize(
    "line", [b"", b"\n", TOKEN.encode() + b"\n", f"{TOKEN} x".encode(), f"{TOKEN.upper()} x\n".encode()]
)
def test_a_line_that_is_none_is_not_judged(store: Store, line: bytes) -> None:
    """What the module would never send gets no verdict."""
    module = Module(line=line)
    with pytest.raises(ProtocolError):
        module.verify(store)
    assert module.said == ["ask"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=st.binary(max_size=600) | st.text(max_size=520).map(lambda text: f"{TOKEN} {text}\n".encode()))
def test_no_bytes_match(store: Store, line: bytes) -> None:
    """Whatever bytes arrive, the outcome is `no` or an error of ours, never a match."""
    store.attempts.clear()
    module = Module(line=line)
    with contextlib.suppress(ProtocolError):
        module.verify(store)
    assert module.said in (["ask"], ["ask", f"{TOKEN} no"])


def test_only_root_judges_logins(tmp_path: Path) -> None:
    """A session's user is judged by the own store for locks; root by the copies for logins."""
    assert find_place("me", is_root=False, store=None).name == "lock"
    assert find_place("me", is_root=True, store=None).store == Path("/var/lib/mousegate/me")
    assert find_place("me", is_root=True, store=tmp_path).name == "login"
