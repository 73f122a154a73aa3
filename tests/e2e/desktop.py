"""A whole private desktop for the demo and the end-to-end tests: X server, session bus, PAM stack, home.

Everything is real: Xvfb, dbus-daemon, and libpam with pam_wrapper and pam_matrix as its password module
(cwrap.org). Nothing of the caller's own session, home or PAM configuration is read or changed.
"""

import getpass
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.xvfb import xvfb

PASSWORD = "correct horse"
_LIBRARY = Path(f"/usr/lib/{os.uname().machine}-linux-gnu")


@dataclass(frozen=True, slots=True)
class Desktop:
    """A running private desktop. `env` is the whole environment of processes on it."""

    display: str
    width: int
    height: int
    home: Path
    env: Mapping[str, str]

    def run(self, *words: str, timeout_s: float = 120.0, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run `mousegate WORDS` to its end and return it with its output."""
        return subprocess.run(
            [sys.executable, "-m", "mousegate.cli", *words],
            cwd=self.home, env=dict(self.env), text=True, capture_output=True, timeout=timeout_s, input=stdin,
            check=False,
        )  # fmt: skip

    def spawn(self, *words: str, log: IO[str] | None = None) -> subprocess.Popen[str]:
        """Start `python -m WORDS` and return it running; its output goes to `log`."""
        output = log or subprocess.DEVNULL
        return subprocess.Popen(
            [sys.executable, "-m", *words],
            env=dict(self.env), text=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
        )  # fmt: skip

    @property
    def store(self) -> Path:
        """Where this desktop's person is stored."""
        return self.home / ".local/share/mousegate"

    def configure(self, text: str) -> None:
        """Write config.toml."""
        directory = self.home / ".config/mousegate"
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        (directory / "config.toml").write_text(text)


@contextmanager
def private_desktop(width: int = 1280, height: int = 800, pam: str | None = None) -> Iterator[Desktop]:
    """Start a private desktop and yield it; everything is gone at the end.

    pam: text of the service file `mousegate`; by default one password prompt for PASSWORD.
    """
    with tempfile.TemporaryDirectory(prefix="mousegate-") as name, xvfb(width, height) as display:
        home = Path(name)
        env = _environment(home, display)
        env |= _pam_environment(home, pam)
        bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={"PATH": env["PATH"], "HOME": env["HOME"]},
        )  # fmt: skip
        try:
            assert bus.stdout is not None
            env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
            yield Desktop(display, width, height, home, env)
        finally:
            bus.terminate()
            bus.communicate()


def _environment(home: Path, display: str) -> dict[str, str]:
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(home),
        "USER": getpass.getuser(),
        "LANG": "C.UTF-8",
        "DISPLAY": display,
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_DATA_HOME": str(home / ".local/share"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_SESSION_TYPE": "x11",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def _pam_environment(home: Path, pam: str | None) -> dict[str, str]:
    services = home / "pam.d"
    services.mkdir()
    passwords = home / "passwords"
    passwords.write_text(f"{getpass.getuser()}:{PASSWORD}:mousegate\n")
    module = _LIBRARY / "pam_wrapper/pam_matrix.so"
    default = f"auth required {module} passdb={passwords}\naccount required {module} passdb={passwords}\n"
    (services / "mousegate").write_text(pam if pam is not None else default)
    return {
        "LD_PRELOAD": str(_LIBRARY / "libpam_wrapper.so"),
        "PAM_WRAPPER": "1",
        "PAM_WRAPPER_SERVICE_DIR": str(services),
    }
