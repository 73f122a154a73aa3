"""`mousegate config`: show the settings, write a commented sample, check the file."""

from pathlib import Path

import click

from mousegate.cli.output import json_option, print_json, print_line, print_table
from mousegate.errors import UsageError


@click.group("config")
def config_command() -> None:
    """Show the settings, write a commented sample, check the file."""


@config_command.command("show")
@json_option
def show_command(as_json: bool) -> int:
    """Show every setting, its value and its default."""
    from mousegate.storage import config as configuration

    config = configuration.load()
    values = {key: getattr(config, key) for key in configuration.SETTINGS}
    if as_json:
        print_json(
            {
                key: {"value": values[key], "default": one.default, "section": one.section, "help": one.help}
                for key, one in configuration.SETTINGS.items()
            }
        )
        return 0
    for section in configuration.SECTIONS:
        rows = [
            [key, _shown(values[key]), "" if values[key] == one.default else _shown(one.default)]
            for key, one in configuration.SETTINGS.items()
            if one.section == section
        ]
        print_table(section, ["key", "value", "default, if changed"], rows)
    print_line("What they mean: man mousegate.toml, or `mousegate config sample`.")
    return 0


@config_command.command("sample")
@click.option("--out", type=click.Path(path_type=Path), help="File to write instead of standard output.")
def sample_command(out: Path | None) -> int:
    """Print a commented config.toml with every key at its default."""
    from mousegate.cli.manual import sample

    if out is None:
        click.echo(sample(), nl=False)
        return 0
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(sample())
    except FileExistsError as cause:
        raise UsageError(f"{out} exists already; choose another name, or remove it first.") from cause
    except OSError as cause:
        raise UsageError(f"{out} cannot be written: {cause.strerror}.") from cause
    return 0


@config_command.command("check")
@json_option
def check_command(as_json: bool) -> int:
    """Check config.toml. Exits with 64 and one line that names the key if it has a mistake."""
    from mousegate.storage import config as configuration
    from mousegate.storage.paths import config_file

    configuration.load()
    path = config_file()
    if as_json:
        print_json({"file": str(path), "exists": path.exists(), "good": True})
    else:
        print_line(f"{path} is good." if path.exists() else f"{path} is not there, so the defaults hold.")
    return 0


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
