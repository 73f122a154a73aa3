"""The mousegate command: finds the command's file, runs it, and turns errors into words and exit statuses."""

import importlib
import logging
import sys
from collections.abc import Callable
from typing import Final

import click

from mousegate import __version__
from mousegate.cli.examples import epilog
from mousegate.errors import MousegateError

EXIT_SOFTWARE: Final = 70
EXIT_USAGE: Final = 64

COMMANDS: Final[dict[str, tuple[str, str]]] = {
    "setup": ("setup", "Set everything up in a window, step by step."),
    "enrol": ("people", "Make a reference from recordings, or live with the rehearsal screen."),
    "verify": ("people", "Compare recordings with your references."),
    "references": ("people", "List, delete, rename or export what is stored about you."),
    "lock": ("lock", "Lock the screen now."),
    "daemon": ("daemon", "Watch the hand at the mouse; usually run by systemd."),
    "status": (
        "status",
        "Show who is at the mouse and how this desktop stands; live in a terminal.",
    ),
    "history": ("history", "Show anomalies, answers, locks and decisions."),
    "dashboard": ("dashboard", "Open the window with trust, anomalies and click maps."),
    "tray": ("dashboard", "Show the icon in the tray; usually started with the session."),
    "api": ("webtokens", "Let web applications enrol and verify their users."),
    "web": ("web", "Try the model in a browser: record people, see how alike they are."),
    "recovery": ("screen", "Make or count recovery codes."),
    "disable": ("screen", "Stop asking for the signature, after your password."),
    "system": ("system", "Ask for the signature at login, too; for administrators."),
    "doctor": ("doctor", "Find what is wrong with this desktop and say how to mend it."),
    "config": ("config", "Show the settings, write a commented sample, check the file."),
    "completion": ("completion", "Print the completion script for a shell."),
    "record": ("recordings", "Record pointer events from the X server."),
    "convert": ("recordings", "Turn a recording into another format."),
    "replay": ("recordings", "Play a recording into the X server."),
    "train": ("recognition", "Train the model on public recordings."),
    "evaluate": ("recognition", "Score a list of trials."),
    "report": ("recognition", "Write the report of how well the model recognises people."),
}
"""Command name to (module in mousegate.cli, one-line help), so that --help imports none of them."""

_HEADINGS: Final[dict[str, tuple[str, ...]]] = {
    "You": ("setup", "enrol", "verify", "references", "recovery"),
    "Protection": ("lock", "status", "history", "disable", "system"),
    "This desktop": ("doctor", "config", "completion", "daemon", "dashboard", "tray", "web", "api"),
    "Recordings": ("record", "convert", "replay"),
    "Recognition": ("train", "evaluate", "report"),
}


def _grouped() -> dict[str, tuple[str, ...]]:
    """Return heading to the commands there are under it, in the order in which a person meets them."""
    groups = {title: tuple(n for n in names if n in COMMANDS) for title, names in _HEADINGS.items()}
    rest = tuple(name for name in COMMANDS if not any(name in names for names in groups.values()))
    return groups | ({"More": rest} if rest else {})


GROUPS: Final = _grouped()
"""Heading to command names, for --help and the manual."""


class LazyGroup(click.Group):
    """Imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order above, which is the order a person meets them."""
        return [name for names in GROUPS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, importing its module; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"mousegate.cli.{COMMANDS[cmd_name][0]}")
        command = getattr(module, f"{cmd_name}_command")
        assert isinstance(command, click.Command)
        return with_examples(cmd_name, command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands under their headings without importing them."""
        for heading, names in GROUPS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names])


def with_examples(path: str, command: click.Command) -> click.Command:
    """Return the command with its examples, and those of the commands below it, under its help."""
    command.epilog = epilog(path)
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            with_examples(f"{path} {name}", below)
    return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
@click.option("-v", "--verbose", is_flag=True, help="Say what is being done, on standard error.")
def cli(verbose: bool) -> None:
    """Open your desktop with your password and the way you hold and move your mouse."""
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.WARNING, format="%(name)s: %(message)s", stream=sys.stderr
    )


def main() -> None:
    """Entry point of `mousegate`. Never shows a traceback; exits with the statuses of the contracts."""
    sys.exit(run(lambda: cli.main(prog_name="mousegate", standalone_mode=False)))


def run(command: Callable[[], object]) -> int:
    """Run `command` and return its exit status, with one clear line on standard error if it failed."""
    try:
        status = command()
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except click.Abort:
        click.echo("mousegate: stopped.", err=True)
        return 130
    except MousegateError as error:
        click.echo(f"mousegate: {error}", err=True)
        return error.exit_status
    except BrokenPipeError:
        sys.stderr.close()
        return EXIT_SOFTWARE
    except Exception as error:  # the last line of defence: a person never sees a traceback
        logging.getLogger("mousegate").debug("unexpected", exc_info=True)
        click.echo(
            f"mousegate: something unexpected happened ({type(error).__name__}: {error}). "
            "Nothing was changed. Run again with --verbose and report what it says.",
            err=True,
        )
        return EXIT_SOFTWARE
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    main()
