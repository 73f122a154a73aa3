"""status, recovery and disable."""

from dataclasses import replace
from pathlib import Path

import pytest

from mousegate.storage.decisions import LoggedDecision
from mousegate.storage.store import Store
from tests.unit.cli.conftest import Command
from tests.unit.people import Person, reference

ENTRY = LoggedDecision(1.5, "lock", "match", True, True, False, 2.25, "", "me", "all", "fmr1", 3.0)


def test_status_of_an_empty_home(mousegate: Command) -> None:
    """Nothing enrolled is a state, not an error, and nothing is created by asking."""
    assert mousegate("status") == 0
    assert "does NOT ask" in mousegate.out
    assert "mousegate enrol" in mousegate.out
    facts = mousegate.json("status")
    assert (facts["armed"], facts["references"], facts["recovery_codes"]) == (False, [], 0)


def test_status_shows_what_is_there(mousegate: Command, home: Path) -> None:
    """Armed, enrolled devices with their strength, codes left, failures, decisions newest first."""
    with Store.create() as store:
        store.references.put(reference(Person(1), store.key), "")
        store.settings.arm()
        store.recovery.renew()
        store.attempts.charge(1.0)
        store.decisions.append(ENTRY)
        store.decisions.append(replace(ENTRY, time_s=9.0, decision="non-match", rhythm=None))
    facts = mousegate.json("status")
    assert (facts["armed"], facts["recovery_codes"], facts["failures"]) == (True, 8, 1)
    assert facts["references"][0]["strength_bits"] > 5
    assert [entry["decision"] for entry in facts["decisions"]] == ["non-match", "match"]
    assert facts["decisions"][1]["motion_llr"] == 2.25
    assert mousegate("status", "--last", "1") == 0
    assert "asks for your signature" in mousegate.out


def test_status_tells_no_secret(mousegate: Command, home: Path) -> None:
    """Neither salt, digest, helper nor key is printed."""
    with Store.create() as store:
        store.references.put(reference(Person(1), store.key), "")
        (found,) = store.references.all()
        key = store.key
    assert found.rhythm is not None
    mousegate("status", "--json")
    for secret in (
        found.rhythm.digest.hex(),
        found.rhythm.salt.hex(),
        key.hex(),
        str(list(found.rhythm.offsets)),
    ):
        assert secret not in mousegate.out


def test_recovery_codes_are_made_and_counted(mousegate: Command) -> None:
    """`new` prints them once, `show` only counts."""
    assert mousegate.json("recovery", "show") == {"count": 0}
    codes = mousegate.json("recovery", "new")["codes"]
    assert len(codes) == 8
    assert mousegate.json("recovery", "show") == {"count": 8}
    assert mousegate("recovery", "show") == 0
    assert not any(code in mousegate.out for code in codes)
    assert mousegate("recovery", "new") == 0
    assert not any(code in mousegate.out for code in codes)


def test_disabling_needs_a_terminal_or_a_flag(mousegate: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without either it says which flag to use."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    assert mousegate("disable") == 64
    assert "--password-stdin" in mousegate.err
