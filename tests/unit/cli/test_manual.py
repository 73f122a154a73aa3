"""Help, manual pages, sample and completions are made from the commands and settings themselves."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from mousegate.cli import manual
from mousegate.cli.__main__ import COMMANDS, GROUPS, cli
from mousegate.cli.completion import script
from mousegate.cli.examples import EXAMPLES
from mousegate.storage.config import SETTINGS, Config, parse
from tests.unit.cli.conftest import Command

PAGES = {page.name: page for page in manual.pages()}


def paths() -> list[str]:
    """Return every command and subcommand, as typed."""
    context = click.Context(cli)
    found = []
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        found.append(name)
        found += [f"{name} {below}" for below in getattr(command, "commands", ())]
    return found


def test_every_command_stands_under_one_heading() -> None:
    """No command is missing from --help, none stands twice."""
    shown = [name for names in GROUPS.values() for name in names]
    assert sorted(shown) == sorted(COMMANDS)


@pytest.mark.parametrize("path", paths())
def test_every_command_has_examples_in_its_help(mousegate: Command, path: str) -> None:
    """--help of each command and subcommand ends with at least one example of it."""
    assert EXAMPLES.get(path), "add an example to mousegate/cli/examples.py"
    if path in ("train", "evaluate", "report"):  # a process of their own answers --help
        return
    assert mousegate(*path.split(), "--help") == 0
    assert f"mousegate {EXAMPLES[path][0][0]}" in " ".join(mousegate.out.split())


@pytest.mark.parametrize("words", [words for path in paths() for words, _ in EXAMPLES.get(path, ())])
def test_examples_are_words_that_the_command_takes(words: str) -> None:
    """Each example parses; nothing is run."""
    command: click.Command = cli
    arguments, context = shlex.split(words), click.Context(cli, info_name="mousegate")
    while isinstance(command, click.Group):
        name, found, arguments = command.resolve_command(context, arguments)
        assert found is not None
        command, context = found, click.Context(found, info_name=name, parent=context)
    command.make_context(context.info_name, arguments, parent=context.parent)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_are_clean_to_groff(name: str, tmp_path: Path) -> None:
    """No page makes groff warn, and each tells name, description and examples."""
    page = PAGES[name]
    assert {".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION"} <= set(page.roff.splitlines())
    groff = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", "-z"], input=page.roff.encode(), capture_output=True, check=False
    )
    assert (groff.returncode, groff.stderr) == (0, b"")


def test_the_manual_has_a_page_for_each_command_and_a_line_for_each_key() -> None:
    """What exists is documented."""
    assert set(PAGES) == {"mousegate", "mousegate.toml", *(f"mousegate-{name}" for name in COMMANDS)}
    for key in SETTINGS:
        assert rf"\fB{key}\fR" in PAGES["mousegate.toml"].roff


def test_the_sample_with_every_key_set_means_the_defaults() -> None:
    """Taking away the `#` before every key gives a file that is read as the defaults."""
    text = re.sub(r"^#(?! )", "", manual.sample(), flags=re.MULTILINE)
    untrusted = tomllib.loads(text)
    assert list(untrusted) == list(SETTINGS)
    assert parse(untrusted) == Config()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_asks_the_command(mousegate: Command, shell: str) -> None:
    """The script that is printed asks `mousegate` itself."""
    assert mousegate("completion", shell) == 0
    assert mousegate.out == script(shell)
    assert "_MOUSEGATE_COMPLETE" in mousegate.out


def test_bash_completes_commands_options_and_values(home: Path, tmp_path: Path) -> None:
    """A real bash, with the script sourced, completes a command, an option, and a choice."""
    program = tmp_path / "bin/mousegate"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m mousegate.cli "$@"\n')
    program.chmod(0o755)
    (tmp_path / "script").write_text(script("bash"))
    asked = "".join(
        f'COMP_WORDS=({" ".join(words)} ""); COMP_WORDS[-1]="{last}"; COMP_CWORD={len(words)}; '
        f'COMPREPLY=(); _mousegate_completion mousegate; echo "${{COMPREPLY[*]}}"; '
        for words, last in ((["mousegate"], "hist"), (["mousegate", "verify"], "--j"),
                            (["mousegate", "completion"], "z"))
    )  # fmt: skip
    shown = subprocess.run(
        ["bash", "-c", f". {tmp_path}/script; {asked}"],
        env=os.environ | {"PATH": f"{program.parent}:{os.environ['PATH']}"},
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert shown.stdout.split() == ["history", "--json", "zsh"]


def test_config_shows_checks_and_writes_a_sample(mousegate: Command, home: Path) -> None:
    """`config show --json` has every key; a sample is written once, and a file is never replaced."""
    assert set(mousegate.json("config", "show")) == set(SETTINGS)
    assert mousegate("config", "show") == 0
    out = home / "sample.toml"
    assert mousegate("config", "sample", "--out", str(out)) == 0
    assert out.read_text() == manual.sample()
    assert mousegate("config", "sample", "--out", str(out)) == 64
    assert "exists already" in mousegate.err
    assert mousegate("config", "sample", "--out", str(home / "none/sample.toml")) == 64
    assert mousegate.json("config", "check")["good"] is True


def test_config_check_names_the_key(mousegate: Command, home: Path) -> None:
    """A mistake is one line with the nearest key, and exit status 64."""
    (home / "config/mousegate").mkdir(parents=True)
    (home / "config/mousegate/config.toml").write_text("polcy = 1\n")
    assert mousegate("config", "check") == 64
    assert "'polcy'" in mousegate.err
    assert "'policy'" in mousegate.err
    assert len(mousegate.err.splitlines()) == 1
