"""Manual pages and the commented sample, made from the commands and settings themselves.

Source of the format: man(7), man-pages(7).
"""

import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import click

from mousegate import __version__
from mousegate.cli.__main__ import COMMANDS, GROUPS, cli
from mousegate.cli.examples import EXAMPLES
from mousegate.storage.config import SECTIONS, SETTINGS
from mousegate.storage.setting import Setting

_STATUSES: Final = (
    ("0", "Done; with verify: it matches."),
    ("1", "verify: it does not match. doctor: something is wrong. disable: not your password."),
    ("2", "verify: too little movement to tell."),
    ("3", "Nobody is enrolled; lock: another program holds the keyboard or the pointer."),
    ("4", "No usable X display."),
    ("5", "lock: the screen is locked already. daemon: another one runs."),
    ("64", "The words of the command, or a key of config.toml, are wrong."),
    ("65", "A recording or a trials file is malformed, or too poor to enrol from."),
    ("70", "Something inside failed; nothing was changed."),
    ("130", "Stopped by Ctrl-C."),
)
_FILES: Final = (
    ("~/.config/mousegate/config.toml", "Settings; see mousegate.toml(5)."),
    ("~/.local/share/mousegate/", "References, recovery codes, decisions and history of one person, 0700."),
    ("/var/lib/mousegate/USER/", "References for login, root's alone."),
    ("/etc/pam.d/mousegate", "The PAM service of the lock."),
)
_SEE_ALSO: Final = "mousegate.toml(5), xss-lock(1), pam(7), systemctl(1)"


@dataclass(frozen=True, slots=True)
class Page:
    """One manual page: its name without the section, and its source for man(1)."""

    name: str
    section: int
    roff: str


def pages() -> Iterator[Page]:
    """Return the page of `mousegate`, one of each command, and mousegate.toml(5)."""
    yield _overview()
    with click.Context(cli, info_name="mousegate") as context:
        for name in cli.list_commands(context):
            command = cli.get_command(context, name)
            if command is not None:
                yield _command_page(name, command, context)
    yield _configuration_page()


def sample() -> str:
    """Return a config.toml with every key at its default, commented out, under its documentation."""
    lines = [f"# mousegate {__version__}: every setting and its default. Remove a `#` to change one."]
    for section in SECTIONS:
        lines += ["", "", f"# --- {section} ---"]
        for one in _of(section):
            lines += [
                "",
                *_wrapped(one.help, "# "),
                f"# Allowed: {one.wanted}.",
                f"#{one.key} = {literal(one.default)}",
            ]
    text = "\n".join(lines) + "\n"
    tomllib.loads(text)
    return text


def literal(value: str | int | bool | float) -> str:
    """Return a value as TOML has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' if isinstance(value, str) else str(value)
    )


def _overview() -> Page:
    commands = [
        part
        for heading, names in GROUPS.items()
        for part in (f".SS {_escape(heading)}", *_terms((f"mousegate {n}", _summary(n)) for n in names))
    ]
    return _page(
        "mousegate", 1, "a desktop that opens on password plus mouse signature",
        (".SH SYNOPSIS", ".B mousegate", r"[\fB\-v\fR] \fICOMMAND\fR [\fIOPTIONS\fR]"),
        (".SH DESCRIPTION", _escape(
            "mousegate locks a Linux/X11 desktop and opens it on the password and the mouse signature: the "
            "rhythm of clicks that its owner has chosen, and the way the pointer is moved. While the desktop "
            "is used, a daemon watches whether it is still the same hand. Each command has a manual page of "
            "its own, such as mousegate-enrol(1), and says with --help what it takes."
        )),
        (".SH COMMANDS", *commands),
        (".SH EXIT STATUS", *_terms(_STATUSES)),
        (".SH FILES", *_terms(_FILES)),
    )  # fmt: skip


def _command_page(name: str, command: click.Command, parent: click.Context) -> Page:
    parts = [
        (".SH SYNOPSIS", *_synopses(f"mousegate {name}", command, parent)),
        (".SH DESCRIPTION", *_paragraphs(command.help or "")),
    ]
    parts += _options(name, command, parent)
    examples = [EXAMPLES.get(path, ()) for path in EXAMPLES if path.split()[0] == name]
    shown = [(f"mousegate {words}", what) for group in examples for words, what in group]
    parts.append((".SH EXAMPLES", *_terms(dict(shown).items())))
    parts.append((".SH EXIT STATUS", "See mousegate(1)."))
    return _page(f"mousegate-{name}", 1, _summary(name).rstrip("."), *parts)


def _synopses(path: str, command: click.Command, parent: click.Context) -> Iterator[str]:
    with click.Context(command, info_name=path.rsplit(" ", 1)[-1], parent=parent) as context:
        if isinstance(command, click.Group):
            for name, below in command.commands.items():
                yield from _synopses(f"{path} {name}", below, context)
            return
        words = command.collect_usage_pieces(context)
    yield rf".B {_escape(path)}"
    yield _escape(" ".join(words))
    yield ".br"


def _options(name: str, command: click.Command, parent: click.Context) -> list[tuple[str, ...]]:
    """Return the section of options; of a group, by command; of a process of its own, what that says."""
    if any(isinstance(one, click.Argument) and one.type is click.UNPROCESSED for one in command.params):
        return [(".SH OPTIONS", ".nf", _escape(_help_of_process(name)), ".fi")]
    if not isinstance(command, click.Group):
        return [(".SH OPTIONS", *_terms(_records(command, parent)))]
    found = [".SH COMMANDS"]
    for below_name, below in command.commands.items():
        found += [f".SS {_escape(f'{name} {below_name}')}", *_paragraphs(below.help or "")]
        found += _terms(_records(below, parent))
    return [tuple(found)]


def _records(command: click.Command, parent: click.Context) -> Iterator[tuple[str, str]]:
    with click.Context(command, parent=parent) as context:
        for parameter in command.get_params(context):
            record = parameter.get_help_record(context)
            if record and record[1]:
                yield record


def _help_of_process(name: str) -> str:
    shown = subprocess.run(
        [sys.executable, "-P", "-m", "mousegate.cli", name, "--help"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return shown.stdout.partition("Options:\n")[2] or f"`mousegate {name} --help` lists them."


def _configuration_page() -> Page:
    sections = []
    for section in SECTIONS:
        entries = [
            (one.key, f"{one.help} Allowed: {one.wanted}. Default: {literal(one.default)}.")
            for one in _of(section)
        ]
        sections.append((f".SS {_escape(section)}", *_terms(entries)))
    return _page(
        "mousegate.toml", 5, "settings of mousegate",
        (".SH SYNOPSIS", r"\fI$XDG_CONFIG_HOME\fR/mousegate/config.toml (~/.config/mousegate/config.toml)"),
        (".SH DESCRIPTION", _escape(
            "A TOML file; all keys are at its top level, and each has a default, so that no file is needed. "
            "A key that does not exist or a value that is not allowed is an error that names it: nothing is "
            "read past. `mousegate config sample` prints a commented file, and `mousegate config check` "
            "looks for mistakes."
        )),
        (".SH KEYS", *(line for part in sections for line in part)),
        (".SH EXAMPLE", ".nf", _escape('policy = "fused"\nidle_minutes = 5\non_anomaly = "lock"'), ".fi"),
    )  # fmt: skip


def _page(name: str, section: int, summary: str, *parts: tuple[str, ...]) -> Page:
    head = f'.TH "{name.upper()}" "{section}" "" "mousegate {__version__}" "mousegate"'
    lines = [head, ".SH NAME", rf"{_escape(name)} \- {_escape(summary[:1].lower() + summary[1:])}"]
    lines += [line for part in parts for line in part]
    lines += [".SH SEE ALSO", _escape(_SEE_ALSO if name == "mousegate" else f"mousegate(1), {_SEE_ALSO}")]
    return Page(name, section, "\n".join(lines) + "\n")


def _terms(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return paragraphs that each begin with a term in bold."""
    lines = []
    for term, text in pairs:
        lines += [".TP", rf"\fB{_escape(term)}\fR", _escape(text)]
    return lines


def _paragraphs(text: str) -> list[str]:
    blocks = text.replace("\b", "").split("\n\n")
    return [line for block in blocks for line in (".PP", _escape(" ".join(block.split())))]


def _summary(name: str) -> str:
    return COMMANDS[name][1]


def _of(section: str) -> list[Setting]:
    return [one for one in SETTINGS.values() if one.section == section]


def _wrapped(text: str, prefix: str) -> list[str]:
    return textwrap.wrap(text, 100, initial_indent=prefix, subsequent_indent=prefix)


def _escape(text: str) -> str:
    r"""Return text that groff shows as it is: backslashes, hyphens, control characters at a line's start."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-").replace("~", r"\(ti").replace("^", r"\(ha")
    return "\n".join(rf"\&{line}" if line.startswith((".", "'")) else line for line in escaped.split("\n"))
