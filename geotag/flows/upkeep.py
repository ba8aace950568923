"""What is done to an output folder besides a run: settle what a kill left in the middle, take writes back,
check files, render the manifests again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from geotag import decide, parallel, undo
from geotag.changes import Change, State
from geotag.decode import decode
from geotag.errors import PhotoError, UsageError
from geotag.files import atomic, objects, storage
from geotag.flows import plan, whereabouts
from geotag.memory.journal import Journal
from geotag.renderings import formats, manifest, pictures
from geotag.renderings import report as maps
from geotag.types import Photo, Policy, Recipe, Record, Status, Written

_THUMBNAIL = Recipe("shorter", 128, 128)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many files were dealt with, what stood in the way of the others, file by file, how many photos
    there are of which people's decisions were taken back, and where the archive is now, if it has moved.
    """

    done: int
    troubles: tuple[str, ...]
    decisions: int = 0
    moved: str = ""


def recover(journal: Journal) -> list[str]:
    """Settle what was killed in the middle: each file is old or new, and the journal learns which.

    Sweeps left-over temporary files. Returns what could not be settled, in words.
    """
    troubles = []
    for change in journal.changes(State.INTENDED):
        try:
            state = undo.settled(change)
        except (PhotoError, OSError) as error:
            reason = str(error) if isinstance(error, PhotoError) else f"{change.target}: {error.strerror}"
            troubles.append(f"{reason}; whether an interrupted write happened cannot be told")
            continue
        record = journal.record(change.path)
        known = [] if record is None or state is not State.DONE else [_written(journal.base, record, change)]
        journal.settle(known, [replace(change, state=state)])
    _sweep(journal, journal.mark)
    return troubles


def sweep(journal: Journal, *, again: bool) -> None:
    """Remove every temporary file of this journal, also this run's own: nobody is at work any more.

    `again` has the next run look too, since somebody that vanished may still be at work.
    """
    _sweep(journal, f"{journal.identity}-nobody")
    if again:
        journal.workplaces.keep(journal.workplaces.known())


def _sweep(journal: Journal, mark: str) -> None:
    journal.workplaces.keep(
        [folder for folder in journal.workplaces.known() if not atomic.sweep(folder, mark)]
    )


def take_back(
    output: str, paths: tuple[str, ...], *, last: bool = False, archive: str | None = None
) -> Outcome:
    """Undo what runs wrote and people decided, newest first: everything, or the photos and folders named in
    `paths`; with `last` only what the latest run brought that is still there.

    A path is one of the file system or one as the manifest gives it; `archive` is where the archive is now
    (`whereabouts.settle`). Raises OutputError when there is no journal, UsageError when a path names nothing
    that was written or the archive is not there.
    """
    done, touched, stuck = 0, set(), set()
    with Journal(output, create=False) as journal:
        moved = whereabouts.settle(journal, archive)
        troubles = recover(journal)
        base = journal.base
        wanted = _chooser(base, paths)
        since = journal.latest_run() if last else 0
        for change in journal.changes(State.DONE, since=since):
            if not wanted(change.path):
                continue
            try:
                revert(journal, change)
            except PhotoError as error:
                troubles.append(str(error))
                stuck.add(change.path)
                continue
            touched.add(change.path)
            done += 1
        decided = [path for path in journal.reviews.paths(since) if wanted(path) and path not in stuck]
        journal.reviews.forget(decided, since)
        if last:
            _note_earlier(journal, touched)
        manifest.render(journal.records(), output)
        journal.note_rendered()
    if paths and not done and not decided and not troubles:
        raise UsageError(f"{', '.join(paths)}: nothing was written there by the runs in {output}")
    met = touched | stuck | set(decided)
    idle = [path for path in paths if not any(map(_chooser(base, (path,)), met))]
    troubles += [f"{path}: nothing was written there by the runs in {output}" for path in idle]
    return Outcome(done, tuple(troubles), len(decided), moved)


def revert(journal: Journal, change: Change) -> None:
    """Give a file its old bytes again and have the journal know; raises PhotoError where that cannot be."""
    journal.workplaces.remember(storage.of(change.target).workplaces(change.target))
    undone = undo.take_back(change, journal.mark)
    journal.settle(_undone(journal, change), [undone])


def verify(output: str, archive: str | None = None) -> Outcome:
    """Check every file that was written against the journal: the same bytes, or at least the same picture.

    `archive` is where the archive is now (`whereabouts.settle`).
    """
    done, seen = 0, set()
    with Journal(output, create=False) as journal:
        moved = whereabouts.settle(journal, archive)
        troubles = recover(journal)
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
            draw(journal, jobs or parallel.cores())
        journal.note_rendered()
        return sum(journal.tally().values())


def export(output: str, kind: str, path: str | None) -> tuple[str, int]:
    """Write the answers of an output folder in one of the formats, to `path` or by its usual name into the
    folder; returns where to and how many photos are in it.
    """
    path = path or os.path.join(output, formats.FORMATS[kind][0])
    with Journal(output, create=False) as journal:
        return path, formats.write(journal.records(), kind, path)


def draw(journal: Journal, jobs: int) -> str:
    """Make the map of a journal's photos, with thumbnails of those that can be read; returns its path.

    Photos in a bucket have none: each object would be fetched once more for it.
    """
    base = journal.base

    def thumbnail(record: Record) -> bytes | None:
        try:
            return pictures.webp(decode(os.path.join(base, record.photo.path), _THUMBNAIL))
        except PhotoError:
            return None

    with parallel.Pool(jobs) as pool:
        return maps.render(
            journal.records,
            None if objects.remote(base) else lambda window: pool.map(thumbnail, window),
            journal.output,
            maps.Origin(os.path.basename(base) or base, journal.identity, _route(journal)),
        )


def _route(journal: Journal) -> str:
    """The relative path from an output folder to its archive, `/` separated; empty where there is none."""
    if objects.remote(journal.base):
        return ""
    try:
        return os.path.relpath(journal.base, journal.output).replace(os.sep, "/")
    except ValueError:
        # Another drive of Windows.
        return ""


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


def _written(base: str, record: Record, change: Change) -> Record:
    """The record of a photo whose change is done: the file has another size now."""
    return replace(record, photo=_now(base, record.photo), written=change.written)


def _now(base: str, photo: Photo) -> Photo:
    """A photo as it is now; one that is gone meanwhile as it was."""
    try:
        path = os.path.join(base, photo.path)
        return Photo.seen(photo.path, storage.of(path).seen(path))
    except OSError:
        return photo


def _note_earlier(journal: Journal, paths: set[str]) -> None:
    """Say of photos whose latest answer was taken back that an earlier one is still there, where it is."""
    for change in journal.changes(State.DONE):
        record = journal.record(change.path) if change.path in paths else None
        if record is not None and record.written is Written.NONE:
            # Under a decision that was taken back there may be an earlier one: that is what is written.
            message = "" if record.review else plan.LEFT
            journal.settle([replace(record, written=change.written, message=message)], [])


def _undone(journal: Journal, change: Change) -> list[Record]:
    record = journal.record(change.path)
    if record is None:
        return []
    photo = _now(journal.base, record.photo) if change.written is Written.EXIF else record.photo
    message, policy = record.message, Policy(max_error_km=0)
    if decide.stands(record, policy):
        record, message = decide.decide(record, policy), "taken back"
    elif record.status is Status.LOCATED:
        message = "taken back"
    return [replace(record, photo=photo, written=Written.NONE, message=message)]
