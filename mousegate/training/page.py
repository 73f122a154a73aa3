"""The report's page: headings, words, tables and pictures, as HTML and (without pictures) as Markdown."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from mousegate.core.manifest import Manifest
from mousegate.errors import BadInput
from mousegate.training.scales import Measured

_STYLE = (
    "body { font: 15px/1.5 Inter, sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; }"
    "table { border-collapse: collapse; margin: 1em 0; }"
    "th, td { padding: .3em .8em; border-bottom: 1px solid #ddd; text-align: left; }"
    "td { font-variant-numeric: tabular-nums; } svg { max-width: 33em; height: auto; }"
)


class Page:
    """Collects the parts of a report in order."""

    def __init__(self, title: str) -> None:
        """Start a page headed `title`."""
        self._title = title
        self._html: list[str] = [f"<h1>{escape(title)}</h1>"]
        self._markdown: list[str] = [f"# {title}"]

    def heading(self, text: str) -> None:
        """Add a heading."""
        self._html.append(f"<h2>{escape(text)}</h2>")
        self._markdown.append(f"## {text}")

    def text(self, text: str) -> None:
        """Add a paragraph."""
        self._html.append(f"<p>{escape(text)}</p>")
        self._markdown.append(text)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Add a table."""
        head = "".join(f"<th>{escape(column)}</th>" for column in columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        self._html.append(f"<table><tr>{head}</tr>{body}</table>")
        lines = [" | ".join(columns), " | ".join("---" for _ in columns), *(" | ".join(row) for row in rows)]
        self._markdown.append("\n".join(f"| {line} |" for line in lines))

    def picture(self, svg: str) -> None:
        """Add a picture."""
        self._html.append(svg)

    def write(self, path: Path) -> None:
        """Write the page to `path` and its Markdown beside it. Raises BadInput when it cannot."""
        page = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(self._title)}</title>'
            f"<style>{_STYLE}</style>" + "\n".join(self._html) + "</html>\n"
        )
        try:
            path.write_text(page, encoding="utf-8")
            path.with_suffix(".md").write_text("\n\n".join(self._markdown) + "\n", encoding="utf-8")
        except OSError as error:
            raise BadInput(f"{path} cannot be written ({error.strerror}); name another file.") from error


def costs(measured: Sequence[Measured], manifest: Manifest) -> str:
    """Say in words what the errors at the shipped threshold for FMR 1 % cost a person."""
    sentences = []
    for one in measured:
        point = manifest.natural.operating_point("fmr1", one.duration_s)
        refused = float((one.trials.mated < point.threshold).mean())
        accepted = float((one.trials.non_mated >= point.threshold).mean())
        sentences.append(
            f"After {one.duration_s:g} s of movement the owner is refused {100 * refused:.0f} times in 100, "
            f"and a stranger who knows the password passes {_in(accepted)}."
        )
    return "At the shipped threshold for FMR 1 %: " + " ".join(sentences)


def _in(rate: float) -> str:
    return f"{100 * rate:.1f} times in 100" if rate else "in none of the trials"
