"""That a login with the signature is told to the daemon by root alone, and for a short while."""

import os
from pathlib import Path

import pytest

from mousegate.storage import proof

ME = os.getuid()


def _is_fresh(folder: Path, at_s: float = 100.0, root_uid: int = ME) -> bool:
    return proof.is_fresh("ada", folder, lambda: at_s, root_uid)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which ada's login was told at 100 s."""
    proof.leave("ada", tmp_path / "proofs", lambda: 100.0)
    return tmp_path / "proofs"


def test_a_proof_holds_for_a_short_while(folder: Path) -> None:
    """From its moment on, for as long as a desktop takes to start; a clock cannot go back."""
    assert _is_fresh(folder) and _is_fresh(folder, 100.0 + proof.FRESH_S)
    assert not _is_fresh(folder, 100.1 + proof.FRESH_S) and not _is_fresh(folder, 99.0)
    assert not proof.is_fresh("bob", folder, lambda: 100.0, ME)


def test_only_root_can_prove(folder: Path) -> None:
    """What another owns, or others could write, proves nothing; nor does a link, or what is no number."""
    assert not _is_fresh(folder, root_uid=ME + 1)
    for path, mode in ((folder, 0o777), (folder / "ada", 0o666)):
        kept = path.stat().st_mode
        path.chmod(mode)
        assert not _is_fresh(folder)
        path.chmod(kept)
    assert _is_fresh(folder)
    (folder / "ada").rename(folder / "other")
    (folder / "ada").symlink_to(folder / "other")
    assert not _is_fresh(folder)
    (folder / "ada").unlink()
    (folder / "ada").write_text("soon")
    assert not _is_fresh(folder)


def test_it_is_readable_and_written_anew(folder: Path) -> None:
    """The person's daemon can read it whatever root's umask is; the next login replaces it."""
    kept = os.umask(0o077)
    try:
        proof.leave("ada", folder, lambda: 200.0)
    finally:
        os.umask(kept)
    assert (folder / "ada").stat().st_mode & 0o777 == 0o644 and folder.stat().st_mode & 0o777 == 0o755
    assert _is_fresh(folder, 200.0)


def test_what_cannot_be_told_is_only_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The login goes on without."""
    (tmp_path / "file").touch()
    proof.leave("ada", tmp_path / "file")
    assert "not told" in caplog.text
