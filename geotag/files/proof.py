"""What shows that a file was changed as intended and can be given its old bytes again."""

from __future__ import annotations

from operator import itemgetter

from geotag import metadata
from geotag.errors import PhotoError
from geotag.metadata.identity import apart, digest, identity, moved
from geotag.metadata.patch import Buffer, Edit, kept
from geotag.types import Location, Patch, Splice, Tag

_TOLERANCE = 2e-6


class Proof:
    """What shows that an edit does what it should and nothing else, and what the journal keeps of it.

    The coded picture is hashed once, in the old file: atomic.prepare has seen that the new one bears the same
    bytes, and `check` sees that other programs will find them, and our position, in the new one.
    """

    def __init__(self, old: Buffer, edit: Edit, tag: Tag) -> None:
        self._tag = tag
        self.picture = digest(old, edit.picture)
        stretches, self._digest = apart(edit.picture), self.picture
        moved_picture = moved(edit.picture, len(old), edit.patch)
        if moved_picture is None:
            raise PhotoError("the edits would touch the picture; the file is as it was")
        self._moved, self._apart = moved_picture, apart(moved_picture)
        if not (stretches and self._apart):
            # A picture in many pieces is hashed once more, with all around it that stays together.
            offset, new_offset, length = max(kept(len(old), edit.patch), key=itemgetter(2))
            stretches, self._apart = ((offset, length),), ((new_offset, length),)
            self._digest = digest(old, stretches)
        self.before, self.after = identity(old, stretches, self._digest), b""

    def check(self, new: Buffer) -> None:
        """Raises PhotoError unless the new file reads as it should; then `after` is its identity."""
        position = metadata.read(new)
        if (
            position is None
            or position.machine is None
            or bool(position.reviewer) != bool(self._tag.reviewer)
            or not _near(position.location, self._tag.location)
        ):
            raise PhotoError("the position does not read back from the new file; the old one is as it was")
        if not metadata.keeps(new, self._moved):
            raise PhotoError("the picture data of the new file differ; the old one is as it was")
        self.after = identity(new, self._apart, self._digest)


def inverse(data: Buffer, patch: Patch) -> Patch:
    """The patch that takes `patch` back: applied to the new file it gives `data` again."""
    undo, shift = [], 0
    for splice in patch:
        old = bytes(data[splice.offset : splice.offset + splice.length])
        undo.append(Splice(splice.offset + shift, len(splice.data), old))
        shift += len(splice.data) - splice.length
    return tuple(undo)


def _near(one: Location, other: Location) -> bool:
    return abs(one.lat - other.lat) <= _TOLERANCE and abs(one.lon - other.lon) % 360 <= _TOLERANCE
