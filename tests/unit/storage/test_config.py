"""config.toml: every key known, every value good, or an error that names it."""

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.errors import ConfigurationError
from mousegate.storage.config import OPERATING_POINTS, POLICIES, SECTIONS, SETTINGS, Config, load, parse
from mousegate.storage.paths import config_file, data_directory
from mousegate.storage.setting import Setting, between


def write(tmp_path: Path, text: str) -> Path:
    """Return the path of a configuration with this text."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    """Nothing has to be configured."""
    assert load(tmp_path / "none.toml") == Config()


def test_the_defaults_are_themselves_allowed() -> None:
    """A file that spells out every default is read as the defaults."""
    assert parse({field.name: field.default for field in fields(Config)}) == Config()


@pytest.mark.parametrize("field", fields(Config), ids=lambda field: str(field.name))
def test_every_key_is_documented(field: Field[Any]) -> None:
    """A key without a section and whole sentences of help cannot be added."""
    assert field.metadata, f"declare {field.name} with setting(default, section, help, rule)"
    documented = SETTINGS[field.name]
    assert documented.section in SECTIONS
    assert len(documented.help.split()) >= 3
    assert documented.help.endswith(".")


def test_a_number_may_be_whole_and_true_is_none() -> None:
    """A float key takes 3 and 3.5; true, text and NaN are refused."""
    share = Setting("share", 0.5, SECTIONS[0], "How much of it.", between(0, 4))
    assert [share.problem(value) for value in (3, 3.5)] == ["", ""]
    assert all(share.problem(value) for value in (True, "3", float("nan"), 5))


def test_values_are_read(tmp_path: Path) -> None:
    """What is written is what holds."""
    config = load(write(tmp_path, 'policy = "fused"\nidle_minutes = 3\nallow_synthetic = true\n'))
    assert (config.policy, config.idle_minutes, config.allow_synthetic) == ("fused", 3, True)


@pytest.mark.parametrize(
    ("key", "nearest"),
    [("polcy", "policy"), ("operating_points", "operating_point"), ("colour", "text_colour")],
)
def test_an_unknown_key_names_the_nearest(tmp_path: Path, key: str, nearest: str) -> None:
    """A slip is named, and so is what was probably meant."""
    with pytest.raises(ConfigurationError, match=f"{key!r}.*{nearest}"):
        load(write(tmp_path, f"{key} = 1\n"))


def test_a_key_like_no_other_lists_the_known(tmp_path: Path) -> None:
    """Where nothing is near, all are listed."""
    with pytest.raises(ConfigurationError, match="Known keys: policy, operating_point"):
        load(write(tmp_path, "zzz = 1\n"))


@pytest.mark.parametrize(
    "line",
    [
        'policy = "any"', "policy = 1", 'operating_point = "best"', "allow_synthetic = 1",
        'allow_synthetic = "yes"', "idle_minutes = -1", "idle_minutes = 5000", "idle_minutes = 1.5",
        "idle_minutes = true", "grace_s = 61", 'pam_service = "../shadow"', 'pam_service = ""',
        'pam_service = "a/b"', 'accent_colour = "red"', 'accent_colour = "#12345"', 'unenrolled = "open"',
        'reference = ["me"]', 'clock_format = "a\\nb"',
    ],
)  # fmt: skip
def test_a_bad_value_names_its_key(tmp_path: Path, line: str) -> None:
    """The error names the key and what it must be."""
    with pytest.raises(ConfigurationError, match=rf"{line.partition(' ')[0]}.* must be "):
        load(write(tmp_path, line + "\n"))


@pytest.mark.parametrize("raw", [b"policy = ", b"\xff\xfe", b"[", b"policy = 'all'\npolicy = 'all'\n"])
def test_what_is_no_toml_is_named(tmp_path: Path, raw: bytes) -> None:
    """A file that cannot be parsed gives one line with the file's name."""
    path = tmp_path / "config.toml"
    path.write_bytes(raw)
    with pytest.raises(ConfigurationError, match=r"config\.toml is not TOML"):
        load(path)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A directory in its place is an error of one line."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(tmp_path)


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.floats()))
def test_any_content_is_a_config_or_an_error(untrusted: dict[str, object]) -> None:
    """Whatever TOML can say ends in a checked Config or a ConfigurationError."""
    try:
        config = parse(untrusted)
    except ConfigurationError:
        return
    assert config.policy in POLICIES
    assert config.operating_point in OPERATING_POINTS


def test_paths_follow_xdg(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables hold where they are absolute; else the places under the home directory do."""
    monkeypatch.setenv("HOME", "/home/ada")
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    assert data_directory() == Path("/data/mousegate")
    assert config_file() == Path("/home/ada/.config/mousegate/config.toml")
    monkeypatch.delenv("HOME")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert data_directory().is_absolute()
