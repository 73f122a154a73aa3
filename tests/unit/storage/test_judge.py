"""The verdict: only the password together with a match, or with a recovery code, unlocks."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mousegate.core.events import PointerDevice
from mousegate.core.manifest import Trend
from mousegate.core.probe import RECOVERY_PREFIX, AttackFlag, Probe, encode
from mousegate.storage.config import Config
from mousegate.storage.judge import Judge, Verdict
from mousegate.storage.store import Store
from tests.unit.people import MANIFEST, RHYTHM, WRONG_RHYTHM, Person, reference

ME, STRANGER = Person(1), Person(8)
NOW_S = 1000.0


def judge(store: Store, **settings_: object) -> Judge:
    """Return a judge with these settings."""
    return Judge(store, replace(Config(), **settings_), MANIFEST)  # type: ignore[arg-type]


def verdict(judge: Judge, probe: Probe | str, password_ok: bool = True) -> Verdict:
    """Judge a probe or an answer, and write it down."""
    found = judge.judge(password_ok, probe if isinstance(probe, str) else encode(probe), NOW_S)
    judge.conclude(found)
    return found


def test_password_and_signature_unlock(store: Store) -> None:
    """Everything right unlocks, is written down and clears the counter."""
    store.attempts.charge(NOW_S)
    found = verdict(judge(store), ME.probe())
    assert found.unlocks is True
    (entry,) = store.decisions.newest(5)
    assert (entry.decision, entry.accepted, entry.password, entry.rhythm) == ("match", True, True, True)
    assert store.attempts.failures() == 0


@pytest.mark.parametrize(
    ("password_ok", "hand", "clicks"),
    [
        case
        for case in itertools.product((True, False), (ME, STRANGER), (RHYTHM, WRONG_RHYTHM))
        if case != (True, ME, RHYTHM)
    ],
)
def test_anything_wrong_stays_locked(
    store: Store, password_ok: bool, hand: Person, clicks: tuple[object, ...]
) -> None:
    """Under `all`, every combination with one wrong factor stays locked and leaves the counter alone."""
    store.attempts.charge(NOW_S)
    found = verdict(judge(store), hand.probe(clicks), password_ok)  # type: ignore[arg-type]
    assert (found.unlocks, found.too_little) == (False, False)
    assert store.attempts.failures() == 1


@pytest.mark.parametrize(
    ("policy", "hand", "clicks", "unlocks"),
    [
        ("rhythm", STRANGER, RHYTHM, True), ("rhythm", ME, WRONG_RHYTHM, False),
        ("motion", ME, WRONG_RHYTHM, True), ("motion", STRANGER, RHYTHM, False),
        ("fused", ME, RHYTHM, True), ("fused", STRANGER, RHYTHM, False),
        ("fused", STRANGER, WRONG_RHYTHM, False),
    ],
)  # fmt: skip
def test_the_policy_decides_which_factors_count(
    store: Store, policy: str, hand: Person, clicks: tuple[object, ...], unlocks: bool
) -> None:
    """Each policy asks for its own factors."""
    assert verdict(judge(store, policy=policy), hand.probe(clicks)).unlocks is unlocks  # type: ignore[arg-type]


def test_a_stricter_point_refuses_what_a_looser_one_accepts(store: Store) -> None:
    """The operating point of the configuration is the one used."""
    llr = judge(store)._compare(ME.probe()).comparison.motion_llr
    assert llr is not None
    curves = tuple(
        replace(one, threshold=Trend(llr + (10 if one.name == "fmr0.1" else -10)))
        for one in MANIFEST.lock.curves
    )
    manifest = replace(MANIFEST, lock=replace(MANIFEST.lock, curves=curves))
    loose = Judge(store, Config(policy="motion", operating_point="fmr1"), manifest)
    strict = Judge(store, Config(policy="motion", operating_point="fmr0.1"), manifest)
    assert verdict(loose, ME.probe()).unlocks is True
    assert verdict(strict, ME.probe()).unlocks is False


@pytest.mark.parametrize("password_ok", [True, False])
@pytest.mark.parametrize(
    "probe", [ME.probe(windows=0, active_s=0.0), ME.probe(active_s=0.5), ME.probe(()), ME.probe(RHYTHM[:1])]
)
def test_too_little_is_said_whatever_the_password(store: Store, probe: Probe, password_ok: bool) -> None:
    """Too little to compare never unlocks, and says so with a right and with a wrong password alike."""
    found = verdict(judge(store), probe, password_ok)
    assert (found.unlocks, found.too_little) == (False, True)


def test_an_exact_replay_is_an_attack(store: Store) -> None:
    """The same probe a second time stays locked, even after a wrong password the first time."""
    probe = ME.probe()
    assert verdict(judge(store), probe, password_ok=False).unlocks is False
    assert verdict(judge(store), probe).unlocks is False
    assert store.decisions.newest(1)[0].attack == "replayed"
    assert verdict(judge(store), ME.probe()).unlocks is True


def test_a_replay_with_other_numbers_is_still_one(store: Store) -> None:
    """Changing quality and counts around the same movement does not make it new."""
    probe = ME.probe()
    assert verdict(judge(store), probe).unlocks is True
    assert verdict(judge(store), replace(probe, quality=0.5, windows=21, active_s=14.0)).unlocks is False


def test_an_honest_rhythm_may_recur(store: Store) -> None:
    """Without movement, the same holds to the millisecond are no replay."""
    probe = replace(ME.probe(windows=0, active_s=0.0), embedding=np.zeros(0, np.float32))
    policy = judge(store, policy="rhythm")
    assert [verdict(policy, probe).unlocks for _ in range(2)] == [True, True]


@pytest.mark.parametrize(
    ("attack", "device", "word"),
    [
        (AttackFlag.SYNTHETIC_DEVICE, PointerDevice.MOUSE, "synthetic"),
        (AttackFlag.NONE, PointerDevice.XTEST, "synthetic"),
        (AttackFlag.MACHINE_STRAIGHT, PointerDevice.MOUSE, "machine-straight"),
    ],
)
def test_signs_of_an_attack_stay_locked(
    store: Store, attack: AttackFlag, device: PointerDevice, word: str
) -> None:
    """Events made by programs, and movement no hand makes, are refused and named in the log."""
    assert verdict(judge(store), ME.probe(RHYTHM, device, attack)).unlocks is False
    assert store.decisions.newest(1)[0].attack == word


def test_tests_may_allow_synthetic_events(store: Store) -> None:
    """`allow_synthetic` lets XTEST through, but not machine-straight movement."""
    allowed = judge(store, allow_synthetic=True)
    both = AttackFlag.SYNTHETIC_DEVICE | AttackFlag.MACHINE_STRAIGHT
    assert verdict(allowed, ME.probe(attack=AttackFlag.SYNTHETIC_DEVICE)).unlocks is True
    assert verdict(allowed, ME.probe(attack=both)).unlocks is False


def test_a_recovery_code_unlocks_once_with_the_password(store: Store) -> None:
    """In place of the signature; with a wrong password it is neither accepted nor used up."""
    answer = RECOVERY_PREFIX + store.recovery.renew()[0]
    assert verdict(judge(store), answer, password_ok=False).unlocks is False
    assert verdict(judge(store), answer).unlocks is True
    assert store.decisions.newest(1)[0].decision == "recovery"
    assert verdict(judge(store), answer).unlocks is False


def test_without_a_model_only_a_recovery_code_unlocks(store: Store) -> None:
    """A missing model compares no movement; the code still works, and so does policy `rhythm`."""
    blind = Judge(store, Config(), None)
    assert verdict(blind, ME.probe()).unlocks is False
    assert "model is missing" in blind.notice()
    assert verdict(blind, RECOVERY_PREFIX + store.recovery.renew()[0]).unlocks is True
    assert verdict(Judge(store, Config(policy="rhythm"), None), ME.probe()).unlocks is True


def test_another_model_never_matches(store: Store) -> None:
    """A probe, or a reference, of another model is not compared."""
    assert verdict(judge(store), replace(ME.probe(), model_id=b"other678")).unlocks is False
    other = replace(MANIFEST, model_id=b"other678")
    newer = Judge(store, Config(), other)
    assert verdict(newer, replace(ME.probe(), model_id=b"other678")).unlocks is False
    assert "not enrolled with this model" in newer.notice()


def test_a_disarmed_lock_takes_the_password_alone(store: Store) -> None:
    """After `mousegate disable` the signature is neither needed nor sufficient."""
    store.settings.disarm()
    assert verdict(judge(store), STRANGER.probe(WRONG_RHYTHM)).unlocks is True
    assert store.decisions.newest(1)[0].decision == "password"
    assert verdict(judge(store), ME.probe(), password_ok=False).unlocks is False
    assert judge(store).notice() == ""


@pytest.mark.parametrize(("unenrolled", "unlocks"), [("refuse", False), ("password", True)])
def test_nothing_enrolled_is_refused_unless_configured(
    tmp_path: Path, unenrolled: str, unlocks: bool
) -> None:
    """An empty store does not open the screen by itself."""
    with Store.create(tmp_path / "empty") as store:
        empty = judge(store, unenrolled=unenrolled)
        assert verdict(empty, ME.probe()).unlocks is unlocks
        assert ("Nothing is enrolled" in empty.notice()) is not unlocks


def test_unenrolled_password_does_not_open_an_enrolled_desktop(store: Store) -> None:
    """The setting is about nobody being enrolled, and no more."""
    assert verdict(judge(store, unenrolled="password"), STRANGER.probe()).unlocks is False


def test_a_missing_factor_is_said_before_the_password(store: Store) -> None:
    """Where the policy needs what is not enrolled, the notice says which and how to go on."""
    (base,) = store.references.all()
    store.references.put(replace(base, rhythm=None), "")
    assert "enrol --rhythm" in judge(store).notice()
    assert judge(store, policy="motion").notice() == ""
    assert verdict(judge(store), ME.probe()).unlocks is False
    store.references.put(replace(base, motion=None), "")
    assert "movement is not enrolled" in judge(store).notice()
    assert verdict(judge(store), ME.probe()).unlocks is False


def test_a_reference_that_lacks_a_factor_does_not_hide_one_that_has_it(store: Store) -> None:
    """A newer, half-made reference of the same device keeps nobody out."""
    (base,) = store.references.all()
    store.references.put(replace(base, label="half", rhythm=None, updated_s=9.0), "")
    assert verdict(judge(store), ME.probe()).unlocks is True


def test_only_the_configured_reference_counts(store: Store) -> None:
    """`reference` names the label; another person's reference on the same desktop does not match."""
    store.references.put(reference(STRANGER, store.key, "other"), "")
    assert verdict(judge(store, reference="me"), ME.probe()).unlocks is True
    assert verdict(judge(store, reference="other"), ME.probe()).unlocks is False
    assert "Nothing is enrolled" in judge(store, reference="gone").notice()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=st.text(max_size=500) | st.text(max_size=60).map(RECOVERY_PREFIX.__add__))
def test_no_text_in_place_of_a_probe_unlocks(store: Store, answer: str) -> None:
    """Whatever is answered, with the right password: locked."""
    assert judge(store).judge(True, answer, NOW_S).unlocks is False


@pytest.mark.parametrize("password_ok", [None, 1, "yes"])
def test_only_true_is_true(store: Store, password_ok: bool) -> None:
    """A password result that is not exactly True does not count as one."""
    assert verdict(judge(store), ME.probe(), password_ok).unlocks is False
