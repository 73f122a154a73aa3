"""What every step works with: the machine, its seat, and the person who sits there."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.system.machine import Machine, await_fact
from tests.system.person import Person, person
from tests.system.seat import Seat


@dataclass
class House:
    """A machine under test. `package` is the Debian package; `pictures` is where screenshots go."""

    machine: Machine
    package: Path
    pictures: Path
    _seat: Seat | None = None
    _person: Person | None = None

    @property
    def seat(self) -> Seat:
        """The seat, with the X server that LightDM runs now."""
        if self._seat is None:
            self._seat = Seat(self.machine, self.pictures)
        return self._seat

    def person(self, user: str) -> Person:
        """Return the person whose session is at the seat."""
        if self._person is None:
            self._person = person(self.machine, self.seat, user, self.pictures)
        return self._person

    def leave_seat(self) -> None:
        """Forget the display: LightDM is about to start another one."""
        if self._seat is not None:
            self._seat.close()
        self._seat = self._person = None

    def picture(self, title: str) -> None:
        """Save what the screen shows, where there is one."""
        if self._seat is not None:
            self._seat.picture(title)

    def session(self, user: str) -> Mapping[str, str]:
        """Return logind's facts about the session that this user has at the seat; wait until there is one."""
        await_fact(lambda: self._at_seat(user), 60, f"a session of {user} at the seat")
        return self._at_seat(user)[0]

    def _at_seat(self, user: str) -> list[Mapping[str, str]]:
        facts = {"Seat": "seat0", "Class": "user", "Active": "yes", "State": "active"}
        return [one for one in self.machine.sessions(user) if facts.items() <= one.items()]

    def console(self, *prompts: str, answers: Sequence[str]) -> str:
        """Run login(1) on a terminal of the machine, answering each prompt; return all that was said."""
        words = self.machine.entering("root", "script", "-q", "-e", "-c", "login", "/dev/null")
        said = ""
        with subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as login:
            assert login.stdin is not None
            assert login.stdout is not None
            for prompt, answer in zip(prompts, answers, strict=True):
                heard = ""
                while prompt not in heard:
                    piece = os.read(login.stdout.fileno(), 4096).decode(errors="replace")
                    assert piece, f"the console ended before {prompt!r}: {said}{heard}"
                    heard += piece
                said += heard
                login.stdin.write(answer.encode())
                login.stdin.flush()
            return said + login.stdout.read().decode(errors="replace")

    def keep_journal(self, path: Path) -> None:
        """Write the machine's whole journal."""
        if self.machine.leader:
            path.write_text(self.machine.run("journalctl", "--no-pager", "--output=short-precise").stdout)
