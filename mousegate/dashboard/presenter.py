"""What the window does: decides what is shown and when it is read anew. No Qt here."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from mousegate.bus.client import DaemonState
from mousegate.core.standing import Standing, StandingFacts, standing
from mousegate.dashboard import words
from mousegate.dashboard.model import Past, Span, enrolled, load
from mousegate.dashboard.words import Translate
from mousegate.errors import MousegateError
from mousegate.storage.history import History
from mousegate.storage.history_places import Places

PAUSE_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Header:
    """The line above every page. trust: 0 to 1, None while nothing is watched; the flags say which buttons
    can be pressed.
    """

    standing: Standing
    title: str
    sentence: str
    trust: float | None
    can_pause: bool
    can_resume: bool
    can_lock: bool


@dataclass(frozen=True, slots=True)
class Content:
    """What the pages show. Texts that are not empty stand in place of what there is not."""

    past: Past
    span: Span
    trust_empty: str
    anomalies_empty: str
    applications_empty: str


class View(Protocol):
    """What is needed of the window."""

    def show_header(self, header: Header) -> None:
        """Show how it stands."""

    def show_content(self, content: Content) -> None:
        """Show what happened."""

    def show_problem(self, text: str) -> None:
        """Say what went wrong; empty when all is well again."""


class Daemon(Protocol):
    """What is needed of mousegate.bus.watch.DaemonWatch."""

    def ask(self) -> None:
        """Ask for the state."""

    def call(
        self, method: str, *values: object, failed: Callable[[MousegateError], None], patience_s: float = ...
    ) -> None:
        """Call a method."""


class Presenter:
    """Between the daemon, the history and the window. directory: of the store, by default the person's."""

    def __init__(
        self,
        view: View,
        say: Translate,
        clock: Callable[[], float],
        click_maps: bool,
        directory: Path | None = None,
    ) -> None:
        self._view = view
        self._say = say
        self._clock = clock
        self._click_maps = click_maps
        self._directory = directory
        self._daemon: Daemon | None = None
        self._state: DaemonState | None = None
        self._enrolled = False
        self._span = Span.DAY
        self._stamp: object = None

    def follow(self, daemon: Daemon | None) -> None:
        """Follow this daemon; None where there is no session bus."""
        self._daemon = daemon
        self.refresh(force=True)

    def state_changed(self, state: DaemonState | None) -> None:
        """The daemon says how it is, or has gone."""
        self._state = state
        self.refresh()

    def choose(self, span: Span) -> None:
        """Look back so far."""
        self._span = span
        self.refresh(force=True)

    def tick(self) -> None:
        """Some seconds have passed."""
        if self._daemon is not None:
            self._daemon.ask()
        self.refresh()

    def refresh(self, force: bool = False) -> None:
        """Show how it stands; read what happened anew where it has changed."""
        try:
            self._enrolled = enrolled(self._directory)
            stamp = (_stamp(History(self._directory).path), self._standing(), int(self._clock() // 60))
            if force or stamp != self._stamp:
                self._stamp = stamp
                self._view.show_content(self._content())
            self._view.show_problem("")
        except MousegateError as error:
            self._view.show_problem(str(error))
        self._view.show_header(self._header())

    def pause(self) -> None:
        """Watch nothing for an hour."""
        from dbus import UInt32

        self._call("Pause", UInt32(PAUSE_S))

    def resume(self) -> None:
        """Watch again."""
        self._call("Resume")

    def lock(self) -> None:
        """Lock the screen."""
        self._call("Lock", patience_s=60.0)

    def forget(self, application: str) -> None:
        """Delete what is known of clicks in an application."""
        Places(History(self._directory)).forget(application, self._clock())
        self.refresh(force=True)

    def _call(self, method: str, *values: object, patience_s: float = 5.0) -> None:
        if self._daemon is None:
            self._view.show_problem(self._say("There is no session bus, so the daemon cannot be asked."))
            return
        self._daemon.call(
            method, *values, failed=lambda error: self._view.show_problem(str(error)), patience_s=patience_s
        )

    def _standing(self) -> Standing:
        state = self._state
        if state is None:
            return standing(StandingFacts(running=False, enrolled=self._enrolled))
        return standing(
            StandingFacts(
                True, self._enrolled, state.monitoring, state.locked, state.trust, state.paused_until_s
            )
        )

    def _header(self) -> Header:
        now, state = self._standing(), self._state
        title, sentence = words.headline(now, state.paused_until_s if state else 0.0, self._say)
        watched = now in (Standing.WATCHING, Standing.SUSPECT)
        return Header(
            standing=now,
            title=title,
            sentence=sentence,
            trust=state.trust if state is not None and watched else None,
            can_pause=watched,
            can_resume=now is Standing.PAUSED,
            can_lock=state is not None and not state.locked,
        )

    def _content(self) -> Content:
        past = load(self._directory, self._span, self._clock())
        return Content(
            past=past,
            span=self._span,
            trust_empty=words.trust_empty(past, self._standing(), self._say),
            anomalies_empty=words.anomalies_empty(past, self._say),
            applications_empty=""
            if past.applications
            else words.applications_empty(self._click_maps, self._say),
        )


def _stamp(path: Path) -> tuple[float, int]:
    try:
        facts = path.stat()
    except OSError:
        return (0.0, 0)
    return (facts.st_mtime, facts.st_size)
