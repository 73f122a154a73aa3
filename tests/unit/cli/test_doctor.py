"""doctor: every finding says how to mend it; something wrong is exit status 1."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mousegate.cli.checks import desktop, person, system
from mousegate.cli.doctor import examine
from mousegate.cli.finding import Finding, Health
from mousegate.errors import DisplayError
from mousegate.storage.store import STORE_NAME, Store
from tests.unit.cli.conftest import Command
from tests.unit.people import Person, reference


def health(found: list[Finding], subject: str) -> set[Health]:
    """Return how the findings about a subject are meant."""
    return {finding.health for finding in found if finding.subject == subject}


def test_without_a_display_something_is_wrong(mousegate: Command) -> None:
    """Exit status 1, one line per finding, no traceback."""
    assert mousegate("doctor") == 1
    assert "DISPLAY is not set" in mousegate.out
    findings = mousegate.json("doctor")
    assert {"display", "pam", "model", "config", "store", "fonts"} <= {f["subject"] for f in findings}
    assert all(set(finding) == {"subject", "health", "text", "mend"} for finding in findings)


def test_a_display_with_everything_is_good(
    home: Path, x_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a real X server all extensions are there."""
    monkeypatch.setenv("DISPLAY", x_server)
    assert health(examine(desktop.check_display), "display") == {Health.GOOD}


def test_an_error_is_a_finding() -> None:
    """A check that raises what mousegate raises on purpose is told, and the others go on."""

    def check_broken() -> Iterator[Finding]:
        yield Finding("broken", Health.GOOD, "so far")
        raise DisplayError("There is no display.")

    assert [finding.health for finding in examine(check_broken)] == [Health.GOOD, Health.PROBLEM]


def test_the_model_is_whole(home: Path) -> None:
    """The shipped model passes its checksums."""
    assert health(examine(person.check_model), "model") == {Health.GOOD}


@pytest.mark.parametrize(
    ("text", "subject"), [("polcy = 1", "config"), ("allow_synthetic = true", "config")], ids=str
)
def test_a_bad_or_dangerous_setting_is_a_problem(
    home: Path, configure: Callable[[str], None], text: str, subject: str
) -> None:
    """An unknown key, and a setting that belongs in tests only."""
    configure(text + "\n")
    assert Health.PROBLEM in health(examine(person.check_config), subject)


def test_an_unsafe_store_is_a_problem(home: Path) -> None:
    """What opening refuses, doctor tells."""
    Store.create().close()
    (home / "data/mousegate" / STORE_NAME).chmod(0o666)
    (finding,) = examine(person.check_store)
    assert finding.health is Health.PROBLEM
    assert "chmod 600" in finding.text


def test_an_armed_lock_without_what_it_needs_is_a_problem(
    home: Path, configure: Callable[[str], None]
) -> None:
    """Armed with nothing enrolled, and with a reference of another model, both are told before they hurt."""
    with Store.create() as store:
        store.settings.arm()
    assert Health.PROBLEM in health(examine(person.check_store), "enrolment")
    with Store.create() as store:
        store.references.put(reference(Person(1), store.key), "")
    found = [finding for finding in examine(person.check_store) if finding.health is Health.PROBLEM]
    assert ["another model" in finding.text for finding in found] == [True]
    configure('policy = "rhythm"\n')
    assert health(examine(person.check_store), "enrolment") == {Health.GOOD}


def test_few_codes_are_a_hint(home: Path) -> None:
    """An armed lock should have recovery codes."""
    with Store.create() as store:
        store.settings.arm()
    assert health(examine(person.check_store), "recovery") == {Health.HINT}


def test_no_store_is_a_hint(home: Path) -> None:
    """Before enrolment nothing is wrong."""
    assert health(examine(person.check_store), "store") == {Health.HINT}
    assert Store.open() is None


def test_pam_is_asked_as_auth_asks_it(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No service at all is a problem; `login` is a hint; our own is good."""
    monkeypatch.setenv("PAM_WRAPPER", "1")
    monkeypatch.setenv("PAM_WRAPPER_SERVICE_DIR", str(tmp_path))
    found = []
    for name in (None, "login", "mousegate"):
        if name:
            (tmp_path / name).touch()
        found.append(health(examine(system.check_pam), "pam"))
    assert found == [{Health.PROBLEM}, {Health.HINT}, {Health.GOOD}]


def test_errors_other_than_ours_are_not_hidden() -> None:
    """A bug in a check is not dressed up as a finding."""

    def check_buggy() -> Iterator[Finding]:
        yield Finding("x", Health.GOOD, "y")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        examine(check_buggy)
