"""When the lock was last opened with the signature, which proves the person anew."""

from typing import Final

from mousegate.storage.store import Store

_LOOKED_AT: Final = 5


def unlocked_with_signature_since(since_s: float) -> bool:
    """Return whether the lock was opened with password and signature at or after Unix time `since_s`.

    A recovery code or the password alone does not count. Raises StoreError.
    """
    store = Store.open()
    if store is None:
        return False
    with store:
        return any(
            entry.accepted and entry.place == "lock" and entry.decision == "match" and entry.time_s >= since_s
            for entry in store.decisions.newest(_LOOKED_AT)
        )
