"""Counting failed attempts: in the store, and in memory while a full disk takes no more."""

import logging
from typing import Final

from mousegate.storage.attempts import BACK_OFF, BackOff
from mousegate.storage.store import Store, StoreFullError

_LOG: Final = logging.getLogger(__name__)


class Throttle:
    """The back-off of one auth process: a full disk neither locks its owner out nor makes guessing free."""

    def __init__(self, back_off: BackOff = BACK_OFF) -> None:
        self._back_off = back_off
        self._unsaved = 0
        self._last_s = 0.0

    def remaining_s(self, store: Store, now_s: float) -> float:
        """Return the seconds to wait before the next attempt at Unix time `now_s`. Raises StoreError."""
        stored_s = store.attempts.remaining_s(now_s, self._back_off)
        if not self._unsaved:
            return stored_s
        wait_s = self._back_off.wait_s(store.attempts.failures() + self._unsaved)
        return max(stored_s, min(wait_s, self._last_s + wait_s - now_s))

    def charge(self, store: Store, now_s: float) -> None:
        """Count one attempt as failed until `clear`. Raises StoreError, but not for a full disk."""
        try:
            store.attempts.charge(now_s)
        except StoreFullError as error:
            _LOG.error("%s Attempts are counted in memory.", error)
            self._unsaved += 1
            self._last_s = now_s

    def clear(self) -> None:
        """Forget what was counted in memory, after a success."""
        self._unsaved = 0
