"""Writing config.toml without touching what a person wrote there."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.errors import ConfigurationError
from mousegate.storage.configfile import changed, write

WRITTEN = '# mine\npolicy = "all"  # both\n\nidle_minutes = 3\nclock_format = "%H:%M"\n'


def test_other_lines_stay_as_they_were() -> None:
    """Only the lines of the keys that change are written anew; new keys come last."""
    text = changed(WRITTEN, {"idle_minutes": 5, "alarm": "calm"})
    assert text == WRITTEN.replace("idle_minutes = 3", "idle_minutes = 5") + 'alarm = "calm"\n'


def test_a_key_that_holds_already_is_not_written() -> None:
    """Nothing changes where nothing has to."""
    assert changed(WRITTEN, {"policy": "all"}) == WRITTEN


@given(st.integers(0, 1440), st.sampled_from(["all", "fused", "rhythm", "motion"]))
def test_what_is_written_is_read(minutes: int, policy: str) -> None:
    """Every allowed value comes back."""
    read = tomllib.loads(changed(WRITTEN, {"idle_minutes": minutes, "policy": policy}))
    assert (read["idle_minutes"], read["policy"]) == (minutes, policy)


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        (WRITTEN, {"idle_minutes": 99999}),
        (WRITTEN, {"nonsense": 1}),
        ("policy = ", {"alarm": "calm"}),
        ('hook = """\npolicy = 1\n"""\n', {"policy": "fused"}),
    ],
)
def test_what_would_make_a_mistake_is_refused(text: str, changes: dict[str, str | int]) -> None:
    """A bad value, an unknown key, a broken file, or one too clever to edit: all are told, none written."""
    with pytest.raises(ConfigurationError):
        changed(text, changes)


def test_a_missing_file_is_made_private(tmp_path: Path) -> None:
    """The file appears whole, and only its owner may read it."""
    path = tmp_path / "mousegate/config.toml"
    write({"policy": "fused"}, path)
    assert path.read_text() == 'policy = "fused"\n'
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
