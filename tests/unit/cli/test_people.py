"""enrol, verify and references: what they print, and the exit statuses that scripts rely on."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from mousegate.capture import formats
from mousegate.core import rhythm
from mousegate.core.events import PointerDevice
from mousegate.core.reference import Reference
from mousegate.core.windows import movement_alone
from mousegate.storage import hashing
from mousegate.storage.store import STORE_NAME, Store
from tests.unit.cli.conftest import Command
from tests.unit.people import RHYTHM
from tests.unit.training.synthetic import person_moves


@pytest.fixture
def enrolled(mousegate: Command, recordings: Path) -> Command:
    """The command, after `me` was enrolled from long.mouse."""
    assert mousegate("enrol", "--label", "me", "--from", str(recordings / "long.mouse")) == 0
    return mousegate


def add_rhythm(label: str) -> None:
    """Enrol RHYTHM beside what the label holds, as the rehearsal would."""
    with Store.create() as store:
        protected = hashing.protect(rhythm.enrol([RHYTHM] * 5), store.key)
        store.references.put(Reference(label, PointerDevice.MOUSE, protected, None, 1.0, 1.0), "test")


def test_enrolling_says_what_was_made(mousegate: Command, recordings: Path) -> None:
    """Facts as JSON: the reference, what the policy still lacks, and that the lock is not armed yet."""
    facts = mousegate.json("enrol", "--label", "me", "--from", str(recordings / "long.mouse"))
    assert facts["reference"]["label"] == "me"
    assert facts["reference"]["movement_s"] > 20
    assert facts["armed"] is False
    assert "rhythm" in facts["missing"][0]
    assert facts["codes"] == []


def test_several_recordings_make_one_reference(mousegate: Command, recordings: Path) -> None:
    """`--from A B` and `--from A --from B` read both."""
    one, two = str(recordings / "long.mouse"), str(recordings / "other.mouse")
    first = mousegate.json("enrol", "--from", one, two)
    second = mousegate.json("enrol", "--from", one, "--from", two)
    assert first["reference"]["movement_s"] == second["reference"]["movement_s"] > 60


def test_a_complete_reference_arms_the_lock_and_makes_codes(
    mousegate: Command, recordings: Path, configure: Callable[[str], None]
) -> None:
    """Under policy `motion` movement is enough: armed, with recovery codes, once."""
    configure('policy = "motion"\n')
    facts = mousegate.json("enrol", "--from", str(recordings / "long.mouse"))
    assert (facts["armed"], len(facts["codes"])) == (True, 8)
    again = mousegate.json("enrol", "--from", str(recordings / "long.mouse"))
    assert (again["armed"], again["codes"]) == (True, [])


def test_arming_can_be_left_out(
    mousegate: Command, recordings: Path, configure: Callable[[str], None]
) -> None:
    """`--no-arm` enrols and leaves the lock as it is."""
    configure('policy = "motion"\n')
    facts = mousegate.json("enrol", "--no-arm", "--from", str(recordings / "long.mouse"))
    assert (facts["armed"], facts["codes"]) == (False, [])


def test_movement_joins_a_rhythm_of_the_same_label(mousegate: Command, recordings: Path) -> None:
    """Recordings do not tell the device, so they complete the reference that is there, and arm the lock."""
    add_rhythm("me")
    facts = mousegate.json("enrol", "--label", "me", "--from", str(recordings / "long.mouse"))
    assert facts["reference"]["device"] == "mouse"
    assert facts["reference"]["clicks"] == 4
    assert (facts["missing"], facts["armed"]) == ([], True)


def test_the_device_can_be_told(mousegate: Command, recordings: Path) -> None:
    """References are kept apart by device class."""
    add_rhythm("me")
    path = str(recordings / "long.mouse")
    facts = mousegate.json("enrol", "--label", "me", "--device", "touchpad", "--from", path)
    assert facts["reference"]["device"] == "touchpad"
    assert {entry["device"] for entry in mousegate.json("references", "list")} == {"mouse", "touchpad"}


def test_the_same_movement_matches(enrolled: Command, recordings: Path) -> None:
    """Exit status 0, and the facts say at which operating point."""
    assert enrolled("verify", "--from", str(recordings / "long.mouse")) == 0
    assert enrolled.out.startswith("match: ")
    facts = enrolled.json("verify", "--from", str(recordings / "long.mouse"))
    assert facts["decision"] == "match"
    assert facts["motion_llr"] >= facts["threshold"]
    assert facts["label"] == "me"


def test_use_with_clicks_is_compared_with_its_clicks(mousegate: Command, tmp_path: Path) -> None:
    """Who clicked while enrolling is compared clicks and all; who did not, by movement alone."""
    for name, events in (("a", person_moves(1, 0, 60.0)), ("b", person_moves(1, 1, 60.0))):
        formats.write(tmp_path / f"{name}.mouse", events)
        formats.write(tmp_path / f"{name}-alone.mouse", movement_alone(events))
    assert mousegate("enrol", "--label", "clicks", "--from", str(tmp_path / "a.mouse")) == 0
    assert mousegate("enrol", "--label", "none", "--from", str(tmp_path / "a-alone.mouse")) == 0
    probe = str(tmp_path / "b.mouse")
    conditions = [
        mousegate.json("verify", "--label", label, "--from", probe)["condition"]
        for label in ("clicks", "none")
    ]
    assert conditions == ["natural", "lock"]


def test_another_movement_does_not(enrolled: Command, recordings: Path) -> None:
    """Exit status 1."""
    assert enrolled("verify", "--from", str(recordings / "other.mouse")) == 1
    assert enrolled.out.startswith("non-match: ")


def test_too_little_movement_is_inconclusive(enrolled: Command, recordings: Path) -> None:
    """Exit status 2, no score."""
    assert enrolled("verify", "--from", str(recordings / "short.mouse")) == 2
    assert enrolled.json("verify", "--from", str(recordings / "short.mouse"))["motion_llr"] is None


def test_each_verification_is_written_down(enrolled: Command, recordings: Path) -> None:
    """`status` shows it."""
    enrolled("verify", "--from", str(recordings / "long.mouse"))
    (entry,) = enrolled.json("status")["decisions"]
    assert (entry["place"], entry["decision"], entry["password"]) == ("verify", "match", None)


def test_nobody_enrolled_is_status_3(mousegate: Command, recordings: Path) -> None:
    """No store, no such label, and a reference without movement."""
    path = str(recordings / "long.mouse")
    assert mousegate("verify", "--from", path) == 3
    add_rhythm("me")
    assert mousegate("verify", "--from", path) == 3
    assert mousegate("verify", "--label", "nobody", "--from", path) == 3
    assert "nobody" in mousegate.err


@pytest.mark.parametrize(
    "words",
    [("enrol",), ("verify",), ("enrol", "--bogus"), ("enrol", "--record", "1"), ("references", "delete"),
     ("enrol", "--device", "finger", "--from", "x")],
)  # fmt: skip
def test_wrong_words_are_status_64(mousegate: Command, words: tuple[str, ...]) -> None:
    """Usage errors say what is missing."""
    assert mousegate(*words) == 64
    assert mousegate.err


@pytest.mark.parametrize(
    "content", [b"", b"hello\n", b"client timestamp,button,state,x,y\n1,NoButton,Move,x,1\n"]
)
def test_a_bad_recording_is_status_65(mousegate: Command, tmp_path: Path, content: bytes) -> None:
    """One line that names the file; nothing is stored."""
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    assert mousegate("enrol", "--from", str(path)) == 65
    assert mousegate.err.count("\n") == 1
    assert "bad.csv" in mousegate.err
    assert mousegate.json("references", "list") == []
    assert mousegate("enrol", "--from", str(tmp_path / "none.csv")) == 65


def test_too_little_to_enrol_is_status_65(mousegate: Command, recordings: Path) -> None:
    """FailureToEnrol says how much is needed, and changes nothing."""
    assert mousegate("enrol", "--from", str(recordings / "short.mouse")) == 65
    assert "at least" in mousegate.err
    assert mousegate.json("references", "list") == []


def test_a_missing_model_is_status_70(
    enrolled: Command, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line that says what to do."""
    monkeypatch.setattr("mousegate.embedding.manifest.models_directory", lambda: tmp_path / "nowhere")
    assert enrolled("verify", "--from", str(recordings / "long.mouse")) == 70
    assert "Install mousegate again" in enrolled.err


def test_an_unsafe_store_is_status_70(enrolled: Command, home: Path, recordings: Path) -> None:
    """A store open to others is refused by every command, with the command that mends it."""
    (home / "data/mousegate" / STORE_NAME).chmod(0o644)
    path = str(recordings / "long.mouse")
    for words in (("enrol", "--from", path), ("verify", "--from", path), ("references", "list"), ("status",)):
        assert enrolled(*words) == 70
        assert "chmod 600" in enrolled.err


def test_a_bad_setting_is_status_64(
    mousegate: Command, recordings: Path, configure: Callable[[str], None]
) -> None:
    """Configuration errors name the key."""
    configure("polcy = 1\n")
    assert mousegate("enrol", "--from", str(recordings / "long.mouse")) == 64
    assert "Did you mean 'policy'" in mousegate.err


def test_a_label_must_be_printable(mousegate: Command, recordings: Path) -> None:
    """A label with a line break is bad input."""
    assert mousegate("enrol", "--label", "a\nb", "--from", str(recordings / "long.mouse")) == 65


def test_rehearsal_needs_a_display(mousegate: Command) -> None:
    """Without one: status 4, nothing stored."""
    assert mousegate("enrol", "--record", "5") == 4
    assert mousegate.json("references", "list") == []


def test_references_are_listed_renamed_and_deleted(enrolled: Command) -> None:
    """The list as table and JSON; renaming and deleting say what they did."""
    assert enrolled("references", "list") == 0
    assert "me" in enrolled.out
    assert enrolled("references", "rename", "me", "I") == 0
    assert [entry["label"] for entry in enrolled.json("references", "list")] == ["I"]
    assert enrolled("references", "delete", "me") == 3
    assert enrolled("references", "delete", "I") == 0
    assert enrolled.json("references", "list") == []


def test_the_last_reference_of_an_armed_lock_stays(
    mousegate: Command, recordings: Path, configure: Callable[[str], None]
) -> None:
    """Deleting it would lock its owner out; `disable` comes first."""
    configure('policy = "motion"\n')
    mousegate("enrol", "--label", "me", "--from", str(recordings / "long.mouse"))
    assert mousegate("references", "delete", "me") == 64
    assert "mousegate disable" in mousegate.err


def test_an_export_holds_everything_but_the_key(enrolled: Command, home: Path, tmp_path: Path) -> None:
    """JSON on standard output, or in a private file that is never overwritten."""
    assert enrolled("references", "export", "me") == 0
    (entry,) = json.loads(enrolled.out)
    assert entry["label"] == "me"
    assert (home / "data/mousegate/key").read_bytes().hex() not in enrolled.out
    out = tmp_path / "me.json"
    assert enrolled("references", "export", "me", "--out", str(out)) == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert json.loads(out.read_text()) == [entry]
    assert enrolled("references", "export", "me", "--out", str(out)) == 65
    assert enrolled("references", "export", "nobody") == 3
