"""greetd as a display manager: it speaks, and knows neither people nor desktops, which are looked up here."""

import os
import pwd
import re
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from mousegate.greeter.backends.greetd import GreetdBackend
from mousegate.greeter.faces import Person, real_name_of

LOGIN_DEFS: Final = Path("/etc/login.defs")
_UID_MIN, _UID_MAX = 1000, 60000
"""login.defs(5): what holds where the file does not say."""
_LIMIT: Final = re.compile(r"^\s*(UID_MIN|UID_MAX)\s+(\d+)\s*$", re.MULTILINE)
_NO_LOGIN: Final = ("nologin", "false")


class Greetd:
    """greetd as a DisplayManager."""

    def __init__(self, backend: GreetdBackend) -> None:
        self._backend = backend

    @classmethod
    def connect(cls, stack: ExitStack) -> "Greetd":
        """Connect to greetd until `stack` ends. Raises UsageError or ProtocolError."""
        backend = GreetdBackend.connect(os.environ)
        stack.callback(backend.close)
        return cls(backend)

    @property
    def backend(self) -> GreetdBackend:
        """Its conversation."""
        return self._backend

    def listen(self, called: Callable[[str], None]) -> None:
        """Do nothing: greetd asks nothing of a screen."""

    def people(self) -> tuple[Person, ...]:
        """Return who can log in here."""
        return people_of(pwd.getpwall())

    def asks_names(self) -> bool:
        """A name may be typed: a directory service may know people whom it does not list."""
        return True

    def suggested(self) -> str:
        """Suggest nobody."""
        return ""

    def is_locked(self) -> bool:
        """greetd locks nothing."""
        return False

    def remembers_sessions(self) -> bool:
        """Greeters remember for greetd."""
        return False

    def ends_greeter(self) -> bool:
        """The session starts when this process has ended."""
        return False

    def autologin(self) -> None:
        """Do nothing: greetd has no timer."""

    def stay(self) -> None:
        """Do nothing: greetd has no timer."""


def people_of(entries: Iterable[pwd.struct_passwd], login_defs: Path = LOGIN_DEFS) -> tuple[Person, ...]:
    """Return people among accounts: by their numbers (login.defs(5)), and with a shell; by name."""
    low, high = _limits(login_defs)
    found = [
        Person(entry.pw_name, real_name_of(entry), Path(entry.pw_dir))
        for entry in entries
        if low <= entry.pw_uid <= high and Path(entry.pw_shell).name not in _NO_LOGIN
    ]
    return tuple(sorted(found, key=lambda person: person.real_name.casefold()))


def _limits(login_defs: Path) -> tuple[int, int]:
    try:
        said = dict(_LIMIT.findall(login_defs.read_text("utf-8", "replace")))
    except OSError:
        said = {}
    return int(said.get("UID_MIN", _UID_MIN)), int(said.get("UID_MAX", _UID_MAX))
