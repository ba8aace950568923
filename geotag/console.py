"""What people see on stderr: a bar and colours when somebody looks, plain lines in cron."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from geotag.renderings.manifest import readable
from geotag.review import Verdict
from geotag.types import Record, Settings, Status, Written

if TYPE_CHECKING:
    from geotag import terminal
    from geotag.flows.enact import Applied
    from geotag.pipeline import Summary

FIRST_LINE_S = 1.0
LINE_EVERY_S = 30.0
_MOST_FAILURES = 20
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}


@contextmanager
def muffled() -> Iterator[None]:
    """Keep the chatter that C libraries print on file descriptor 2 away from people.

    Python's own stderr goes on to where it went. A no-op where stderr is not a real file (in tests).
    """
    try:
        real = os.dup(sys.stderr.fileno()) if sys.stderr.fileno() == 2 else None
    except (OSError, ValueError, AttributeError):
        real = None
    if real is None:
        yield
        return
    old = sys.stderr
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with open(real, "w", buffering=1, encoding=old.encoding, errors="backslashreplace") as new:
        old.flush()
        os.dup2(nowhere, 2)
        os.close(nowhere)
        sys.stderr = new
        try:
            yield
        finally:
            sys.stderr = old
            os.dup2(real, 2)


class RunView:
    """Shows a run as it goes; a context manager, and a `observer.Observer`."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._first = 0.0
        self._next_line = time.monotonic() + FIRST_LINE_S
        self._done = self._fresh = self._failures = 0
        self._total: int | None = None
        self._bar: terminal.Photos | None = None
        if _terminal(sys.stderr):
            # Nobody else pays for Rich.
            from geotag import terminal

            self._bar = terminal.Photos()

    def __enter__(self) -> RunView:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def total(self, photos: int) -> None:
        """So many image files were found."""
        with self._gate:
            self._total = photos
            if self._bar is not None:
                self._bar.total(photos)

    def settled(self, record: Record, *, fresh: bool) -> None:
        """Count a photo; say so when it failed, and now and then how far we are."""
        with self._gate:
            # Loading the model and the gazetteer comes before the first photo and says nothing of the rate.
            self._first = self._first or time.monotonic()
            self._done += 1
            self._fresh += fresh
            if fresh and record.status is Status.FAILED:
                self._failures += 1
                if self._failures <= _MOST_FAILURES:
                    self._print(f"failed: {record.photo.path}: {record.message}", "red")
                if self._failures == _MOST_FAILURES:
                    self._print("further failures are listed in manifest.csv only", "red")
            self._tick()

    def note(self, text: str) -> None:
        """Something a person may want to know."""
        self._print(text)

    def warn(self, text: str) -> None:
        """Something a person has to know."""
        self._print(f"warning: {text}", "yellow")

    def end(self, summary: Summary, settings: Settings) -> None:
        """Say what the run leaves."""
        if self._bar is not None:
            self._bar.stop()
        for line in summary_lines(summary, settings):
            self._print(line)

    def applied(self, applied: Applied) -> None:
        """Say what came of decisions."""
        if self._bar is not None:
            self._bar.stop()
        for line in applied_lines(applied):
            self._print(line)

    def _print(self, text: str, style: str = "") -> None:
        if self._bar is None:
            say([text])
        else:
            self._bar.line(plain(text), style)

    def _tick(self) -> None:
        if self._bar is not None:
            if self._fresh % 8 == 0 or not self._fresh:
                self._bar.done(self._done, self._rate())
        elif time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_EVERY_S
            self._print(self._line())

    def _seconds_each(self) -> float | None:
        return (time.monotonic() - self._first) / (self._done - 1) if self._done > 1 else None

    def _rate(self) -> str:
        seconds = self._seconds_each()
        return f"{1 / seconds:,.1f}/s" if seconds else ""

    def _line(self) -> str:
        photos = f"{self._done:,}" if self._total is None else f"{self._done:,} of {self._total:,}"
        parts = [f"{photos} photos", self._rate()]
        seconds = self._seconds_each()
        if seconds is not None and self._total is not None:
            parts.append(f"{_duration((self._total - self._done) * seconds)} left")
        return ", ".join(filter(None, parts))


class DryRunView(RunView):
    """Shows a dry run, and lists on stdout what would be written: path, degrees, radius in km, where."""

    def settled(self, record: Record, *, fresh: bool) -> None:
        """Count a photo, and list it if it would be written."""
        super().settled(record, fresh=fresh)
        location = record.location
        answered = fresh and record.status in (Status.LOCATED, Status.VERIFIED)
        if answered and location is not None and record.error_km is not None:
            cells = (plain(record.photo.path), f"{location.lat:.6g}", f"{location.lon:.6g}")
            print(*cells, f"{record.error_km:.1f}", plain(record.message), sep="\t")  # noqa: T201


class FetchView:
    """Shows a download as it comes, where somebody looks; a context manager."""

    def __init__(self) -> None:
        self._bar: terminal.Download | None = None

    def __enter__(self) -> FetchView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def note(self, text: str) -> None:
        """Something a person has to know."""
        say([text])

    def fetched(self, done: int, total: int) -> None:
        """So many bytes are there, of so many."""
        if self._bar is None and _terminal(sys.stderr):
            from geotag import terminal

            self._bar = terminal.Download(total)
        if self._bar is not None:
            self._bar.done(done)
        if done == total:
            self._stop()

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks, or FORCE_COLOR says so."""
    return stream is not None and (stream.isatty() or bool(os.environ.get("FORCE_COLOR")))


def plain(text: str) -> str:
    """Text on one line: a name with a line break or a terminal's escape code in it does no harm."""
    return readable(text).translate(_CONTROLS)


def _duration(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}"


def summary_lines(summary: Summary, settings: Settings) -> list[str]:
    """What a run leaves, in words: counts by status, what was held back and how to get it, where to look."""
    statuses, written = summary.statuses, summary.written
    photos = sum(statuses.values())
    if not photos:
        return [f"no image files found in {', '.join(settings.archive)}; nothing to do"]
    lines = [
        f"{photos:,} photos: {statuses[Status.LOCATED]:,} located, {statuses[Status.KEPT]:,} kept, "
        f"{statuses[Status.UNSURE]:,} unsure, {statuses[Status.FAILED]:,} failed{_by_people(statuses)}",
        f"written: {written[Written.EXIF]:,} into files, {written[Written.SIDECAR]:,} into sidecars; "
        f"predicted in this run: {summary.predicted:,}",
    ]
    if statuses[Status.UNSURE]:
        lines.append(
            f"{statuses[Status.UNSURE]:,} too unsure for files (radius over {settings.max_error_km:,g} km): "
            "the manifests have them; --max-error-km 20100 writes every guess"
        )
    if settings.plan:
        lines.append(
            f"nothing was written into the archive; look at {os.path.join(summary.output, 'map.html')}"
        )
        rest = ", or --all for the whole plan" if settings.writes else " with --write-exif or --sidecar"
        lines.append(f"then: geotag apply {summary.output} DECISIONS{rest}")
    elif statuses[Status.LOCATED] and not settings.writes:
        lines.append("nothing was written into the archive; --write-exif or --sidecar does")
    if summary.failed:
        lines.append(
            f"{summary.failed:,} failed: see `message` in manifest.csv; the same command tries again"
        )
    lines.append(f"manifests: {os.path.join(summary.output, 'manifest.csv')} and .geojson")
    if written[Written.EXIF] or written[Written.SIDECAR]:
        lines.append(f"to take everything back: geotag undo {summary.output}")
    return lines


def _by_people(statuses: Counter[Status]) -> str:
    verified, rejected = statuses[Status.VERIFIED], statuses[Status.REJECTED]
    return f", {verified:,} verified, {rejected:,} rejected by people" if verified or rejected else ""


def applied_lines(applied: Applied) -> list[str]:
    """What came of decisions, in words: what was refused and why, photo by photo, and counts of the rest."""
    decided, written = applied.decided, applied.written
    lines = [f"refused: {path}: {reason}" for path, reason in applied.refused]
    lines.append(
        f"{sum(decided.values()):,} decisions applied: {decided[Verdict.ACCEPT]:,} accepted, "
        f"{decided[Verdict.CORRECT]:,} corrected, {decided[Verdict.REJECT]:,} rejected; "
        f"{len(applied.refused):,} photos refused"
    )
    lines.append(
        f"written: {written[Written.EXIF]:,} into files, {written[Written.SIDECAR]:,} into sidecars; "
        f"taken back: {applied.taken_back:,}"
    )
    if not applied.writes and decided[Verdict.ACCEPT] + decided[Verdict.CORRECT]:
        lines.append(
            "the journal has the decisions, the archive does not: no run said where positions go; the same "
            "command with --write-exif or --sidecar writes them"
        )
    lines.append(f"manifests: {os.path.join(applied.output, 'manifest.csv')} and .geojson")
    return lines


def say(lines: Sequence[str]) -> None:
    """Print lines for people on stderr."""
    for line in lines:
        # Who closed stderr (`2>&-`) wants to hear nothing, not on stdout either.
        if sys.stderr is not None:
            print(plain(line), file=sys.stderr, flush=True)  # noqa: T201


def show(lines: Sequence[str]) -> None:
    """Print lines that were asked for on stdout."""
    for line in lines:
        print(plain(line))  # noqa: T201


def markdown(text: str) -> None:
    """Print Markdown that was asked for on stdout: set for reading in a terminal, as it is elsewhere."""
    if not _terminal(sys.stdout):
        print(text)  # noqa: T201
        return
    from geotag import terminal

    terminal.markdown(text)


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table that was asked for on stdout; the first column is text, the others are numbers."""
    from geotag import terminal

    terminal.table(title, columns, [[plain(cell) for cell in row] for row in rows])
