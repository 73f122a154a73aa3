"""status, without a daemon and in every standing."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from mousegate.bus.client import DaemonState
from mousegate.cli.standing import StoredFacts, standing_of
from mousegate.cli.statusview import view
from mousegate.core.standing import SENTENCES, TITLES, Standing
from mousegate.storage.decisions import LoggedDecision
from mousegate.storage.store import Store
from tests.unit.cli.conftest import Command
from tests.unit.people import Person, reference

ENTRY = LoggedDecision(1.5, "lock", "match", True, True, False, 2.25, "", "me", "all", "fmr1", 3.0)
WATCHING = DaemonState(True, 0.93, False, 0.0, "", 1000, "0")
ENROLLED = StoredFacts(True, "all", "fnmr3", ({"label": "me", "device": "mouse", "movement_s": 120.0},))
STANDINGS: list[tuple[StoredFacts, DaemonState | None, Standing]] = [
    (ENROLLED, None, Standing.AWAY),
    (ENROLLED, WATCHING, Standing.WATCHING),
    (ENROLLED, replace(WATCHING, trust=0.4), Standing.SUSPECT),
    (ENROLLED, replace(WATCHING, monitoring=False), Standing.BLIND),
    (ENROLLED, replace(WATCHING, monitoring=False, paused_until_s=1e9), Standing.PAUSED),
    (ENROLLED, replace(WATCHING, monitoring=False, paused_until_s=1e9, locked=True), Standing.LOCKED),
    (StoredFacts(False, "all", "fnmr3"), replace(WATCHING, monitoring=False), Standing.UNENROLLED),
]


@pytest.mark.parametrize(("facts", "daemon", "expected"), STANDINGS)
def test_each_standing_is_told(facts: StoredFacts, daemon: DaemonState | None, expected: Standing) -> None:
    """One title and one sentence for each, and trust only while somebody watches."""
    console = Console(file=StringIO(), width=100)
    console.print(view(facts, daemon))
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert standing_of(facts, daemon) is expected
    assert TITLES[expected] in text and SENTENCES[expected].split("{")[0][:30] in text
    assert ("trust" in text) == (expected in (Standing.WATCHING, Standing.SUSPECT))


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
