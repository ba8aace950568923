"""What a model is worth on an archive, as a page of one file: tables, what they say in words, the plots."""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from dataclasses import dataclass

from geotag.errors import OutputError
from geotag.renderings import pages, plots

NAME = "report.html"

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; color: #1d2733; background: #fff; max-width: 60em;
  margin: 1.5em auto; padding: 0 1em; overflow-wrap: anywhere; }
h1 { font-size: 1.4em; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: 1em 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: .3em 0; }
th, td { padding: .25em .7em; text-align: right; border-bottom: 1px solid #cfd8df; white-space: nowrap; }
th:first-child { text-align: left; white-space: normal; min-width: 9em; }
pre { white-space: pre-wrap; }
figure { margin: 1.2em 0; }
img { max-width: 100%; height: auto; background: #fff; }
@media (prefers-color-scheme: dark) { body { color: #e6edf3; background: #151b22; } }
"""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a title, the first column naming what the others tell of."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


def write(guesses: plots.Guesses, tables: Sequence[Table], lines: Sequence[str], folder: str) -> list[str]:
    """Draw the plots of an evaluation as PNG into a folder, and beside them a page with tables, lines of text
    and the same plots; returns the paths, the page's first.

    Raises UsageError without Matplotlib, OutputError when the folder cannot be written.
    """
    drawn = plots.evaluation(guesses, folder)
    path = os.path.join(folder, NAME)
    try:
        figures = "".join(map(_figure, drawn, plots.TOLD))
        with open(path, "w", encoding="utf-8") as file:
            file.write(_page(guesses.name, tables, lines, figures))
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}; name another --plots DIR") from error
    return [path, *drawn]


def _page(title: str, tables: Sequence[Table], lines: Sequence[str], figures: str) -> str:
    words = html.escape("\n".join(lines))
    body = f"<h1>{html.escape(title)}</h1>\n{''.join(map(_table, tables))}<pre>{words}</pre>\n{figures}"
    return pages.page(title, _STYLE, body)


def _table(table: Table) -> str:
    heads = "".join(f'<th scope="col">{html.escape(head)}</th>' for head in table.heads)
    rows = "".join(f"<tr>{_cells(row)}</tr>\n" for row in table.rows)
    caption = f"<caption>{html.escape(table.title)}</caption>"
    return f'<div class="wide"><table>{caption}<tr>{heads}</tr>\n{rows}</table></div>\n'


def _cells(row: Sequence[str]) -> str:
    first, *others = map(html.escape, row)
    return f'<th scope="row">{first}</th>' + "".join(f"<td>{cell}</td>" for cell in others)


def _figure(path: str, told: str) -> str:
    with open(path, "rb") as file:
        picture = pages.image(file.read(), "png", told)
    return f"<figure>{picture}<figcaption>{html.escape(told)}</figcaption></figure>\n"
