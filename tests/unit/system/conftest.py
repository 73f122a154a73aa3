"""A computer below a folder, with LightDM, PAM and somebody who is enrolled; its files are real."""

import hashlib
import os
import pwd
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mousegate.errors import PamError
from mousegate.storage import recovery
from mousegate.storage.config import Config
from mousegate.storage.hashing import DIGEST_BYTES, OWASP_46, HashProfile
from mousegate.storage.store import Store
from mousegate.system import accounts, copies, enable, handover, pamstack
from mousegate.system.accounts import Account
from mousegate.system.machine import MODULE, Machine
from tests.unit.people import MANIFEST

USER = "ada"
MODULES = (
    "pam_nologin.so", "pam_unix.so", "pam_deny.so", "pam_permit.so", "pam_loginuid.so", "pam_limits.so",
    "pam_env.so", MODULE,
)  # fmt: skip
FILES = {
    "etc/lightdm/lightdm.conf": "[LightDM]\n#start-default-seat=true\n\n[Seat:*]\n#greeter-session=example\n",
    "usr/share/lightdm/lightdm.conf.d/01_debian.conf": "[Seat:*]\ngreeter-session=lightdm-greeter\n",
    "etc/pam.d/lightdm": "@include common-auth\n@include common-account\n",
    "etc/pam.d/common-auth": "auth [success=1 default=ignore] pam_unix.so\nauth requisite pam_deny.so\n",
    "etc/pam.d/common-account": "account required pam_unix.so\n",
    "etc/pam.d/common-session": "session required pam_unix.so\n",
    "etc/pam.d/common-password": "password required pam_unix.so\n",
    "etc/X11/default-display-manager": "/usr/sbin/lightdm\n",
}


@dataclass
class Computer:
    """A machine, who is enrolled on it, and which display managers run."""

    root: Path
    person: Store
    config: Config = field(default_factory=Config)
    managers: set[str] = field(default_factory=set)
    stack_fault: str = ""

    @property
    def machine(self) -> Machine:
        """The machine, judged by an installation of its own."""
        me = pwd.getpwuid(os.geteuid()).pw_name
        return Machine(self.root, self.root / "program", lambda: frozenset(self.managers), me)

    def path(self, name: str) -> Path:
        """Return where a file of it is."""
        return self.root / name

    def write(self, name: str, text: str) -> None:
        """Write a file of it."""
        self.path(name).parent.mkdir(parents=True, exist_ok=True)
        self.path(name).write_text(text)

    def tree(self) -> dict[str, str]:
        """Return every file and folder of it, but the person's own, with what is in it."""
        found = {}
        for path in sorted(self.root.rglob("*")):
            name = str(path.relative_to(self.root))
            mode = f"{path.lstat().st_mode:o} "
            found[name] = mode + (hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        return found


@pytest.fixture
def computer(tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Computer:
    """A computer on which Person(1), who is called ada, has enrolled.

    The person's store is read in this process, and the PAM stack is not tried: test_collect and
    test_rehearsal do both for real. Hashing a recovery code costs nothing, either.
    """
    computer = Computer(tmp_path / "root", store)
    for name, text in FILES.items():
        computer.write(name, text)
    for name in MODULES:
        computer.write(f"lib/x86_64-linux-gnu/security/{name}", "")
    for name in ("mousegate-verify", "mousegate-greeter"):
        computer.write(f"program/bin/{name}", "#!/bin/sh\ntest \"$*\" = '--lightdm --check'\n")
        computer.path(f"program/bin/{name}").chmod(0o755)
    computer.path("var/lib").mkdir(parents=True)

    def collect(account: Account) -> handover.Handover:
        return handover.decode(handover.read(computer.person, computer.config).encode())

    def check(machine: Machine, content: bytes, enrolled: Path) -> None:
        if computer.stack_fault:
            raise PamError(computer.stack_fault)
        assert not pamstack.missing(machine, content)
        assert Store.open(enrolled) is not None

    def stretch(message: bytes, salt: bytes, key: bytes, profile: HashProfile = OWASP_46) -> bytes:
        return hashlib.blake2b(message, salt=salt, key=key, digest_size=DIGEST_BYTES).digest()

    monkeypatch.setattr(recovery, "stretch", stretch)
    monkeypatch.setattr(copies, "collect", collect)
    monkeypatch.setattr(copies, "load_manifest", lambda: MANIFEST)
    monkeypatch.setattr(pamstack, "check", check)
    look_up = accounts.look_up
    account = Account(USER, os.geteuid(), os.getegid(), (os.getegid(),), tmp_path)
    monkeypatch.setattr(accounts, "find", lambda name: account)
    monkeypatch.setattr(accounts, "look_up", lambda name: account if name == USER else look_up(name))
    return computer


@pytest.fixture
def switched_on(computer: Computer) -> Computer:
    """The computer with login switched on for ada."""
    enable.enable(computer.machine, USER)
    return computer
