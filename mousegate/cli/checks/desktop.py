"""Checks of the X session: environment, display, compositor, other lockers."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mousegate.cli.finding import Finding, good, hint, problem
from mousegate.errors import DisplayError

_EXTENSIONS: Final = {
    "RECORD": "without it no movement is seen: start the X server with '+extension RECORD'.",
    "XInputExtension": "without it the pointer device is not known: update the X server.",
    "RANDR": "without it monitors are not followed: update the X server.",
    "XTEST": "only `mousegate replay` and the tests need it: start the X server with '+extension XTEST'.",
    "MIT-SCREEN-SAVER": "without it the desktop is not locked when idle: update the X server.",
}
_OPTIONAL: Final = frozenset({"XTEST", "MIT-SCREEN-SAVER"})
_LOCKERS: Final = {
    "light-locker": "light-locker", "gnome-screensav": "gnome-screensaver", "xscreensaver": "xscreensaver",
    "xfce4-screensav": "xfce4-screensaver", "mate-screensave": "mate-screensaver", "xautolock": "xautolock",
    "cinnamon-screen": "cinnamon-screensaver", "i3lock": "i3lock", "xsecurelock": "xsecurelock",
}  # fmt: skip
"""Name in /proc/PID/comm, of at most 15 letters, to the program that locks a desktop in its own way."""


def check_session() -> Iterator[Finding]:
    """The variables of a graphical session are there, and the runtime directory is private."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    if not runtime:
        yield hint(
            "session", "XDG_RUNTIME_DIR is not set, so `mousegate lock` cannot ask a waiting keeper.",
            "Log in through a display manager, or install libpam-systemd.",
        )  # fmt: skip
    else:
        yield _runtime_directory(Path(runtime))
    if os.environ.get("XDG_SESSION_TYPE") == "tty" and not os.environ.get("DISPLAY"):
        yield hint("session", "this is a text console.", "Run doctor in your desktop session as well.")


def _runtime_directory(path: Path) -> Finding:
    try:
        found = path.stat()
    except OSError as reason:
        return problem("session", f"{path} cannot be used: {reason.strerror}.", "Log out and in again.")
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        return problem("session", f"{path} is not yours alone.", f"As its owner: chmod 700 {path}")
    return good("session", f"{path} is private.")


def check_display() -> Iterator[Finding]:
    """X11, not Wayland; the extensions that capture and the lock need."""
    from mousegate.capture.display import limitation, open_display

    display = open_display()
    try:
        lacking = limitation(display)
        name = display.get_display_name()
        yield (
            problem("display", lacking, "Log in to an X11 session.")
            if lacking
            else good("display", f"{name} answers.")
        )
        missing = [one for one in _EXTENSIONS if not display.has_extension(one)]
        for extension in missing:
            say = hint if extension in _OPTIONAL else problem
            yield say("display", f"has no {extension};", _EXTENSIONS[extension])
        if not missing:
            yield good("display", f"has {', '.join(_EXTENSIONS)}.")
    finally:
        display.close()


def check_compositor() -> Iterator[Finding]:
    """Whether a compositor paints over the overlay: then only the base covers, which is told, not wrong."""
    from mousegate.capture.display import open_display

    try:
        display = open_display()
    except DisplayError:  # check_display has told it
        return
    try:
        number = display.get_default_screen()
        owner = display.get_selection_owner(display.intern_atom(f"_NET_WM_CM_S{number}"))
        if owner:
            yield good("compositor", "one runs; the lock covers below its overlay.")
        else:
            yield good("compositor", "none runs; the lock covers from the overlay.")
    finally:
        display.close()


def check_lockers() -> Iterator[Finding]:
    """No other locker would cover the screen at the same time; xss-lock starts ours."""
    others = []
    for pid, name in _own_processes():
        if name in _LOCKERS:
            others.append(_LOCKERS[name])
        elif name == "xss-lock" and b"mousegate" not in _command_line(pid):
            yield hint(
                "lockers", "xss-lock starts another locker.", "Start: xss-lock -- mousegate lock --foreground"
            )
    for other in sorted(set(others)):
        yield problem(
            "lockers", f"{other} runs, and would lock in its own way, without the signature.",
            f"Take it out of your session's autostart, then end it: pkill -x {other[:15]}",
        )  # fmt: skip
    if not others:
        yield good("lockers", "no other locker runs.")


def _own_processes() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            if folder.stat().st_uid == os.getuid():
                yield int(folder.name), (folder / "comm").read_text().strip()
        except OSError:  # it has ended meanwhile
            continue


def _command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
