"""`mousegate report`: how well the model recognises people it never saw, as one HTML page and one Markdown
table.

`python -m mousegate.training.report --data DIR --out report.html`. Thresholds and calibration are the shipped
ones, from development people; where DATA holds people that are neither training nor development, they are
measured.
"""

import logging
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.logging import RichHandler

from mousegate.embedding.model import load_recogniser
from mousegate.errors import BadInput, MousegateError
from mousegate.training import corpus, lockreport, usereport
from mousegate.training.page import Page
from mousegate.training.protocol import is_development, is_training, people


def write(data: Path, work: Path, out: Path, model_folder: Path | None) -> None:
    """Measure and write `out` (HTML) and the tables beside it (Markdown). Raises BadInput or ModelError."""
    model = load_recogniser(model_folder, threads=2)
    recordings = corpus.load(data, work / "data").recordings
    unseen = [one for one in recordings if not is_training(one.person) and not is_development(one.person)]
    group = people(unseen or [one for one in recordings if is_development(one.person)])
    judged = [person for person in group if person.dataset == "sapimouse"] or group
    if len(judged) < 2:
        raise BadInput(f"{data} holds fewer than two people to judge the model by.")
    page = Page(f"Model {model.manifest.model_id.hex()}")
    whose = (
        "people who neither trained it nor set its thresholds"
        if unseen
        else "the development people, who never trained it but set its thresholds and calibration"
    )
    page.text(
        f"Measured on {len(judged)} people: {whose}. Everybody is compared with everybody under one "
        "threshold. Intervals are 95 %, by bootstrap over people."
    )
    plain = usereport.verification(page, model, judged)
    usereport.enrolment(page, model, judged)
    usereport.leakage(page, model, judged, plain)
    usereport.people_apart(page, model, judged, plain)
    lockreport.lock(page, model, judged)
    usereport.beyond(page, model, recordings)
    page.write(out)


@click.command()
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="Folder of data sets or archives."
)
@click.option(
    "--work", default=".cache/train", type=click.Path(path_type=Path), help="Where archives are unpacked."
)
@click.option("--out", default="report.html", show_default=True, type=click.Path(path_type=Path))
@click.option("--model", type=click.Path(path_type=Path, file_okay=False), help="Folder of another model.")
def report_command(data: Path, work: Path, out: Path, model: Path | None) -> None:
    """Measure the model on people it never saw and write the report."""
    try:
        work.mkdir(parents=True, exist_ok=True)
        out.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{error.filename} cannot be made ({error.strerror}); name another folder.") from error
    write(data, work, out, model)
    click.echo(f"The report is {out}; its tables are also in {out.with_suffix('.md')}.")


def main() -> int:
    """Run the command; errors become one line and their exit status."""
    handler = RichHandler(console=Console(stderr=True), show_path=False)
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=[handler])
    try:
        report_command.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 64
    except MousegateError as error:
        click.echo(f"mousegate: {error}", err=True)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
