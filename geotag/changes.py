"""What was done to files, and how to take it back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from geotag.types import Patch, Written


class State(StrEnum):
    """How far a change to a file got."""

    INTENDED = "intended"
    DONE = "done"
    ABANDONED = "abandoned"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Change:
    """One file that was given new bytes, and how to take them back.

    `path` is the photo's, `target` the absolute path of the file that changes (the photo, where its link
    leads, or a sidecar). `before` and `after` are identities of the whole file (`metadata.identity`: a digest
    of every byte and what is needed to make it again), `before` None where there was none; `picture` is the
    digest of the coded picture data alone, the same before and after. `undo` turns the new bytes into the
    old ones. `size` is the new file's, in bytes.
    """

    path: str
    target: str
    written: Written
    before: bytes | None
    after: bytes
    picture: bytes | None
    size: int
    undo: Patch
    state: State = State.INTENDED
    id: int | None = None
