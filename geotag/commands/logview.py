"""What logs are told on stderr, in JSON, a line each (JSON Lines): runs and downloads, for cron."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from geotag.console import FIRST_LINE_S, LINE_EVERY_S, DryRunView, FetchView, RunView
from geotag.renderings.manifest import readable
from geotag.types import Record, Settings, Status, Written

if TYPE_CHECKING:
    from geotag.pipeline import Summary


class LogView(RunView):
    """Tells of a run: failures, now and then how far we are, notes, warnings, and what the run leaves."""

    def __init__(self) -> None:
        super().__init__()
        self._bar = None

    def settled(self, record: Record, *, fresh: bool) -> None:
        """Count a photo; say so when it failed, and now and then how far we are."""
        with self._gate:
            self._done += 1
            if fresh and record.status is Status.FAILED:
                path, message = readable(record.photo.path), readable(record.message)
                _log("error", "failed", path=path, message=message)
            if time.monotonic() >= self._next_line:
                self._next_line = time.monotonic() + LINE_EVERY_S
                _log("info", "progress", photos=self._done, total=self._total)

    def note(self, text: str) -> None:
        """Something a person may want to know."""
        _log("info", "note", message=readable(text))

    def warn(self, text: str) -> None:
        """Something a person has to know."""
        _log("warning", "note", message=readable(text))

    def end(self, summary: Summary, settings: Settings) -> None:
        """Say what the run leaves."""
        _log(
            "info",
            "summary",
            output=readable(summary.output),
            photos=sum(summary.statuses.values()),
            predicted=summary.predicted,
            failed_in_this_run=summary.failed,
            max_error_km=settings.max_error_km,
            status={status.value: summary.statuses[status] for status in Status},
            written={where.value: summary.written[where] for where in Written},
        )


class FetchLog(FetchView):
    """Tells of a download: now and then how far it is, and notes."""

    def __init__(self) -> None:
        super().__init__()
        self._next_line = time.monotonic() + FIRST_LINE_S

    def note(self, text: str) -> None:
        """Something a person has to know."""
        _log("warning", "note", message=readable(text))

    def fetched(self, done: int, total: int) -> None:
        """Now and then, and at the end, so many bytes are there, of so many."""
        if done == total or time.monotonic() >= self._next_line:
            self._next_line = time.monotonic() + LINE_EVERY_S
            _log("info", "progress", bytes=done, total=total)


def view(settings: Settings, *, as_json: bool) -> RunView:
    """Who watches a run: a log, the listing of a dry run, or a person; a context manager."""
    if as_json:
        return LogView()
    return DryRunView() if settings.dry_run else RunView()


def fetching(*, as_json: bool) -> FetchView:
    """Who watches a download: a log, or a person; a context manager."""
    return FetchLog() if as_json else FetchView()


def _log(level: str, event: str, **fields: object) -> None:
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"time": now, "level": level, "event": event, **fields}, ensure_ascii=False)
    print(line, file=sys.stderr, flush=True)  # noqa: T201
