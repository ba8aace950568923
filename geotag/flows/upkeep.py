"""What is done to an output folder besides a run: take writes back, check files, render manifests again."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from geotag import parallel, undo
from geotag.changes import State
from geotag.errors import PhotoError, UsageError
from geotag.files import objects
from geotag.flows import recovery, whereabouts
from geotag.memory.journal import Journal
from geotag.renderings import manifest
from geotag.renderings import report as maps


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many files were dealt with, what stood in the way of the others, file by file, how many photos
    there are of which people's decisions were taken back, and where the archive is now, if it has moved.
    """

    done: int
    troubles: tuple[str, ...]
    decisions: int = 0
    moved: str = ""

    @property
    def lines(self) -> list[str]:
        """What there is to say, a line each: where the archive is now, if it has moved, and troubles."""
        return [*filter(None, (self.moved,)), *self.troubles]


def take_back(
    output: str, paths: tuple[str, ...], *, last: bool = False, archive: str | None = None
) -> Outcome:
    """Undo what runs wrote and people decided, newest first: everything, or the photos and folders named in
    `paths`; with `last` only what the latest run brought that is still there.

    A path is one of the file system or one as the manifest gives it; `archive` is where the archive is now
    (`whereabouts.settle`). Raises OutputError when there is no journal, UsageError when a path names nothing
    that was written or the archive is not there.
    """
    from geotag.flows import reversal

    done, touched, stuck = 0, set(), set()
    with Journal(output, create=False) as journal:
        moved = whereabouts.settle(journal, archive)
        troubles = recovery.recover(journal)
        base = journal.base
        wanted = _chooser(base, paths)
        since = journal.latest_run() if last else 0
        for change in journal.changes(State.DONE, since=since):
            if not wanted(change.path):
                continue
            try:
                reversal.revert(journal, change)
            except PhotoError as error:
                troubles.append(str(error))
                stuck.add(change.path)
                continue
            touched.add(change.path)
            done += 1
        decided = [path for path in journal.reviews.paths(since) if wanted(path) and path not in stuck]
        journal.reviews.forget(decided, since)
        if last:
            reversal.note_earlier(journal, touched)
        manifest.render(journal.records(), output)
        journal.note_rendered()
    if paths and not done and not decided and not troubles:
        raise UsageError(f"{', '.join(paths)}: nothing was written there by the runs in {output}")
    met = touched | stuck | set(decided)
    idle = [path for path in paths if not any(map(_chooser(base, (path,)), met))]
    troubles += [f"{path}: nothing was written there by the runs in {output}" for path in idle]
    return Outcome(done, tuple(troubles), len(decided), moved)


def verify(output: str, archive: str | None = None) -> Outcome:
    """Check every file that was written against the journal: the same bytes, or at least the same picture.

    `archive` is where the archive is now (`whereabouts.settle`).
    """
    done, seen = 0, set()
    with Journal(output, create=False) as journal:
        moved = whereabouts.settle(journal, archive)
        troubles = recovery.recover(journal)
        for change in journal.changes(State.DONE):
            if change.target in seen:
                continue
            seen.add(change.target)
            try:
                undo.check(change)
            except PhotoError as error:
                troubles.append(str(error))
            done += 1
    return Outcome(done, tuple(troubles), moved=moved)


def report(output: str, *, mapped: bool, jobs: int | None = None) -> int:
    """Make the manifests again from the journal alone, and the map where it is asked for or was made before;
    returns the number of photos in them.
    """
    with Journal(output, create=False) as journal:
        with suppress(UsageError):
            # The journal will do; only thumbnails are made from the archive.
            whereabouts.settle(journal)
        manifest.render(journal.records(), output)
        if mapped or os.path.exists(os.path.join(output, maps.NAME)):
            # Only the map needs a decoder.
            from geotag.flows import drawing

            drawing.draw(journal, jobs or parallel.cores())
        journal.note_rendered()
        return sum(journal.tally().values())


def export(output: str, kind: str, path: str | None) -> tuple[str, int]:
    """Write the answers of an output folder in one of the formats, to `path` or by its usual name into the
    folder; returns where to and how many photos are in it.
    """
    from geotag.renderings import formats

    path = path or os.path.join(output, formats.FORMATS[kind][0])
    with Journal(output, create=False) as journal:
        return path, formats.write(journal.records(), kind, path)


def _chooser(base: str, paths: tuple[str, ...]) -> Callable[[str], bool]:
    wanted = {_relative(path, base) for path in paths} or {"."}

    def chosen(path: str) -> bool:
        while path:
            if path in wanted or manifest.readable(path) in wanted:
                return True
            path = os.path.dirname(path)
        return "." in wanted

    return chosen


def _relative(path: str, base: str) -> str:
    """A path relative to the archive: of a file or folder that is there, else as the manifest gives it."""
    for absolute in (os.path.abspath(path), os.path.realpath(path)):
        inside = os.path.relpath(absolute, base)
        if (os.path.lexists(absolute) or objects.remote(path)) and inside.split(os.sep)[0] != os.pardir:
            return inside
    return os.path.normpath(path)
