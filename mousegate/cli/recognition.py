"""`mousegate train`, `evaluate`, `report`: each starts a process of its own; this one never loads torch."""

import importlib.util
import subprocess
import sys

import click

from mousegate.errors import ConfigurationError

_PASS_ON = {"ignore_unknown_options": True, "help_option_names": []}


@click.command("train", context_settings=_PASS_ON, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def train_command(arguments: tuple[str, ...]) -> int:
    """Train the model on public recordings (needs the extra [train])."""
    _require("torch", "train")
    return _start("mousegate.training", "train", *arguments)


@click.command("report", context_settings=_PASS_ON, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def report_command(arguments: tuple[str, ...]) -> int:
    """Write the report of how well the model recognises people (needs the extra [train])."""
    _require("matplotlib", "report")
    return _start("mousegate.training.report", *arguments)


@click.command("evaluate", context_settings=_PASS_ON, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def evaluate_command(arguments: tuple[str, ...]) -> int:
    """Score a list of trials with the shipped model."""
    return _start("mousegate.training.evaluate", *arguments)


def _require(module: str, command: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise ConfigurationError(f"`mousegate {command}` needs {module}: install mousegate[train].")


def _start(module: str, *arguments: str) -> int:
    """Run a module of mousegate with this Python and return its exit status."""
    return subprocess.run([sys.executable, "-m", module, *arguments], check=False).returncode
