"""Writes down what the service tells: in the person's history, and for the administrator in the journal."""

import time
from collections.abc import Callable
from typing import Final, TypeAlias

from mousegate.daemon.state import Anomaly, State
from mousegate.storage.history import Entry, History, Stretch, What
from mousegate.storage.journal import Message, write

GATHERED_S: Final = 60.0
"""Comparisons are written at most so often: a disk should not be woken every five seconds."""
_ANSWERS: Final = {"lock": "lock now", "me": "it was me", "pause": "pause for an hour"}


Journal: TypeAlias = Callable[..., None]
"""`mousegate.storage.journal.write`, or what stands for it."""


class Chronicle:
    """Listens to the service. clock: Unix seconds."""

    def __init__(
        self, history: History, journal: Journal = write, clock: Callable[[], float] = time.time
    ) -> None:
        self._history = history
        self._journal = journal
        self._clock = clock
        self._state = State()
        self._gathered: list[Stretch] = []
        self._written_s = clock()

    def started(self) -> None:
        """The daemon serves from now on."""
        self._remember(What.STARTED)
        self._journal(Message.STARTED, "mousegate watches this session.", VERSION=self._state.version)

    def stopped(self) -> None:
        """The daemon ends; nothing is left unwritten."""
        self.flush()
        self._remember(What.STOPPED)
        self._journal(Message.STOPPED, "mousegate does not watch this session any more.")

    def look(self) -> None:
        """Write what has gathered, once a minute. Called every second or so."""
        if not 0 <= self._clock() - self._written_s < GATHERED_S:
            self.flush()

    def flush(self) -> None:
        """Write what has gathered."""
        gathered, self._gathered, self._written_s = self._gathered, [], self._clock()
        self._history.append_stretches(gathered)

    def enrol_status(self, result: str, done: bool) -> None:
        """Note the end of an enrolment."""
        if done:
            self.noted("enrolment", result)

    def verify_status(self, result: str, done: bool) -> None:
        """Note the end of a verification."""
        if done:
            self.noted("verification", result)

    def stretch(self, one: Stretch) -> None:
        """Gather a comparison."""
        self._gathered.append(one)

    def anomaly(self, anomaly: Anomaly) -> None:
        """Write an anomaly down, after the comparisons that led to it."""
        self.flush()
        entry = Entry(anomaly.time_s, What.ANOMALY, anomaly.trust, anomaly.reason, anomaly.since_s)
        self._history.append(entry)
        self._journal(
            Message.ANOMALY,
            f"Somebody else seems to be at the mouse: {anomaly.reason}.",
            TRUST=f"{anomaly.trust:.3f}",
            SINCE=f"{anomaly.since_s:.0f}",
            REASON=anomaly.reason,
        )

    def answered(self, key: str) -> None:
        """Write down what the person answered to an alert."""
        self._remember(What.ANSWER, key)
        words = _ANSWERS.get(key, key)
        self._journal(Message.ANSWER, f"The person answered the alert: {words}.", ANSWER=key)

    def noted(self, kind: str, detail: str) -> None:
        """Write down anything else that is worth it: what was learned, reverted, or went wrong."""
        self._remember(kind, detail)
        self._journal(Message.FACT, f"{kind}: {detail}", KIND=kind, DETAIL=detail)

    def state_changed(self, state: State, names: frozenset[str]) -> None:
        """Write down locks, unlocks, pauses and their ends."""
        self._state = state
        if "locked" in names:
            self.flush()
            what, message, words = (
                (What.LOCKED, Message.LOCKED, "The screen was locked.")
                if state.locked
                else (What.UNLOCKED, Message.UNLOCKED, "The screen was unlocked.")
            )
            self._remember(what)
            self._journal(message, words, TRUST=f"{state.trust:.3f}")
        if "paused_until_s" in names:
            self._paused(state.paused_until_s)

    def _paused(self, until_s: float) -> None:
        if until_s:
            self._remember(What.PAUSED, f"{until_s:.0f}")
            self._journal(Message.PAUSED, "Watching is paused.", UNTIL=f"{until_s:.0f}")
        else:
            self._remember(What.RESUMED)
            self._journal(Message.RESUMED, "Watching goes on.")

    def _remember(self, kind: str, detail: str = "") -> None:
        self._history.append(Entry(self._clock(), kind, self._state.trust, detail))
