"""Where an archive lies now: it may have been renamed, moved, or mounted elsewhere since a run."""

from __future__ import annotations

import os

from geotag.errors import UsageError
from geotag.files import objects
from geotag.memory.journal import Journal


def settle(journal: Journal, named: str | None = None) -> str:
    """Have a journal know where its archive is, and say so where it has moved.

    That is the folder `named`, or where it was, or where it lies as seen from the output folder, if both have
    moved together. Raises UsageError, with what to do, when it cannot be told: no photo that the journal
    knows is at any of these places, or at two that are not the same.
    """
    known = journal.base
    if not known or objects.remote(known):
        if named is not None:
            raise UsageError(f"--archive {named}: {known or journal.output} is no folder that could move")
        return ""
    places = dict.fromkeys([known, journal.beside] if named is None else [os.path.realpath(named)])
    there = [place for place in places if _holds(place, journal)]
    if not there:
        raise UsageError(_lost(journal.output, known, named))
    place = there[0]
    if len(there) > 1 and not os.path.samefile(*there):
        raise UsageError(
            f"{journal.output}: its photos are at {' and at '.join(there)}; say with --archive DIR which are "
            "meant"
        )
    if place == known:
        return ""
    journal.move(place)
    return f"the archive is at {place} now; it was at {known}"


def _holds(folder: str, journal: Journal) -> bool:
    """Whether a folder has any of a journal's photos, or could have them where it knows of none."""
    if not os.path.isdir(folder):
        return False
    unknown = True
    for path in journal.paths():
        unknown = False
        if os.path.lexists(os.path.join(folder, path)):
            return True
    return unknown


def _lost(output: str, known: str, named: str | None) -> str:
    if named is not None:
        return f"--archive {named}: none of the photos of {output} is there; they were at {known}"
    gone = "none of its photos is" if os.path.isdir(known) else "its archive is no longer"
    return f"{output}: {gone} at {known}; mount or restore it, or name where it is now with --archive DIR"
