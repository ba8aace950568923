"""`geotag apply`: what people decided about the answers of a run, and plans, carried out to the letter.

A decision is committed to the journal before anything is done about it, so whatever moment the power fails,
applying the same decisions again finishes what was begun.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from geotag import parallel
from geotag.changes import State
from geotag.coarsen import leaving
from geotag.errors import PhotoError, UsageError
from geotag.files import sidecars, storage
from geotag.flows import carry, plan, recovery, reversal, whereabouts, wishes
from geotag.flows.admit import Admission, meanings, named
from geotag.memory.journal import Journal
from geotag.observer import Observer
from geotag.renderings import decisions, manifest, report
from geotag.renderings.decisions import Decision
from geotag.review import Verdict
from geotag.types import Record, Settings, Status, Written
from geotag.write import Writer

_WINDOW = 64
_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Applied:
    """What was applied: decisions by verdict, photos by where they were written just now, writes taken back,
    and the photos (as in the manifest) of which something was refused, each with the reason.

    `writes` tells whether it was known where positions go.
    """

    output: str
    decided: Counter[Verdict]
    written: Counter[Written]
    taken_back: int
    refused: tuple[tuple[str, str], ...]
    writes: bool


def enact(
    output: str,
    file: str | None,
    observer: Observer,
    *,
    rest: bool,
    said: dict[str, Any],
    archive: str | None = None,
) -> Applied:
    """Apply the decisions in `file` to the output folder of a run; with `rest` all that its plan would write
    besides, as a machine's answers.

    `said` are options of writing that count instead of the run's, by their names; `archive` is where the
    archive is now (`whereabouts.settle`). Raises GeotagError for what keeps anything from being applied: no
    journal, an archive that is not there, a file of decisions that is not sound.
    """
    if file is None and not rest:
        raise UsageError("nothing to apply: name a file of decisions, or write the whole plan with --all")
    with Journal(output, create=False) as journal:
        found = decisions.load(file, journal.identity) if file is not None else ()
        if moved := whereabouts.settle(journal, archive):
            observer.note(moved)
        base, coarse_km = journal.base, journal.coarse_km
        wanted = wishes.merged(journal.wishes, said)
        settings = Settings((base,), output=output, coarsen=coarse_km or None, **wanted)
        if rest and not settings.writes:
            raise UsageError("--all: no run said where positions go; add --write-exif or --sidecar")
        if settings.sidecar_dir is not None:
            sidecars.claim(settings.sidecar_dir, base, writes=settings.writes)
        journal.begin(base, coarse_km)
        for trouble in recovery.recover(journal):
            observer.warn(trouble)
        applied = _Application(settings, journal, observer).go(found, rest=rest)
        manifest.render(journal.records(), output)
        journal.note_rendered()
        if os.path.exists(os.path.join(output, report.NAME)):
            again = f"`geotag report {output} --map` makes it again"
            observer.note(f"{report.NAME} shows what was before: {again}")
        journal.finish(whole=False)
    return applied


@dataclass
class _Application:
    """One application of decisions and plans, and what came of it so far."""

    settings: Settings
    journal: Journal
    observer: Observer
    decided: Counter[Verdict] = field(default_factory=Counter)
    written: Counter[Written] = field(default_factory=Counter)
    taken_back: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    _changes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def go(self, found: Sequence[Decision], *, rest: bool) -> Applied:
        paths = {path for decision in found for path in meanings(decision.path)}
        for path, number in self.journal.written() if paths else ():
            if manifest.readable(path) in paths:
                self._changes[path].append(number)
        if not rest:
            self.observer.total(len(found))
        base = self.settings.archive[0]
        admission = Admission(base, self.settings, self.journal.record, self._left)
        with parallel.Pool(parallel.cores() * storage.of(base).THREADS_PER_CORE) as pool:
            for window in parallel.windows(found, _WINDOW):
                self._decide(self._each(admission.admitted, window, lambda item: item.path, pool), pool)
            for planned in parallel.windows(self._planned(paths) if rest else (), _WINDOW):
                self._write(self._each(admission.planned, planned, named, pool), pool)
        counts = self.decided, self.written, self.taken_back
        return Applied(self.journal.output, *counts, tuple(self.refused), self.settings.writes)

    def _left(self, path: str) -> bytes | None:
        """The identity that the latest change of a photo itself left behind."""
        known = map(self.journal.change, self._changes.get(path, ()))
        return next((change.after for change in known if change.written is Written.EXIF), None)

    def _planned(self, decided: set[str]) -> Iterator[Record]:
        """What is still to be written, but for the photos that were decided about, be it in vain."""
        for record in self.journal.known():
            if self.writer.wants(record) and named(record) not in decided:
                yield record

    def _each(
        self, function: Callable[[_T], _R], items: list[_T], name: Callable[[_T], str], pool: parallel.Pool
    ) -> list[_R]:
        """What a function makes of each item, but for those that it refuses, which are noted by name."""

        def tried(item: _T) -> tuple[_R, ...] | str:
            try:
                return (function(item),)
            except PhotoError as error:
                return str(error)

        done: list[_R] = []
        for item, result in zip(items, pool.map(tried, items), strict=True):
            if isinstance(result, str):
                self.refused.append((name(item), result))
            else:
                done += result
        return done

    def _decide(self, admitted: list[tuple[Record, bool]], pool: parallel.Pool) -> None:
        """Commit a window's decisions, then do as they say."""
        self.journal.review([record for record, fresh in admitted if fresh])
        records = [record for record, _ in admitted]
        self._write([record for record in records if self.writer.wants(record)], pool)
        for record in records:
            assert record.review is not None
            self.decided[record.review.verdict] += 1
            if record.review.verdict is Verdict.REJECT:
                self._take_back(record)
            elif not self.writer.wants(record):
                self.observer.settled(leaving(record, self.settings.coarsen or 0.0), fresh=True)

    def _take_back(self, record: Record) -> None:
        """Undo all that runs wrote about a photo."""
        for number in self._changes.get(record.photo.path, ()):
            change = self.journal.change(number)
            if change.state is not State.DONE:
                continue
            try:
                reversal.revert(self.journal, change)
                self.taken_back += 1
            except PhotoError as error:
                self.refused.append((named(record), str(error)))
        self.observer.settled(leaving(record, self.settings.coarsen or 0.0), fresh=True)

    @cached_property
    def writer(self) -> Writer:
        now = datetime.now(UTC).astimezone()
        return Writer(self.settings.archive[0], self.settings, self.journal.mark, now)

    def _write(self, records: list[Record], pool: parallel.Pool) -> None:
        """Put positions where they are wanted, as a run does."""
        self.journal.workplaces.remember(
            folder for record in records for folder in self.writer.folders(record)
        )
        fresh = [replace(record, message="") for record in records]
        items = carry.out(pool.map(self.writer.prepare, fresh), self.journal, self.writer, pool.map)
        settled = [plan.finished(item.record, record) for item, record in zip(items, records, strict=True)]
        self.journal.settle(settled, [item.change for item in items if item.change is not None])
        for record, item in zip(settled, items, strict=True):
            if record.status is Status.FAILED:
                self.refused.append((named(record), record.message))
            else:
                self.written[record.written] += item.change is not None
                self.observer.settled(leaving(record, self.settings.coarsen or 0.0), fresh=True)
