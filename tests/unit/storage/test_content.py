"""What the store holds: references, decisions, codes, replays, the counter."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core.events import PointerDevice
from mousegate.errors import BadInput, NotEnrolled, StoreError
from mousegate.storage import decisions, seen
from mousegate.storage.attempts import BACK_OFF, BackOff
from mousegate.storage.decisions import LoggedDecision
from mousegate.storage.recovery import CODES
from mousegate.storage.store import STORE_NAME, Store
from tests.unit.people import Person, reference

MOUSE, TOUCHPAD, UNKNOWN = PointerDevice.MOUSE, PointerDevice.TOUCHPAD, PointerDevice.UNKNOWN
ENTRY = LoggedDecision(
    1.5, "lock", "match", True, True, False, 2.25, "", "me", "all", "fmr1", 3.0
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    with Store.create(tmp_path / "mousegate") as store:
        yield store


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with one reference, not to be changed."""
    with Store.create(tmp_path_factory.mktemp("enrolled") / "mousegate") as store:
        store.references.put(reference(Person(1), store.key), "test")
        yield store


def test_a_reference_survives_storage(enrolled: Store) -> None:
    """What is read equals what was put."""
    (found,) = enrolled.references.all()
    assert (found.label, found.device) == ("me", MOUSE)
    assert found.rhythm is not None
    assert found.motion is not None
    again = reference(Person(1), enrolled.key)
    assert again.motion is not None
    assert found.motion.to_bytes() == again.motion.to_bytes()
    assert enrolled.references.provenance(found) == "test"


def test_no_hold_is_in_the_file(enrolled: Store) -> None:
    """The database holds helpers and a digest, never bins or hold times in the open."""
    (found,) = enrolled.references.all()
    assert found.rhythm is not None
    raw = (enrolled.directory / STORE_NAME).read_bytes()
    assert found.rhythm.to_json().encode() in raw
    public = {"version", "tolerance", "crossover_ms", "offsets", "profile", "salt", "digest", "strength_bits"}
    assert set(json.loads(found.rhythm.to_json())) == public


def test_the_right_device_is_found_first(store: Store, enrolled: Store) -> None:
    """Device, then unknown device, then the newest; a label narrows it; suiting comes before all."""
    (base,) = enrolled.references.all()
    for label, device, updated_s in (("a", UNKNOWN, 1.0), ("b", MOUSE, 2.0), ("c", TOUCHPAD, 3.0)):
        store.references.put(replace(base, label=label, device=device, updated_s=updated_s), "")

    def find(label: str, device: PointerDevice) -> str:
        found = store.references.find(label, device)
        return found.label if found else ""

    assert find("", MOUSE) == "b"
    assert find("", TOUCHPAD) == "c"
    assert find("", PointerDevice.TRACKPOINT) == "a"
    assert find("c", MOUSE) == "c"
    assert find("nobody", MOUSE) == ""
    suiting = store.references.find("", MOUSE, lambda reference: reference.label == "c")
    assert suiting is not None
    assert suiting.label == "c"


def test_without_any_fitting_device_the_newest_is_compared(store: Store, enrolled: Store) -> None:
    """The owner with a borrowed mouse may still try."""
    (base,) = enrolled.references.all()
    store.references.put(replace(base, label="old", updated_s=1.0), "")
    store.references.put(replace(base, label="new", updated_s=2.0), "")
    found = store.references.find("", TOUCHPAD)
    assert found is not None
    assert found.label == "new"


def test_putting_again_replaces(store: Store, enrolled: Store) -> None:
    """A label has one reference per device."""
    (base,) = enrolled.references.all()
    store.references.put(base, "first")
    store.references.put(replace(base, updated_s=9.0), "second")
    (found,) = store.references.all()
    assert found.updated_s == 9.0


def test_delete_and_rename(store: Store, enrolled: Store) -> None:
    """Both act on a whole label, and say when there is none."""
    (base,) = enrolled.references.all()
    store.references.put(base, "")
    store.references.put(replace(base, label="other"), "")
    assert store.references.rename("me", "I") == 1
    with pytest.raises(BadInput, match="already"):
        store.references.rename("I", "other")
    assert store.references.delete("I") == 1
    with pytest.raises(NotEnrolled, match="references list"):
        store.references.delete("I")
    with pytest.raises(NotEnrolled, match="references list"):
        store.references.rename("I", "x")


@pytest.mark.parametrize("label", ["", "x" * 65, "two\nlines", "\x1b[31m"])
def test_labels_are_printable(store: Store, enrolled: Store, label: str) -> None:
    """A label that would upset a terminal is refused."""
    (base,) = enrolled.references.all()
    with pytest.raises(BadInput, match="label"):
        store.references.put(replace(base, label=label), "")


@pytest.mark.parametrize(("column", "value"), [("rhythm", "{}"), ("motion", b"MGM1"), ("device", 99)])
def test_a_damaged_reference_is_an_error(store: Store, enrolled: Store, column: str, value: object) -> None:
    """It is never skipped in silence, and the line says which to delete."""
    (base,) = enrolled.references.all()
    store.references.put(base, "")
    with sqlite3.connect(store.directory / STORE_NAME) as connection:
        connection.execute(f"UPDATE reference SET {column} = ?", (value,))
    connection.close()
    with pytest.raises(StoreError, match="references delete me"):
        store.references.all()
    assert store.references.delete("me") == 1


def test_decisions_come_newest_first(store: Store) -> None:
    """The log gives back what was written."""
    store.decisions.append(ENTRY)
    other = replace(ENTRY, time_s=2.5, password=None, rhythm=None, motion_llr=None, accepted=False)
    store.decisions.append(other)
    assert store.decisions.newest(5) == [other, ENTRY]
    assert store.decisions.newest(1) == [other]


def test_the_log_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest decisions are kept."""
    monkeypatch.setattr(decisions, "KEPT", 3)
    for number in range(5):
        store.decisions.append(replace(ENTRY, time_s=float(number)))
    assert [entry.time_s for entry in store.decisions.newest(9)] == [4.0, 3.0, 2.0]


def test_recovery_codes_are_single_use(store: Store) -> None:
    """Each code is found until it is spent, and spent once."""
    codes = store.recovery.renew()
    assert len(set(codes)) == CODES
    digest = store.recovery.find(codes[3])
    assert digest is not None
    assert store.recovery.spend(digest) is True
    assert store.recovery.spend(digest) is False
    assert store.recovery.find(codes[3]) is None
    assert store.recovery.count() == CODES - 1


def test_a_recovery_code_may_be_typed_loosely(store: Store) -> None:
    """Case, hyphens and blanks do not matter."""
    code = store.recovery.renew()[0]
    assert store.recovery.find(f"  {code.upper().replace('-', ' ')}") is not None


def test_new_codes_replace_the_old(store: Store) -> None:
    """After `renew` the old ones are worth nothing."""
    old = store.recovery.renew()[0]
    store.recovery.renew()
    assert store.recovery.find(old) is None
    assert store.recovery.count() == CODES


@pytest.mark.parametrize("code", ["", "-", "x" * 10_000, "\udcff\udcfe", "aaaa-bbbb-cccc"])
def test_rubbish_is_no_recovery_code(store: Store, code: str) -> None:
    """Nothing but a code is one; not even nothing, where there are none."""
    assert store.recovery.find(code) is None
    store.recovery.renew()
    assert store.recovery.find(code) is None


def test_codes_are_not_in_the_file(store: Store) -> None:
    """Only digests are stored."""
    codes = store.recovery.renew()
    raw = (store.directory / STORE_NAME).read_bytes()
    assert not any(code.encode() in raw or code.replace("-", "").encode() in raw for code in codes)


def test_an_exact_replay_is_known(store: Store) -> None:
    """A probe is known again at the same place, and only there."""
    digest = store.seen.digest(b"probe")
    assert not store.seen.holds(digest, "lock")
    store.seen.note(digest, "lock")
    store.seen.note(digest, "lock")
    assert store.seen.holds(digest, "lock")
    assert not store.seen.holds(digest, "login")
    assert not store.seen.holds(store.seen.digest(b"probf"), "lock")


def test_replays_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the newest digests are kept."""
    monkeypatch.setattr(seen, "KEPT", 3)
    for number in range(5):
        store.seen.note(store.seen.digest(bytes([number])), "lock")
    held = [store.seen.holds(store.seen.digest(bytes([number])), "lock") for number in range(5)]
    assert held == [False, False, True, True, True]


def test_the_counter_persists_and_clears(tmp_path: Path) -> None:
    """Failures survive the process; a success forgets them."""
    with Store.create(tmp_path / "m") as store:
        for _ in range(7):
            store.attempts.charge(100.0)
    with Store.create(tmp_path / "m") as store:
        assert store.attempts.failures() == 7
        assert store.attempts.remaining_s(100.0) == BACK_OFF.wait_s(7)
        store.attempts.clear()
        assert store.attempts.remaining_s(100.0) == 0.0


def test_the_wait_runs_down(store: Store) -> None:
    """The wait ends when it is over, and a clock set back makes it no longer than it was."""
    for _ in range(6):
        store.attempts.charge(1000.0)
    whole_s = BACK_OFF.wait_s(6)
    assert store.attempts.remaining_s(1000.0 + whole_s - 1) == pytest.approx(1.0)
    assert store.attempts.remaining_s(1000.0 + whole_s + 1) == 0.0
    assert store.attempts.remaining_s(-1e9) == whole_s


@given(st.integers(0, 10_000))
def test_the_back_off_grows_and_is_bounded(failures: int) -> None:
    """More failures never mean less waiting; some are free; the longest wait is the longest."""
    back_off = BackOff()
    assert 0.0 <= back_off.wait_s(failures) <= back_off.wait_s(failures + 1) <= back_off.longest_s
    assert (back_off.wait_s(failures) == 0.0) is (failures < back_off.free)


def test_armed_and_disarmed_are_said_not_assumed(store: Store) -> None:
    """A new store is neither: that a person wanted the password alone has to be said."""
    assert (store.settings.armed, store.settings.disarmed) == (False, False)
    store.settings.arm()
    assert (store.settings.armed, store.settings.disarmed) == (True, False)
    store.settings.disarm()
    assert (store.settings.armed, store.settings.disarmed) == (False, True)
