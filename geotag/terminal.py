"""What a terminal shows: bars, colours, tables. Nobody else knows Rich, and only who looks pays for it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Table
from rich.text import Text

_PLAIN_WIDTH = 120


class Photos:
    """A bar of photos on stderr, and lines above it."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(),
            console=Console(stderr=True, highlight=False, soft_wrap=True),
            transient=True,
        )
        self._task = self._bar.add_task("Photos", total=None, rate="")

    def start(self) -> None:
        """Draw it, until it is stopped."""
        self._bar.start()

    def stop(self) -> None:
        """Take it away."""
        self._bar.stop()

    def total(self, photos: int) -> None:
        """So many there are."""
        self._bar.update(self._task, total=photos)

    def done(self, photos: int, rate: str) -> None:
        """So many are done, at a rate in words."""
        self._bar.update(self._task, completed=photos, rate=rate)

    def line(self, text: str, style: str) -> None:
        """Print a line, in a colour or in none ("")."""
        self._bar.console.print(Text(text, style))


class Download:
    """A bar of bytes on stderr."""

    def __init__(self, total: int) -> None:
        columns = BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn()
        self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task("", total=total)
        self._bar.start()

    def done(self, count: int) -> None:
        """So many bytes are there."""
        self._bar.update(self._task, completed=count)

    def stop(self) -> None:
        """Take it away."""
        self._bar.stop()


def markdown(text: str) -> None:
    """Print Markdown on stdout, set for reading."""
    Console().print(Markdown(text))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table on stdout, wide where nobody looks; the first column is text, the others are numbers."""
    view = Table(title=title, title_justify="left", box=SIMPLE)
    for place, column in enumerate(columns):
        view.add_column(column, justify="right" if place else "left")
    for row in rows:
        view.add_row(*map(Text, row))
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PLAIN_WIDTH)
    console.print(view)
