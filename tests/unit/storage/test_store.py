"""Opening the store: private, whole and of our version, or refused in one clear line."""

import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest

from mousegate.errors import StoreError
from mousegate.storage import files
from mousegate.storage.recover import open_or_replace
from mousegate.storage.schema import SCHEMA_VERSION
from mousegate.storage.store import KEY_NAME, STORE_NAME, Store, StoreFullError


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Where a store was created and closed again."""
    path = tmp_path / "data" / "mousegate"
    Store.create(path).close()
    return path


def refusal(directory: Path) -> str:
    """Return the one line with which opening is refused."""
    with pytest.raises(StoreError) as caught:
        Store.open(directory)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_new_store_is_private(directory: Path) -> None:
    """The directory is 0700, its files 0600, and the key has 32 random bytes."""
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    for name in (STORE_NAME, KEY_NAME):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600
    assert len(set((directory / KEY_NAME).read_bytes())) > 8


def test_a_loose_umask_does_not_loosen_it(tmp_path: Path) -> None:
    """The modes do not depend on the caller's umask."""
    before = os.umask(0)
    try:
        Store.create(tmp_path / "s").close()
    finally:
        os.umask(before)
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "s").iterdir()}
    assert modes == {0o600}


def test_no_store_is_no_error(tmp_path: Path) -> None:
    """Where nothing was ever enrolled, opening says None and makes nothing."""
    assert Store.open(tmp_path / "none") is None
    assert not (tmp_path / "none").exists()


def test_creating_again_keeps_key_and_content(directory: Path) -> None:
    """`create` on a store that is there opens it."""
    with Store.create(directory) as store:
        store.settings.arm()
        key = store.key
    with Store.create(directory) as store:
        assert (store.key, store.settings.armed) == (key, True)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
@pytest.mark.parametrize("name", [STORE_NAME, KEY_NAME])
def test_a_file_open_to_others_is_refused(directory: Path, name: str, mode: int) -> None:
    """The line names the file and the command that mends it."""
    (directory / name).chmod(mode)
    assert f"chmod 600 {directory / name}" in refusal(directory)


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o770, 0o701])
def test_a_directory_open_to_others_is_refused(directory: Path, mode: int) -> None:
    """The line names the directory and the command that mends it."""
    directory.chmod(mode)
    assert f"chmod 700 {directory}" in refusal(directory)


@pytest.mark.parametrize("name", [STORE_NAME, KEY_NAME])
def test_a_symbolic_link_is_refused(directory: Path, name: str) -> None:
    """A link is not followed, even to a private file of ours."""
    elsewhere = directory.parent / "elsewhere"
    (directory / name).rename(elsewhere)
    (directory / name).symlink_to(elsewhere)
    assert "symbolic link" in refusal(directory)


def test_a_linked_directory_is_refused(directory: Path) -> None:
    """The store's directory itself may not be a link."""
    link = directory.with_name("link")
    link.symlink_to(directory)
    assert "not a directory" in refusal(link)


def test_a_hard_link_is_refused(directory: Path) -> None:
    """A second name could be somebody else's way in."""
    os.link(directory / STORE_NAME, directory.parent / "second")
    assert "one name" in refusal(directory)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("name", ["", STORE_NAME, KEY_NAME])
def test_another_owner_is_refused(directory: Path, name: str) -> None:
    """What belongs to somebody else is not read."""
    os.chown(directory / name, 65534, 65534)
    assert "belongs to user 65534" in refusal(directory)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0" + bytes(100), b"not a database" * 100])
def test_a_corrupt_store_is_refused(directory: Path, content: bytes) -> None:
    """Rubbish instead of the database is refused; an empty file is a store without anything in it."""
    (directory / STORE_NAME).write_bytes(content)
    if not content:
        store = Store.open(directory)
        assert store is not None
        with store:
            assert not store.settings.armed
        return
    assert "damaged" in refusal(directory)


def test_a_truncated_store_is_refused(directory: Path) -> None:
    """Half a database is refused."""
    path = directory / STORE_NAME
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "damaged" in refusal(directory)


def test_a_flipped_page_is_refused(directory: Path) -> None:
    """A page overwritten in the middle is found before anything is read."""
    path = directory / STORE_NAME
    raw = bytearray(path.read_bytes())
    raw[4096:8192] = os.urandom(4096)
    path.write_bytes(raw)
    assert "damaged" in refusal(directory)


def test_a_store_without_its_tables_is_refused(directory: Path) -> None:
    """A store that lost a table is found out when it is opened, not in the middle of an attempt."""
    with sqlite3.connect(directory / STORE_NAME) as connection:
        connection.execute("DROP TABLE attempts")
    connection.close()
    assert "damaged" in refusal(directory)


def test_a_store_that_loses_its_tables_while_open_is_one_clear_line(directory: Path) -> None:
    """What SQLite says about a query is turned into a StoreError."""
    with Store.create(directory) as store:
        store.query("DROP TABLE attempts")
        with pytest.raises(StoreError, match="damaged"):
            store.attempts.failures()


def test_a_newer_store_is_refused(directory: Path) -> None:
    """What a later version wrote is left alone; the line says to upgrade."""
    with sqlite3.connect(directory / STORE_NAME) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    assert "upgrade mousegate" in refusal(directory)


@pytest.mark.parametrize("content", [b"", b"short", bytes(33)])
def test_a_damaged_key_is_refused(directory: Path, content: bytes) -> None:
    """The key has 32 bytes."""
    (directory / KEY_NAME).write_bytes(content)
    assert "damaged" in refusal(directory)


def test_a_missing_key_is_refused_and_never_replaced(directory: Path) -> None:
    """A new key beside old references would make all of them worthless without saying so."""
    (directory / KEY_NAME).unlink()
    assert "missing" in refusal(directory)
    with pytest.raises(StoreError, match="missing"):
        Store.create(directory)


def test_a_directory_in_place_of_the_file_is_refused(directory: Path) -> None:
    """Anything but a plain file is refused."""
    (directory / STORE_NAME).unlink()
    (directory / STORE_NAME).mkdir()
    assert "not a plain file" in refusal(directory)


def test_a_transaction_happens_whole_or_not(directory: Path) -> None:
    """An error in the middle takes back what came before it, also inside an inner transaction."""
    store = Store.open(directory)
    assert store is not None

    def break_off() -> None:
        with store.transaction():
            store.settings.arm()
            store.attempts.charge(1.0)
            raise ValueError("in the middle")

    with store:
        with pytest.raises(ValueError, match="in the middle"):
            break_off()
        assert not store.settings.armed
        assert store.attempts.failures() == 0


def test_two_processes_writing_wait_for_each_other(directory: Path) -> None:
    """Connections in several threads lose no increment."""

    def charge() -> None:
        with Store.create(directory) as store:
            for _ in range(10):
                store.attempts.charge(1.0)

    threads = [threading.Thread(target=charge) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Store.create(directory) as store:
        assert store.attempts.failures() == 40


def test_a_store_in_use_for_long_is_one_clear_line(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock held by another process ends in StoreError, not in waiting for ever."""
    monkeypatch.setattr("mousegate.storage.store.BUSY_TIMEOUT_S", 0.05)
    with (
        Store.create(directory) as holder,
        Store.create(directory) as other,
        holder.transaction(),
        pytest.raises(StoreError, match="in use"),
    ):
        other.attempts.charge(1.0)


def test_a_full_disk_is_told_apart(directory: Path) -> None:
    """No room is an error of its own, after which everything can still be read."""
    with Store.create(directory) as store:
        store.query("PRAGMA max_page_count = 1")
        with pytest.raises(StoreFullError, match="full"):
            _fill(store)
        assert store.attempts.failures() == 0


def _fill(store: Store) -> None:
    with store.transaction() as connection:
        connection.execute("INSERT INTO setting VALUES ('x', zeroblob(1000000))")


def test_files_are_never_overwritten(tmp_path: Path) -> None:
    """Making a file that exists is refused, also through a link to nowhere."""
    (tmp_path / "there").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("there", "link"):
        with pytest.raises(StoreError):
            files.make_file(tmp_path / name, b"x")
    assert not (tmp_path / "nowhere").exists()


def test_a_directory_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    """A file where a directory should be is named."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Store.create(tmp_path / "file" / "mousegate")


def test_a_broken_store_can_be_put_aside(directory: Path) -> None:
    """After the password, a damaged store is moved away whole, and a new one begins."""
    (directory / STORE_NAME).write_bytes(b"not a database" * 100)
    store, aside = open_or_replace(directory)
    with store:
        assert not store.settings.armed
    assert aside is not None
    assert (aside / STORE_NAME).read_bytes().startswith(b"not a database")


def test_a_sound_store_stays_where_it_is(directory: Path) -> None:
    """Nothing is moved that can be opened."""
    store, aside = open_or_replace(directory)
    store.close()
    assert aside is None
