"""Boxes, the container of HEIF, AVIF, JPEG 2000 and JPEG XL alike.

A box is a length of 4 bytes, a type of 4 and a body; length 1 means that 8 bytes of length follow the
type, length 0 that the box goes on to the end of the file (ISO/IEC 14496-12, 4.2; ISO/IEC 15444-1, I.4).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from geotag.errors import RefusedError
from geotag.metadata.patch import Buffer

C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The uuid box of a C2PA manifest store (C2PA specification, appendix A)."""
XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""The uuid box of an XMP packet (XMP Specification Part 3)."""
_MOST_BOXES = 1_000_000


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its type, the offsets of its first byte, of its body and of its end; `definite` is False when
    only the end of the file ends it.
    """

    type: bytes
    offset: int
    begin: int
    end: int
    definite: bool


def boxes(data: Buffer, at: int, end: int) -> Iterator[Box]:
    """The boxes that fill a file, or a box's body, from `at` to `end`; raises RefusedError where none is."""
    count = 0
    while at < end:
        length, begin = int.from_bytes(data[at : at + 4], "big"), at + 8
        if length == 1:
            length, begin = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        stop = at + length if length else end
        if begin > stop or stop > end:
            raise RefusedError("is cut off, or has something that is no box")
        if (count := count + 1) > _MOST_BOXES:
            raise RefusedError("has more boxes than a picture needs")
        yield Box(bytes(data[at + 4 : at + 8]), at, begin, stop, length > 0)
        at = stop


def check_box(data: Buffer, box: Box) -> None:
    """Raises RefusedError when a box says that the file must not change: it holds a C2PA manifest."""
    if box.type == b"jumb" or (box.type == b"uuid" and is_uuid(data, box, C2PA_UUID)):
        raise RefusedError("is signed (C2PA), and writing would break the signature")


def is_uuid(data: Buffer, box: Box, uuid: bytes) -> bool:
    """Whether a box is a uuid box of this kind."""
    return box.type == b"uuid" and bytes(data[box.begin : min(box.end, box.begin + 16)]) == uuid
