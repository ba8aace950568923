"""Takes back what a run wrote, byte for byte, and checks what is there against what the journal says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from geotag import metadata
from geotag.changes import Change, State
from geotag.errors import PhotoError
from geotag.files import atomic, storage
from geotag.metadata.identity import matches
from geotag.metadata.patch import Buffer


def settled(change: Change) -> State:
    """How far an intended change got, judged by the file itself.

    Raises OSError when it cannot be read, PhotoError when it is neither the old file nor the new one.
    """
    place = storage.of(change.target)
    try:
        with place.opened(change.target) as (_, data):
            if matches(data, change.after):
                return State.DONE
            if change.before is not None and matches(data, change.before):
                return State.ABANDONED
    except FileNotFoundError:
        if change.before is None and place.reachable(change.target):
            return State.ABANDONED
        raise
    raise PhotoError(f"{change.target}: changed by someone else since")


def take_back(change: Change, mark: str) -> Change:
    """Give a file its old bytes again, or remove the sidecar that was not there before.

    Returns the change as undone. Raises PhotoError when the file is gone or was changed by someone else
    since: then it is left alone. Its mode, owner, times and attributes stay as they are.
    """
    undone, place = replace(change, state=State.UNDONE), storage.of(change.target)
    try:
        with place.opened(change.target) as (found, data):
            if not matches(data, change.after):
                if change.before is not None and matches(data, change.before):
                    return undone
                raise PhotoError("changed by someone else since")
            if change.before is None:
                place.remove(change.target, found)
            else:
                place.check_replaceable(change.target, data)
                place.commit(place.prepare(change.target, data, found, change.undo, mark, _is(change.before)))
        atomic.flush_folder(os.path.dirname(change.target))
    except PhotoError as error:
        raise PhotoError(f"{change.target}: {error}; left as it is") from error
    except FileNotFoundError:
        if change.before is None and place.reachable(change.target):
            return undone
        raise PhotoError(f"{change.target}: no longer there; nothing to take back") from None
    except OSError as error:
        raise PhotoError(f"{change.target}: {error.strerror or error}; left as it is") from error
    return undone


def _is(before: bytes) -> Callable[[Buffer], None]:
    def check(made: Buffer) -> None:
        if not matches(made, before):
            raise PhotoError("its old bytes cannot be made again")

    return check


def check(change: Change) -> None:
    """Raises PhotoError when a file is not what the journal says was left there.

    A file whose bytes differ but whose coded picture data are the same (someone added a caption) passes.
    """
    try:
        with storage.of(change.target).opened(change.target) as (_, data):
            if matches(data, change.after):
                return
            if change.picture is None:
                raise PhotoError(f"{change.target}: the sidecar was changed since")
            if metadata.picture_digest(data) != change.picture:
                raise PhotoError(
                    f"{change.target}: the picture itself is no longer the same; restore a backup"
                )
    except OSError as error:
        raise PhotoError(f"{change.target}: {error.strerror or error}") from error
