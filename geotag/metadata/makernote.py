"""Makers' notes: directories whose form only their makers know. They are never moved; but some have lost
values, cut off by other programs, and what is appended to their block must not turn up in their place.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from geotag.errors import RefusedError
from geotag.metadata.ifd import CLASSIC_SIZES, Directory, Entry, Stream

_TAG = 37500
# Behind which of its first bytes (a name, a version, a TIFF header) the directory of a note begins: Canon,
# Sony, Casio, Olympus, Ricoh, Nikon, Panasonic, Fujifilm, Leica, Nikon type 3, Apple, as ExifTool lists them.
_STARTS = (0, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28)
# Values count from the block, from the note, or from the TIFF header in it (Nikon).
_BASES = (0, 10)
_LEAST, _MOST = 2, 250


def find(tree: list[Directory]) -> Entry | None:
    """The entry of the maker's note among the directories of an Exif block."""
    return next((entry for directory in tree if (entry := directory.find(_TAG))), None)


def check(stream: Stream, tree: list[Directory], begin: int, end: int) -> None:
    """Raises RefusedError when a value of the maker's note is missing and would be found in the bytes that
    are appended from `begin` to `end`.
    """
    note = find(tree)
    if note and any(begin < reach <= end for reach in _reaches(stream, note)):
        raise RefusedError("has a maker's note that lost its values, and would find others in their place")


def _reaches(stream: Stream, note: Entry) -> Iterator[int]:
    """Where the values of the note end, in the readings by which most of them lie inside the note."""
    data = stream.value(note)
    bases = [0, *(note.offset + base for base in _BASES)]
    for start in _STARTS:
        for order in "<>":
            values = _values(data, start, order)
            inside = [
                sum(
                    note.offset <= base + at and base + at + size <= note.offset + note.size
                    for at, size in values
                )
                for base in bases
            ]
            for base, count in zip(bases, inside, strict=True):
                if count == max(inside):
                    yield from (base + at + size for at, size in values)


def _values(data: bytes, start: int, order: str) -> list[tuple[int, int]]:
    """Offset and size of the values of a directory at `start` of a note; empty when there is none."""
    if start + 2 > len(data):
        return []
    count: int = struct.unpack_from(order + "H", data, start)[0]
    if not _LEAST <= count <= _MOST or start + 2 + 12 * count > len(data):
        return []
    entries = list(struct.iter_unpack(order + "HHII", data[start + 2 : start + 2 + 12 * count]))
    if any(kind not in CLASSIC_SIZES for _, kind, _, _ in entries):
        return []
    return [
        (offset, CLASSIC_SIZES[kind] * number)
        for _, kind, number, offset in entries
        if CLASSIC_SIZES[kind] * number > 4
    ]
