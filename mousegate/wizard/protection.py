"""The two acts that change this desktop: arming it, which happens whole or not at all, and deleting."""

import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from mousegate.errors import MousegateError, StoreError, UsageError
from mousegate.storage import configfile, files
from mousegate.storage.paths import config_file, data_directory
from mousegate.storage.store import KEY_NAME, Store
from mousegate.wizard.choices import Choices
from mousegate.wizard.draft import Draft
from mousegate.wizard.services import Services

_LOG = logging.getLogger(__name__)
_TIMEOUT_S = 60.0


class Protection:
    """What stands between the draft and the desktop."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services

    def describe(self) -> str:
        """Say in one sentence how lock and daemon will be started."""
        return self._services().describe()

    def arm(self, draft: Draft, choices: Choices) -> None:
        """Put the draft into the store, write config.toml, start lock and daemon, and arm the lock last.

        Raises UsageError without a match, and any MousegateError of what could not be done; then all that had
        been done before it is undone.
        """
        if choices.matched < 1:
            raise UsageError("One attempt of yours must match before the lock may be armed.")
        services = self._services()
        with ExitStack() as undo:
            undo.callback(_restorer(config_file()))
            configfile.write(choices.settings())
            if not services.running():
                undo.callback(_quietly(services.stop))
            store = undo.enter_context(_real_store(draft, undo))
            with draft.store() as drafted, store.transaction():
                for reference in drafted.references.all():
                    store.references.put(reference, provenance="setup")
                store.recovery.take_over(drafted.recovery)
                services.start()
                store.settings.arm()
            undo.pop_all()
            store.close()
        draft.discard()

    def delete_everything(self, password: str) -> None:
        """Stop what runs and remove store, history, draft and configuration, where the password is right.

        Raises UsageError for a wrong password, and MousegateError for what could not be removed.
        """
        check_password(password)
        services = self._services()
        if services.running():
            services.stop()
        for directory in (data_directory(), config_file().parent):
            try:
                if directory.exists():
                    shutil.rmtree(directory)
            except OSError as cause:
                raise StoreError(f"{directory} cannot be removed: {cause.strerror}. Delete it.") from cause


def check_password(password: str) -> None:
    """Ask PAM in a process of its own. Raises UsageError when the password is wrong or cannot be checked."""
    asked = subprocess.run(
        [sys.executable, "-P", "-m", "mousegate.auth", "--check-password"],
        input=password + "\n", capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip
    if asked.returncode == 1:
        raise UsageError("That was not your password. Nothing was changed.")
    if asked.returncode != 0:
        why = asked.stderr.strip().splitlines()
        text = why[-1].removeprefix("mousegate-auth: ") if why else "PAM does not answer."
        raise UsageError(f"Your password could not be checked: {text} Nothing was changed.")


def _real_store(draft: Draft, undo: ExitStack) -> Store:
    """Open the real store, or make it under the draft's key. Raises StoreError where the keys differ."""
    key = files.read_key(draft.directory / "store" / KEY_NAME)
    directory = draft.real_directory
    if not files.check_file(directory / KEY_NAME):
        undo.callback(_remover(directory))
        files.make_file(directory / KEY_NAME, key)
    store = Store.create(directory)
    if store.key != key:
        store.close()
        raise StoreError(
            "The store was made anew since this setup began. Discard this setup and begin again."
        )
    return store


def _remover(directory: Path) -> Callable[[], None]:
    def remove() -> None:
        for path in (directory / KEY_NAME, *directory.glob("store.sqlite*")):
            path.unlink(missing_ok=True)

    return remove


def _restorer(path: Path) -> Callable[[], None]:
    """Return what puts the file back as it is now."""
    before = path.read_bytes() if path.exists() else None

    def restore() -> None:
        if before is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(before)

    return restore


def _quietly(act: Callable[[], None]) -> Callable[[], None]:
    def attempt() -> None:
        try:
            act()
        except MousegateError as error:
            _LOG.warning("while undoing: %s", error)

    return attempt
