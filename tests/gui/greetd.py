"""A scripted greetd around a real login screen on a real X server."""

import os
import pwd
import select
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Decoder, Message
from tests.gui.peer import PATIENCE_S
from tests.gui.screens import NSS_WRAPPER, portrait

PEOPLE = ("ada", "bob", "cid", "dora")
_NAMES = {"ada": "Ada Lovelace", "bob": "Bob Smith", "cid": "Cid Campeador", "dora": "Dora", "root": "root"}


class Greetd:
    """The daemon's end of the conversation, and the login screen's process."""

    def __init__(self, process: "subprocess.Popen[bytes]", end: socket.socket) -> None:
        self.process, self._end = process, end
        self._end.settimeout(PATIENCE_S)
        self._decoder = Decoder()

    def hears(self) -> Message:
        """Return the next request."""
        while not (messages := self._decoder.feed(self._end.recv(65536))):
            pass
        (message,) = messages
        return message

    def says(self, message: Message) -> None:
        """Answer."""
        self._end.sendall(greetd_ipc.encode(message))

    def asks(self, kind: greetd_ipc.AuthMessageType, text: str) -> str | None:
        """Ask as PAM would, and return the answer."""
        self.says(greetd_ipc.auth_message(kind, text))
        answer: str | None = self.hears()["response"]
        return answer

    def is_unasked(self) -> bool:
        """Return whether nothing was asked that was not heard yet."""
        return not select.select([self._end], [], [], 0)[0]

    def vanish(self) -> None:
        """End the conversation."""
        self._end.close()

    def end(self) -> int:
        """Wait for the login screen to end, and return its exit status."""
        return self.process.wait(timeout=PATIENCE_S)


@contextmanager
def login(
    display_name: str, home: Path, people: Sequence[str] = PEOPLE, faces: Sequence[str] = (),
    environment: Mapping[str, str] = {},
) -> Iterator[Greetd]:  # fmt: skip
    """Run `mousegate-greeter --greetd` on a machine that has these people."""
    path = home / "greetd.sock"
    variables = dict(os.environ, DISPLAY=display_name, GREETD_SOCK=str(path), HOME=str(home))
    variables |= {"XDG_CONFIG_HOME": str(home / "config"), "XDG_DATA_HOME": str(home / "data")}
    variables |= machine(home, people, faces) | dict(environment)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(PATIENCE_S)
        command = [sys.executable, "-m", "mousegate.greeter", "--greetd"]
        process = subprocess.Popen(command, env=variables)
        try:
            end, _ = listener.accept()
            with end:
                yield Greetd(process, end)
        finally:
            process.kill()
            process.wait()
            path.unlink()


def machine(home: Path, people: Sequence[str] = PEOPLE, faces: Sequence[str] = ()) -> dict[str, str]:
    """Return the environment in which only these people are known (nss_wrapper, cwrap.org)."""
    me = pwd.getpwuid(os.getuid()).pw_name
    lines = [f"{me}:x:{os.getuid()}:{os.getgid()}::{home}:/usr/sbin/nologin"]
    for number, name in enumerate(people):
        folder = home / name
        folder.mkdir(exist_ok=True)
        if name in faces:
            portrait().save(folder / ".face", "PNG")
        lines.append(f"{name}:x:{2000 + number}:{2000 + number}:{_NAMES[name]},,,:{folder}:/bin/sh")
    passwd, group = home / "passwd", home / "group"
    passwd.write_text("\n".join(lines) + "\n")
    group.write_text(f"{me}:x:{os.getgid()}:\n")
    return {
        "LD_PRELOAD": str(NSS_WRAPPER), "NSS_WRAPPER_PASSWD": str(passwd), "NSS_WRAPPER_GROUP": str(group),
    }  # fmt: skip
