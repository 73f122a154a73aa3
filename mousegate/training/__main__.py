"""`python -m mousegate.training`: what `mousegate train` and `mousegate report` start. Its own process, since
it loads torch.
"""

import logging
import sys
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.logging import RichHandler

from mousegate.errors import MousegateError


@click.group()
@click.option("-v", "--verbose", is_flag=True, help="Say more.")
def cli(verbose: bool) -> None:
    """Train the model and report on it."""
    handler = RichHandler(console=Console(stderr=True), show_path=False)
    logging.basicConfig(
        level=logging.DEBUG if verbose else logging.INFO, format="%(message)s", handlers=[handler]
    )


@cli.command("train")
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder of the data sets or archives."
)
@click.option("--out", default="models", show_default=True, type=click.Path(path_type=Path))
@click.option("--work", default=".cache/train", show_default=True, type=click.Path(path_type=Path))
@click.option("--samples", type=int, help="Windows seen by each network; fewer is quicker and worse.")
@click.option("--threads", type=int, help="Processor threads; all of them if not given.")
def train_command(*, data: Path, out: Path, work: Path, samples: int | None, threads: int | None) -> None:
    """Train the shipped model from raw recordings; run again to go on after a stop."""
    import torch

    from mousegate.training.pipeline import Recipe, train

    if threads:
        torch.set_num_threads(threads)
    recipe = Recipe()
    if samples:
        recipe = replace(recipe, training=replace(recipe.training, samples=samples))
    manifest = train(data, out, work, recipe)
    if manifest:
        click.echo(f"The model {manifest.model_id.hex()} is in {out}.")


@cli.command("calibrate")
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder of the data sets or archives."
)
@click.option("--out", default="models", show_default=True, type=click.Path(path_type=Path))
@click.option("--work", default=".cache/train", show_default=True, type=click.Path(path_type=Path))
def calibrate_command(data: Path, out: Path, work: Path) -> None:
    """Make cohort, calibration and operating points anew for the network in OUT, without training."""
    from mousegate.core.manifest import HeadParameters
    from mousegate.training.pipeline import calibrate

    manifest = calibrate(data, out, work, HeadParameters())
    click.echo(f"The model {manifest.model_id.hex()} in {out} is measured anew.")


def main() -> int:
    """Run the command; errors become one line and their exit status."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 64
    except click.Abort:
        return 130
    except MousegateError as error:
        click.echo(f"mousegate: {error}", err=True)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
