"""Reading a person's store as that person, for root: nothing that it says or is can do harm."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mousegate.errors import MousegateError, StoreError, UsageError
from mousegate.storage.config import Config
from mousegate.storage.store import Store
from mousegate.system import accounts, copies, handover
from mousegate.system.accounts import Account, AccountError, run_as

STRANGER_UID = 4242
"""A number that nobody here has."""


def account_of(uid: int, home: Path) -> Account:
    """Return the account with this number."""
    return Account("ada", uid, uid, (uid,), home)


def can_load_here() -> bool:
    """Tell whether another user can load this checkout at all, which may lie in a private folder."""
    if os.geteuid() != 0:
        return False
    command = [sys.executable, "-I", "-c", "import mousegate.system.export"]
    done = subprocess.run(command, user=STRANGER_UID, group=STRANGER_UID, cwd="/", check=False)
    return done.returncode == 0


needs_another_user = pytest.mark.skipif(
    not can_load_here(), reason="only root can become another user, who must be able to read this checkout"
)


@pytest.fixture
def ada(enrolled_directory: Path) -> Iterator[Account]:
    """Somebody with another number than ours, enrolled in a home of their own."""
    home = Path(tempfile.mkdtemp(prefix="mousegate-home-"))
    shutil.copytree(enrolled_directory, home / ".local/share/mousegate")
    for path in (home, *home.rglob("*")):
        os.chown(path, STRANGER_UID, STRANGER_UID)
    yield account_of(STRANGER_UID, home)
    shutil.rmtree(home)


def store_of(account: Account) -> Path:
    """Return where their store is."""
    return account.home / ".local/share/mousegate"


@needs_another_user
def test_a_person_is_read_as_that_person(ada: Account, enrolled_directory: Path) -> None:
    """What is read is what is stored, and nothing in the home is changed or changes its owner."""
    before = {path: path.stat().st_mtime_ns for path in store_of(ada).rglob("*")}
    given_over = copies.collect(ada)
    with Store.create(enrolled_directory) as store:
        assert given_over.encode() == handover.read(store, Config()).encode()
    assert {path: path.stat().st_mtime_ns for path in store_of(ada).rglob("*")} == before
    assert {path.stat().st_uid for path in ada.home.rglob("*")} == {STRANGER_UID}


@needs_another_user
def test_nothing_of_root_is_left(ada: Account) -> None:
    """The program has the person's numbers alone, no way back to root, and none of our environment."""
    code = (
        "import json, os, sys\n"
        "try: os.setuid(0); back = True\n"
        "except PermissionError: back = False\n"
        "print(json.dumps([os.getresuid(), os.getresgid(), os.getgroups(), back,\n"
        "    sorted(os.environ), os.getcwd(), os.listdir('/proc/self/fd'), sys.stdin.read()]))"
    )
    os.environ["MOUSEGATE_SECRET"] = "secret"
    try:
        said = json.loads(run_as(ada, [sys.executable, "-I", "-c", code], 4096, 30))
    finally:
        del os.environ["MOUSEGATE_SECRET"]
    uids, gids, groups, back, environment, folder, descriptors, typed = said
    assert {*uids, *gids, *groups} == {STRANGER_UID}
    assert (back, folder, typed) == (False, "/", "")
    assert {*environment} - {"LC_CTYPE"} == {"HOME", "LANG", "PATH"}
    assert len(descriptors) <= 4


def link_to_shadow(ada: Account) -> None:
    """Have the store lead to a file of root's."""
    (store_of(ada) / "store.sqlite").unlink()
    (store_of(ada) / "store.sqlite").symlink_to("/etc/shadow")


def link_folder(ada: Account) -> None:
    """Have the folder lead to one of root's."""
    shutil.rmtree(store_of(ada))
    store_of(ada).symlink_to("/root")


def damage(ada: Account) -> None:
    """Spoil the store."""
    (store_of(ada) / "store.sqlite").write_bytes(b"SQLite format 3\0" + b"\xff" * 9000)


def enlarge(ada: Account) -> None:
    """Have the store say more than any has to say."""
    os.truncate(store_of(ada) / "key", 1 << 40)


def belong_to_root(ada: Account) -> None:
    """Give the store to root."""
    os.chown(store_of(ada) / "store.sqlite", 0, 0)


def use_a_pipe(ada: Account) -> None:
    """Put a pipe where the store was: whoever opens it waits for ever."""
    (store_of(ada) / "store.sqlite").unlink()
    os.mkfifo(store_of(ada) / "store.sqlite", 0o600)
    os.chown(store_of(ada) / "store.sqlite", STRANGER_UID, STRANGER_UID)


def loop_settings(ada: Account) -> None:
    """Have the settings be what never ends."""
    (ada.home / ".config/mousegate").mkdir(parents=True)
    (ada.home / ".config/mousegate/config.toml").symlink_to("/dev/zero")
    for path in (ada.home / ".config", ada.home / ".config/mousegate"):
        os.chown(path, STRANGER_UID, STRANGER_UID)


def remove(ada: Account) -> None:
    """Delete the store."""
    shutil.rmtree(store_of(ada))


@needs_another_user
@pytest.mark.parametrize(
    "spoil", [link_to_shadow, link_folder, damage, enlarge, belong_to_root, use_a_pipe, loop_settings, remove]
)
def test_a_hostile_store_is_one_sentence(ada: Account, spoil: Callable[[Account], None]) -> None:
    """Whatever lies there, root is told in one line, in time, and has opened nothing itself."""
    spoil(ada)
    with pytest.raises(MousegateError, match="store of ada could not be read") as told:
        copies.collect(ada)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 500


SAYS: list[tuple[str, str]] = [
    ("print('x' * 200_000)", "More than 100000 bytes"),
    ("import time; time.sleep(60)", "took longer"),
    ("import os; os.close(1); os.close(2); import time; time.sleep(60)", "took longer"),
    ("import sys; sys.exit('no\\x1b[2J\\n' + 'y' * 9000)", "^y{400}$"),
    ("import os; os.kill(os.getpid(), 9)", "failed for ada"),
    ("import os, sys; os.fork() or __import__('time').sleep(60)", "took longer"),
]


@pytest.mark.parametrize(("code", "said"), SAYS)
def test_a_program_that_says_too_much_or_nothing(tmp_path: Path, code: str, said: str) -> None:
    """It is ended, with all that it started, and what it complains of is harmless text."""
    with pytest.raises(AccountError, match=said):
        run_as(account_of(os.geteuid(), tmp_path), [sys.executable, "-I", "-c", code], 100_000, 1.5)


def test_only_root_can_be_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is not root acts for nobody else."""
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    with pytest.raises(AccountError, match="Only root"):
        run_as(account_of(1002, tmp_path), ["/bin/true"], 10, 5)


@pytest.mark.parametrize(
    "name", ["root", "daemon", "nobody", "mousegate-nobody-at-all", "a/b", "-x", "", "a\0b"]
)
def test_accounts_that_log_in_nowhere(name: str) -> None:
    """System accounts, names that nobody has, and names that are none are refused."""
    with pytest.raises(UsageError):
        accounts.find(name)


def test_the_export_never_runs_as_root(tmp_path: Path) -> None:
    """Started by root without another user it opens nothing."""
    if os.geteuid() != 0:
        pytest.skip("this is about root, who does not run these tests")
    command = [sys.executable, "-I", "-m", "mousegate.system.export"]
    done = subprocess.run(command, capture_output=True, text=True, env={"HOME": str(tmp_path)}, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "must not run as root" in done.stderr


@pytest.fixture(scope="module")
def honest(enrolled_directory: Path) -> bytes:
    """What an honest store says."""
    with Store.create(enrolled_directory) as store:
        return handover.read(store, Config()).encode()


def test_what_is_said_is_understood(honest: bytes) -> None:
    """Read back, a handover is what it was."""
    assert handover.decode(honest).encode() == honest


def changed(honest: bytes, *path: str | int, to: Any) -> bytes:
    """Return a handover with one thing changed."""
    known = json.loads(honest)
    place = known
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = to
    return json.dumps(known).encode()


CHANGES: list[tuple[tuple[str | int, ...], Any]] = [
    (("format",), 2), (("key",), ""), (("key",), base64.b64encode(b"short").decode()), (("key",), "é"),
    (("key",), None), (("armed",), "maybe"), (("armed",), None), (("references",), None),
    (("references",), [None]), (("references",), [{}] * 65), (("references", 0, "label"), ""),
    (("references", 0, "label"), "a\nb"), (("references", 0, "label"), 7), (("references", 0, "device"), 99),
    (("references", 0, "device"), "mouse"), (("references", 0, "rhythm"), "{}"),
    (("references", 0, "rhythm"), 5), (("references", 0, "motion"), "AAAA"),
    (("references", 0, "motion"), "?"), (("references", 0, "created_s"), float("nan")),
    (("references", 0, "updated_s"), float("inf")), (("references", 0, "updated_s"), "soon"),
    (("references", 0, "updated_s"), 1e300), (("references", 0, "more"), 1),
    (("settings", "policy"), "none"), (("settings", "allow_synthetic"), True), (("settings",), {}),
    (("settings", "operating_point"), 3), (("settings", "reference"), "a\nb"), (("more",), 1),
]  # fmt: skip


@pytest.mark.parametrize(("path", "to"), CHANGES)
def test_anything_else_is_refused(honest: bytes, path: tuple[str | int, ...], to: Any) -> None:
    """One wrong value anywhere, and nothing is taken over."""
    with pytest.raises(StoreError):
        handover.decode(changed(honest, *path, to=to))


def test_the_same_reference_twice_is_refused(honest: bytes) -> None:
    """There is one reference of each label and device."""
    (one,) = json.loads(honest)["references"]
    with pytest.raises(StoreError, match="twice"):
        handover.decode(changed(honest, "references", to=[one, one]))


@settings(max_examples=200, deadline=None)
@given(untrusted=st.binary(max_size=400) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(),
    lambda below: st.lists(below, max_size=4)
    | st.dictionaries(st.sampled_from(["format", "key", "armed", "references", "settings", "label"]), below),
    max_leaves=12,
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_whatever_is_said_is_refused_or_understood(untrusted: bytes) -> None:
    """No bytes bring anything but a refusal."""
    with pytest.raises(StoreError):
        handover.decode(untrusted)


@pytest.mark.parametrize("untrusted", [b"[" * 200_000, b'{"a":' * 100_000, b"1" * 10_000, b"\xff\xfe", b""])
def test_what_breaks_parsers_is_refused(untrusted: bytes) -> None:
    """Depth, length and bytes that are no text end in the same refusal."""
    with pytest.raises(StoreError):
        handover.decode(untrusted)
