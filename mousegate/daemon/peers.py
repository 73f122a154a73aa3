"""Noticing that a program has left the bus."""

from collections.abc import Callable
from typing import Any


class PeerWatch:
    """Calls `vanished` with the unique name of each watched program once it is gone."""

    def __init__(self, bus: Any, vanished: Callable[[str], None]) -> None:
        self._bus = bus
        self._vanished = vanished
        self._watched: dict[str, Any] = {}

    def watch(self, peer: str) -> None:
        """Watch a program; watching it twice is watching it once."""
        if peer in self._watched:
            return

        def owner(untrusted_name: str) -> None:
            if not untrusted_name and peer in self._watched:
                self._watched.pop(peer).cancel()
                self._vanished(peer)

        self._watched[peer] = self._bus.watch_name_owner(peer, owner)
