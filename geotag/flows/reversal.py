"""One write taken back, and what the journal says of the photo from then on."""

from __future__ import annotations

from dataclasses import replace

from geotag import decide, undo
from geotag.changes import Change, State
from geotag.files import storage
from geotag.flows import plan, recovery
from geotag.memory.journal import Journal
from geotag.types import Policy, Record, Status, Written


def revert(journal: Journal, change: Change) -> None:
    """Give a file its old bytes again and have the journal know; raises PhotoError where that cannot be."""
    journal.workplaces.remember(storage.of(change.target).workplaces(change.target))
    undone = undo.take_back(change, journal.mark)
    journal.settle(_undone(journal, change), [undone])


def note_earlier(journal: Journal, paths: set[str]) -> None:
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
    photo = recovery.now(journal.base, record.photo) if change.written is Written.EXIF else record.photo
    message, policy = record.message, Policy(max_error_km=0)
    if decide.stands(record, policy):
        record, message = decide.decide(record, policy), "taken back"
    elif record.status is Status.LOCATED:
        message = "taken back"
    return [replace(record, photo=photo, written=Written.NONE, message=message)]
