"""Carries prepared changes out, so that whatever moment the power fails the journal knows what happened."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace

from geotag import write
from geotag.files import atomic
from geotag.memory.journal import Journal
from geotag.types import Status


def out(
    items: list[write.Prepared],
    journal: Journal,
    writer: write.Writer,
    each: Callable[..., Iterable[write.Prepared]],
) -> list[write.Prepared]:
    """Let changes happen: all intents into the journal first, then the files; `each` maps in threads.

    Returns the items with what came of them, in their order; the journal has yet to settle them.
    """
    places = [place for place, item in enumerate(items) if item.ready is not None]
    waiting = [items[place] for place in places]
    try:
        changes = journal.intend(
            [item.record for item in waiting], [item.change for item in waiting if item.change is not None]
        )
    except BaseException:
        write.discard(waiting)
        raise
    known = [replace(item, change=change) for item, change in zip(waiting, changes, strict=True)]
    done = list(items)
    for place, item in zip(places, each(writer.commit, known), strict=True):
        done[place] = item
    for folder in {os.path.dirname(change.target) for change in changes}:
        atomic.flush_folder(folder)
    for record in [item.record for item in done if item.record.status is Status.FAILED]:
        # What kept it from being written may have kept its temporary file from being removed.
        journal.workplaces.keep(writer.folders(record))
    return done
