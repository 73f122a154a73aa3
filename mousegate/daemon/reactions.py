"""What happens on an anomaly: tell, lock, run a program; and what the person answers."""

import logging
import subprocess
import time
from collections.abc import Callable
from typing import Final, Protocol

from mousegate.daemon.notifier import Message
from mousegate.daemon.service import Service
from mousegate.daemon.state import Anomaly, Listener, State
from mousegate.errors import MousegateError

_LOG = logging.getLogger(__name__)
LOCK_NOW, IT_WAS_ME, PAUSE = "lock", "me", "pause"
PAUSE_S: Final = 3600
ACTIONS: Final = ((LOCK_NOW, "Lock now"), (IT_WAS_ME, "It was me"), (PAUSE, "Pause for an hour"))


class Shower(Protocol):
    """What is needed of `mousegate.daemon.notifier.Notifier`."""

    def show(self, message: Message) -> bool:
        """Show it."""

    def clear(self) -> None:
        """Take it away."""


class Reactions(Listener):
    """Listens to the service. on_anomaly: `log`, `notify` or `lock` (which notifies too).

    hook: path of a program that is run with the facts in its environment; empty for none.
    start: starts a program with an environment added to ours.
    """

    def __init__(
        self,
        service: Service,
        on_anomaly: str,
        hook: str,
        start: Callable[[str, dict[str, str]], None],
    ) -> None:
        self._service = service
        self._on_anomaly = on_anomaly
        self._hook = hook
        self._start = start
        self._shower: Shower | None = None
        service.add_listener(self)

    def show_on(self, shower: Shower) -> None:
        """Tell the person on this."""
        self._shower = shower

    def pressed(self, key: str) -> None:
        """Do what the person answered."""
        self._service.answered(key)
        match key:
            case "lock":
                self._service.lock(_log_failure)
            case "me":
                self._service.it_was_me()
            case "pause":
                self._service.pause(PAUSE_S, time.monotonic())

    def state_changed(self, state: State, names: frozenset[str]) -> None:
        """Take the alert away once the screen is locked."""
        if "locked" in names and self._shower is not None:
            self._shower.clear()

    def anomaly(self, anomaly: Anomaly) -> None:
        """React."""
        if self._hook:
            self._run_hook(anomaly)
        if self._on_anomaly in ("notify", "lock") and self._shower is not None:
            self._shower.show(message_of(anomaly))
        if self._on_anomaly == "lock":
            self._service.lock(_log_failure)

    def _run_hook(self, anomaly: Anomaly) -> None:
        facts = {
            "MOUSEGATE_EVENT": "anomaly",
            "MOUSEGATE_TRUST": f"{anomaly.trust:.3f}",
            "MOUSEGATE_REASON": anomaly.reason,
            "MOUSEGATE_SINCE": f"{anomaly.since_s:.0f}",
            "MOUSEGATE_TIME": f"{anomaly.time_s:.0f}",
        }
        try:
            self._start(self._hook, facts)
        except (OSError, subprocess.SubprocessError) as error:
            _LOG.warning("The program %s of `hook` cannot be run: %s.", self._hook, error)


def message_of(anomaly: Anomaly) -> Message:
    """Return what the person is told."""
    since = time.strftime("%H:%M", time.localtime(anomaly.since_s))
    return Message(
        summary="Is this you?",
        body=f"Since {since} {anomaly.reason}.",
        actions=ACTIONS,
        remedy="To lock the screen, run: mousegate lock",
        urgent=True,
    )


def _log_failure(error: MousegateError | None) -> None:
    if error is not None:
        _LOG.error("The screen could not be locked: %s", error)
