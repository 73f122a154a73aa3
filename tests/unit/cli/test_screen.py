"""recovery and disable."""

import pytest

from tests.unit.cli.conftest import Command


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
