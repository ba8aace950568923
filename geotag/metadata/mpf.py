"""Multi-Picture Format: the index of pictures that follow the first one in a JPEG file (CIPA DC-007).

The index is a TIFF stream in APP2 behind "MPF" and a zero byte. It gives the size of each picture, and
its offset from the start of that very stream: 0 for the first picture (5.2.3.3).
"""

from __future__ import annotations

import struct

from geotag.errors import RefusedError
from geotag.metadata.ifd import Directory, Entry, Stream
from geotag.metadata.patch import Buffer
from geotag.types import Patch, Splice

SIGNATURE = b"MPF\0"
_ENTRIES = 0xB002
_RECORD = 16
_HEADER = 8
_LIMIT = 0xFFFFFFFF


def corrected(data: Buffer, base: int, end: int, at: int, growth: int) -> Patch:
    """The edits that keep an index true when the file grows by `growth` bytes at offset `at`.

    `base` is the offset of the index's TIFF header, `end` that of its segment's end. Raises RefusedError
    when the index cannot be read or points at something that is no picture.
    """
    stream = Stream(data[base:end])
    directory = stream.directory(stream.first, "MPF")
    entry = directory.find(_ENTRIES)
    if entry is None:
        return ()
    records = stream.value(entry)
    if not records or len(records) % _RECORD or not _stands_alone(directory, entry):
        raise RefusedError("its index of pictures (MPF) is broken")
    splices = []
    for index in range(len(records) // _RECORD):
        size, offset = struct.unpack_from(stream.order + "II", records, index * _RECORD + 4)
        where = base + entry.offset + index * _RECORD + 4
        if offset:
            _check_picture(data, base + offset)
            moved = (growth if base + offset >= at else 0) - (growth if base >= at else 0)
            splices += _changed(stream.order, where + 4, offset, moved)
        elif index == 0 and size:
            splices += _changed(stream.order, where, size, growth)
    return tuple(splices)


def _stands_alone(directory: Directory, table: Entry) -> bool:
    """Whether nothing else uses the bytes of the table that is going to be corrected."""
    used = [(0, _HEADER), (directory.offset, directory.end - directory.offset)]
    used += [(entry.offset, entry.size) for entry in directory.entries if entry is not table]
    return directory.whole and all(
        table.offset >= offset + size or table.offset + table.size <= offset for offset, size in used
    )


def _check_picture(data: Buffer, target: int) -> None:
    """Pictures behind the end of the file were cut off by someone: their offsets mean nothing any more."""
    if target < len(data) and data[target : target + 2] != b"\xff\xd8":
        raise RefusedError("its index of pictures (MPF) points at something that is no picture")


def _changed(order: str, where: int, value: int, by: int) -> list[Splice]:
    if not 0 <= value + by <= _LIMIT:
        raise RefusedError("its index of pictures (MPF) has no room for the growth")
    return [Splice(where, 4, struct.pack(order + "I", value + by))] if by else []
