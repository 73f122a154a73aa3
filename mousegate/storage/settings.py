"""What the store remembers about itself."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mousegate.storage.store import Store

_ARMED: Final = "armed"


class Settings:
    """Whether the signature is asked for: armed, disarmed, or neither (nothing was ever enrolled)."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    @property
    def armed(self) -> bool:
        """Whether the lock asks for the signature besides the password."""
        return self._get(_ARMED) == "yes"

    @property
    def disarmed(self) -> bool:
        """Whether its owner has said that the password alone unlocks. Not the opposite of `armed`."""
        return self._get(_ARMED) == "no"

    def arm(self) -> None:
        """Ask for the signature from now on. Callers make sure first that it can be given."""
        self._set(_ARMED, "yes")

    def disarm(self) -> None:
        """Let the password alone unlock from now on. Callers check the password first."""
        self._set(_ARMED, "no")

    def _get(self, name: str) -> str:
        rows = self._store.query("SELECT value FROM setting WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def _set(self, name: str, value: str) -> None:
        with self._store.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))
