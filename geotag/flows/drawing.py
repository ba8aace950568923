"""The map of a journal's photos, drawn with a thumbnail of each."""

from __future__ import annotations

import os

from geotag import parallel
from geotag.decode import decode
from geotag.errors import PhotoError
from geotag.files import objects
from geotag.memory.journal import Journal
from geotag.renderings import pictures
from geotag.renderings import report as maps
from geotag.types import Recipe, Record

_THUMBNAIL = Recipe("shorter", 128, 128)


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
