"""The report's page: headings, words, tables and pictures, as HTML and (without pictures) as Markdown."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import numpy as np

from mousegate.core.manifest import ScoreScale
from mousegate.errors import BadInput
from mousegate.training.scales import Measured

_STYLE = """
body { font: 15px/1.55 Inter, "DejaVu Sans", sans-serif; color: #1d2939; max-width: 74em; margin: 2.5em auto;
  padding: 0 1.5em; }
h1 { font-size: 1.7em; } h2 { font-size: 1.25em; margin: 2.4em 0 .6em; padding-top: .8em;
  border-top: 1px solid #d0d5dd; }
p { max-width: 52em; }
table { border-collapse: collapse; margin: 1em 0; font-size: .93em; }
th { font-weight: 600; border-bottom: 2px solid #98a2b3; vertical-align: bottom; max-width: 9em; }
th, td { padding: .32em 1.1em .32em 0; text-align: right; }
th:first-child, td:first-child { text-align: left; max-width: none; }
td { font-variant-numeric: tabular-nums; border-bottom: 1px solid #eaecf0; }
tr:hover td { background: #f9fafb; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(24em, 1fr)); gap: 1.2em;
  align-items: start; margin: 1.2em 0; }
svg { width: 100%; height: auto; max-width: 36em; }
"""


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
        """Add a picture; those that follow one another stand side by side."""
        opening, closing = '<div class="pictures">', "</div>"
        if self._html[-1].startswith(opening):
            self._html[-1] = self._html[-1].removesuffix(closing) + svg + closing
        else:
            self._html.append(opening + svg + closing)

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


def costs(measured: Sequence[Measured], scale: ScoreScale) -> str:
    """Say in words what the errors at the shipped threshold for FMR 1 % cost a person."""
    sentences = []
    for one in measured:
        limits = np.array([scale.operating_point("fmr1", float(s)).threshold for s in one.active_s])
        mated = one.trials.reference == one.trials.person
        refused = float((one.trials.score < limits)[mated].mean())
        accepted = float((one.trials.score >= limits)[~mated].mean())
        sentences.append(
            f"After {one.duration_s:g} s of movement the owner is refused {100 * refused:.0f} times in 100, "
            f"and a stranger passes {_in(accepted)}."
        )
    return "At the shipped threshold for FMR 1 %: " + " ".join(sentences)


def _in(rate: float) -> str:
    return f"{100 * rate:.1f} times in 100" if rate else "in none of the trials"


def percent(rate: float) -> str:
    """Return a share as a percentage with one decimal, without the sign."""
    return f"{100 * rate:.1f}"


def interval(bounds: tuple[float, float]) -> str:
    """Return an interval of shares as percentages."""
    return f"{100 * bounds[0]:.1f} to {100 * bounds[1]:.1f}"
