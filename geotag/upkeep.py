"""What is done to an output folder after a run: take writes back, check files, render the manifests again."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace

from geotag import manifest, undo
from geotag.errors import PhotoError, UsageError
from geotag.journal import Journal
from geotag.types import Change, Photo, Record, State, Status, Written


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many files were dealt with, and what stood in the way of the others, file by file."""

    done: int
    troubles: tuple[str, ...]


def take_back(output: str, paths: tuple[str, ...]) -> Outcome:
    """Undo what runs wrote, newest first: everything, or the photos and folders named in `paths`.

    A path is one of the file system or one as the manifest gives it. Raises OutputError when there is no
    journal, UsageError when a path names nothing that was written.
    """
    done, troubles = 0, []
    with Journal(output, create=False) as journal:
        wanted = _chooser(journal.base, paths)
        for change in journal.changes(State.DONE):
            if not wanted(change.path):
                continue
            try:
                undone = undo.take_back(change, journal.mark)
            except PhotoError as error:
                troubles.append(str(error))
                continue
            journal.settle(_undone(journal, change), [undone])
            done += 1
        manifest.render(journal.records, output)
        journal.note_rendered()
    if paths and not done and not troubles:
        raise UsageError(f"{', '.join(paths)}: nothing was written there by the runs in {output}")
    return Outcome(done, tuple(troubles))


def verify(output: str) -> Outcome:
    """Check every file that was written against the journal: the same bytes, or at least the same picture."""
    done, troubles, seen = 0, [], set()
    with Journal(output, create=False) as journal:
        for change in journal.changes(State.DONE):
            if change.target in seen:
                continue
            seen.add(change.target)
            try:
                undo.check(change)
            except PhotoError as error:
                troubles.append(str(error))
            done += 1
    return Outcome(done, tuple(troubles))


def report(output: str) -> int:
    """Make the manifests again from the journal alone; returns the number of photos in them."""
    with Journal(output, create=False) as journal:
        manifest.render(journal.records, output)
        journal.note_rendered()
        return sum(journal.tally().values())


def _chooser(base: str, paths: tuple[str, ...]) -> Callable[[str], bool]:
    if not paths:
        paths = (base,)
    wanted = set()
    for path in paths:
        wanted |= {os.path.normpath(path), os.path.relpath(os.path.realpath(path), base)}
        wanted.add(os.path.relpath(os.path.abspath(path), base))

    def chosen(path: str) -> bool:
        while path:
            if path in wanted:
                return True
            path = os.path.dirname(path)
        return "." in wanted

    return chosen


def _undone(journal: Journal, change: Change) -> list[Record]:
    record = journal.record(change.path)
    if record is None:
        return []
    photo = record.photo
    if change.written is Written.EXIF:
        found = os.stat(os.path.join(journal.base, change.path))
        photo = Photo(change.path, found.st_size, found.st_mtime_ns)
    message = "taken back" if record.status is Status.LOCATED else record.message
    return [replace(record, photo=photo, written=Written.NONE, message=message)]
