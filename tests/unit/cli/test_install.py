"""What lies around the programs is put in its place, listed, and taken away again without a trace."""

import re
from pathlib import Path

import pytest

from mousegate.cli import places
from mousegate.cli.install import install, remove
from mousegate.embedding.manifest import models_directory
from mousegate.errors import MousegateError

ROOT = Path(__file__).parents[3]


def tree(folder: Path) -> list[str]:
    """Return everything below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_what_is_installed_is_removed_again(home: Path) -> None:
    """After install and remove the home has what it had: files of others stay, empty folders of ours go."""
    mine = places.for_one()
    mine.program.mkdir(parents=True)
    (home / "config/autostart").mkdir(parents=True)
    (home / "config/autostart/other.desktop").touch()
    before = tree(home)
    written = install(mine)
    assert {mine.bin / "mousegate", mine.units / "mousegate.service", mine.bash / "mousegate"} <= set(written)
    assert all(path.is_symlink() or path.is_file() for path in written)
    assert install(mine) == written
    enabled = home / "config/systemd/user/graphical-session.target.wants/mousegate.service"
    enabled.parent.mkdir(parents=True)
    enabled.symlink_to(mine.units / "mousegate.service")
    remove(mine)
    mine.record.unlink()
    left = set(tree(home)) - set(before)
    assert left <= {"config/systemd", "config/systemd/user"}


def test_programs_are_named_by_their_place(home: Path) -> None:
    """Units, D-Bus and desktop files do not rely on PATH; names, icons and window classes stay words."""
    mine = places.for_one()
    mine.program.mkdir(parents=True)
    for path in install(mine):
        if path.suffix in (".service", ".desktop"):
            for line in re.findall(r"^Exec(?:Start)?=.*mousegate\b.*$", path.read_text(), re.MULTILINE):
                assert f"={mine.bin}/mousegate" in line or "dbus-send" in line
            words = re.findall(r"^(?!Exec)\w+=.*$", path.read_text(), re.MULTILINE)
            assert not [line for line in words if str(mine.bin) in line]


def test_an_administrators_pam_file_stays(tmp_path: Path) -> None:
    """A service file that is there already is not replaced."""
    everybody = places.for_everybody()
    (tmp_path / "usr/local/lib/mousegate").mkdir(parents=True)
    (tmp_path / "etc/pam.d").mkdir(parents=True)
    (tmp_path / "etc/pam.d/mousegate").write_text("mine")
    assert everybody.pam is not None
    assert everybody.pam / "mousegate" not in install(everybody, tmp_path)
    assert (tmp_path / "etc/pam.d/mousegate").read_text() == "mine"


def test_nothing_installed_is_told(home: Path) -> None:
    """Removing what is not there is one clear line."""
    with pytest.raises(MousegateError, match="is not installed"):
        remove(places.for_one())


def test_the_package_sees_models_and_units_as_a_wheel_does() -> None:
    """The links in the checkout lead to what a wheel contains as files."""
    assert (ROOT / "mousegate/models/embedder.onnx").samefile(models_directory() / "embedder.onnx")
    assert (ROOT / "mousegate/data/systemd/mousegate.service").is_file()
