"""The login screen: the lock's window on a display manager's conversation, with everybody's face in it."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Protocol

from PyQt5.QtCore import QLocale, QObject

from mousegate.core.greetd_ipc import Message
from mousegate.greeter import power
from mousegate.greeter.app import Greeter
from mousegate.greeter.building import Building, build, configuration
from mousegate.greeter.faces import Person
from mousegate.greeter.lobby import Choice, Lobby
from mousegate.greeter.memory import Memory, recall, remember
from mousegate.greeter.presenter import Manner
from mousegate.greeter.screen import Phase, Screen
from mousegate.greeter.sessions import Session, installed_locales, read_sessions
from mousegate.storage.translation import translate

_log = logging.getLogger("mousegate.greeter")
_NOWHERE: Final = Path("/nonexistent")


class LoginBackend(Protocol):
    """A Backend that opens sessions."""

    is_started: bool

    def fileno(self) -> int:
        """Return the descriptor to watch."""

    def send(self, message: Message) -> None:
        """Send one message."""

    def receive(self) -> list[Message]:
        """Return what has arrived."""

    def prepare(self, session: Session | None, language: str) -> None:
        """Choose what is started; None and "" for what the person had last."""


class DisplayManager(Protocol):
    """Who has started this screen, and opens the sessions."""

    @property
    def backend(self) -> LoginBackend:
        """Its conversation."""

    def listen(self, called: Callable[[str], None]) -> None:
        """Have `called` told what it asks of the screen: "reset", "idle", "autologin-timer-expired"."""

    def people(self) -> tuple[Person, ...]:
        """Return whose faces are shown; nobody's where the administrator hides them."""

    def asks_names(self) -> bool:
        """Return whether a name may be typed instead of choosing a face."""

    def suggested(self) -> str:
        """Return who shall stand in the middle, or nothing."""

    def is_locked(self) -> bool:
        """Return whether this screen stands before a session that was locked."""

    def remembers_sessions(self) -> bool:
        """Return whether it knows by itself which desktop a person had last."""

    def ends_greeter(self) -> bool:
        """Return whether it ends this process once a session has started, rather than wait for its end."""

    def autologin(self) -> None:
        """Begin to let in whom the administrator named for the timer that has expired."""

    def stay(self) -> None:
        """Somebody is at the screen: no timer lets anybody in."""


Connect = Callable[[ExitStack], DisplayManager]


def lightdm(stack: ExitStack) -> DisplayManager:
    """Return LightDM. Raises UsageError or ProtocolError where it has not started this process."""
    from mousegate.greeter.liblightdm import LightDM

    return LightDM.connect()


def greetd(stack: ExitStack) -> DisplayManager:
    """Return greetd. Raises UsageError or ProtocolError where it has not started this process."""
    from mousegate.greeter.greetd import Greetd

    return Greetd.connect(stack)


def run(stack: ExitStack, connect: Connect) -> int:
    """Show the login screen until a session starts; return the exit status."""
    manager = connect(stack)
    config = configuration()
    building = build(stack, config, somebody())
    greeter = building.greeter(
        backend=manager.backend,
        keeper=None,
        user="",
        manner=Manner(login=True),
        blank_s=config.blank_s,
    )
    building.desk.dress()
    login = Login(building, greeter, manager)
    building.place()
    building.window.receive()
    login.begin()
    return building.run()


def somebody() -> Person:
    """Return who is still to be named."""
    return Person("", translate("Somebody else"), _NOWHERE)


class Login(QObject):
    """What is chosen before a session starts, and for whom."""

    def __init__(self, building: Building, greeter: Greeter, manager: DisplayManager) -> None:
        super().__init__()
        self._application, self._window = building.application, building.window
        self._greeter, self._manager = greeter, manager
        self._memory: Memory = recall()
        self._people: tuple[Person, ...] = ()
        self._person = somebody()
        self._sessions = read_sessions()
        self._session: Session | None = None
        self._language = ""
        window = self._window
        self._lobby = lobby = Lobby(window, building.theme, translate)
        window.laid_out.connect(lobby.lay_out)
        window.shown.connect(lobby.follow)
        window.shown.connect(self._shown)
        window.turned.connect(lobby.turn)
        greeter.named.connect(self._named)
        lobby.chosen.connect(self._choose)
        lobby.session.connect(self._choose_session)
        lobby.language.connect(self._choose_language)
        lobby.power.connect(self._tell_machine)
        window.keyed.connect(manager.stay)
        # Clicks in a menu are none of the person's rhythm.
        lobby.dismissed.connect(greeter.forget)
        manager.listen(self._called)

    def begin(self) -> None:
        """Show everybody, and begin with who was here last."""
        self._offer()
        self._greeter.start()
        self._gather()

    # ---- who

    def _gather(self) -> None:
        """Ask anew who there is, and turn to whom the display manager suggests."""
        known = self._manager.people()
        self._people = (*known, *([somebody()] if self._manager.asks_names() or not known else []))
        wanted = self._manager.suggested() or self._memory.user
        named = next((person for person in known if person.user == wanted), None)
        is_locked = named is not None and self._manager.is_locked()
        self._choose(named or self._people[0], translate("Your session is locked.") if is_locked else "")

    def _choose(self, person: Person, message: str = "") -> None:
        if not self._greeter.address(person.user, message):
            return
        self._person = person
        self._window.show_person(person)
        self._lobby.show_people(self._people, self._people.index(person))
        key = "" if self._manager.remembers_sessions() else self._memory.sessions.get(person.user, "")
        self._session = next((one for one in self._sessions if one.key == key), None)
        self._prepare()

    def _named(self, name: str) -> None:
        """Somebody typed a name: that of a face, or of a person who is not shown."""
        known = next((person for person in self._people if person.user == name), None)
        if known is None:
            known = Person(name, name, _NOWHERE)
            self._people = (known, *self._people)
        self._choose(known)

    # ---- what is started

    def _offer(self) -> None:
        lobby = self._lobby
        languages = (Choice(code, language_name(code)) for code in installed_locales())
        lobby.offer_languages([_as_before(), *languages])
        lobby.offer_power([Choice(one, _POWER_NAMES[one]()) for one in power.offered()])

    def _prepare(self) -> None:
        choices: list[Choice[object]] = [Choice(one, one.name) for one in self._sessions]
        if self._manager.remembers_sessions():
            choices.insert(0, _as_before())
        elif self._session is None and self._sessions:
            self._session = self._sessions[0]
        self._lobby.offer_sessions(choices, self._session)
        self._manager.backend.prepare(self._session, self._language)

    def _choose_session(self, session: Session | None) -> None:
        self._session = session
        self._manager.backend.prepare(session, self._language)

    def _choose_language(self, language: str | None) -> None:
        self._language = language or ""
        self._manager.backend.prepare(self._session, self._language)

    def _tell_machine(self, one: power.Power) -> None:
        refusal = power.do(one)
        if refusal:
            self._greeter.notice(translate("This machine refuses that: {0}").format(refusal))

    # ---- how it goes on

    def _shown(self, screen: Screen) -> None:
        if screen.phase is Phase.WELCOME and self._manager.backend.is_started:
            remember(self._memory.after(self._person.user, self._session.key if self._session else ""))
            if not self._manager.ends_greeter():
                self._application.quit()

    def _called(self, why: str) -> None:
        """LightDM asks something of the screen."""
        if why == "autologin-timer-expired":
            if self._greeter.wait():
                self._manager.autologin()
        elif why == "idle":
            self._window.hide()
        elif why == "reset":
            self._memory = recall()
            self._greeter.renew()
            self._window.show()
            self._window.activateWindow()
            self._gather()


_POWER_NAMES: Final[dict[power.Power, Callable[[], str]]] = {
    power.Power.SUSPEND: lambda: translate("Sleep"),
    power.Power.REBOOT: lambda: translate("Restart"),
    power.Power.POWER_OFF: lambda: translate("Shut down"),
}


def _as_before() -> Choice[object]:
    return Choice(None, translate("As last time"))


def language_name(code: str) -> str:
    """Return what people who speak it call a locale such as de_AT.utf8, with its country."""
    locale = QLocale(code.split(".", maxsplit=1)[0])
    language, country = locale.nativeLanguageName() or code, locale.nativeCountryName()
    return f"{language[:1].upper()}{language[1:]} ({country})" if country else language
