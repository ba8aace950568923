"""What a kill left in the middle is settled before anything else is done to an output folder."""

from __future__ import annotations

import os
from dataclasses import replace

from geotag import undo
from geotag.changes import Change, State
from geotag.errors import PhotoError
from geotag.files import atomic, storage
from geotag.memory.journal import Journal
from geotag.types import Photo, Record


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


def _written(base: str, record: Record, change: Change) -> Record:
    """The record of a photo whose change is done: the file has another size now."""
    return replace(record, photo=now(base, record.photo), written=change.written)


def now(base: str, photo: Photo) -> Photo:
    """A photo as it is now; one that is gone meanwhile as it was."""
    try:
        path = os.path.join(base, photo.path)
        return Photo.seen(photo.path, storage.of(path).seen(path))
    except OSError:
        return photo
