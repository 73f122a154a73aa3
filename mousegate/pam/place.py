"""Where the references of a person lie whom PAM asks about. Loads next to nothing: most are not enrolled."""

from dataclasses import dataclass
from pathlib import Path

from mousegate.storage.files import check_directory
from mousegate.storage.paths import LOGIN_CONFIG_NAME, LOGIN_STORES, config_file, data_directory


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person's references lie for one purpose.

    name: `login` or `lock`, under which replays are known and decisions are written down;
    store: folder of the store; config: file of the configuration.
    """

    name: str
    store: Path
    config: Path

    def exists(self) -> bool:
        """Tell whether anything is stored there. Raises StoreError where it is not private."""
        return check_directory(self.store)


def find_place(user: str, is_root: bool, store: Path | None) -> Place:
    """Return where to look `user` up: root judges logins by its own copies, others judge themselves."""
    if store is None and not is_root:
        return Place("lock", data_directory(), config_file())
    folder = store or LOGIN_STORES / user
    return Place("login", folder, folder / LOGIN_CONFIG_NAME)
