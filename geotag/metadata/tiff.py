"""TIFF: a position appended to a TIFF file or an Exif block, and the coded picture data of its pages.

Nothing that is there moves: the GPS directory goes to the end, and one pointer to it is patched, or the
header is pointed to a copy of the first directory with one more entry. Appending can only harm what
reaches past the end of the stream, so a stream in which anything does is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from geotag.errors import RefusedError
from geotag.metadata import foreign, gps, makernote, xmp
from geotag.metadata.ifd import (
    CLASSIC_SIZES,
    GPS,
    IFD,
    LONG,
    POINTERS,
    SIGNED_LONG,
    Directory,
    Entry,
    Field,
    Stream,
    counted,
    walk,
    written,
)
from geotag.metadata.patch import Blocks, Buffer, Range
from geotag.types import Patch, Position, Splice, Tag

_XMP = 700
_GPS_NAME = f"IFD0/{POINTERS[GPS]}"
_HEADER = 8
_LIMIT = 0xFFFFFFFF

# Offsets and lengths of picture data: strips, tiles, JPEG stream or thumbnail (TIFF 6.0; Exif 2.32, 4.5).
_PICTURE = ((273, 279), (324, 325), (513, 514))


def blocks(data: Buffer) -> Blocks:
    """The file itself, which is a TIFF stream as an Exif block is, and its XMP packet."""
    return Blocks(exif=(data,), xmp=(read_xmp(data),))


def embed(data: Buffer, tag: Tag, replace: bool) -> Patch:
    """The edits that put a position into a TIFF file; raises RefusedError with the reason not to."""
    foreign.check_tiff(Stream(data))
    xmp.check(read_xmp(data))
    return add_gps(data, tag, replace)


def picture(data: Buffer) -> Iterator[Range]:
    """Offset and length of the strips, tiles and JPEG streams of every page; raises RefusedError when
    the directories cannot be followed or the data lie outside.
    """
    stream = Stream(data)
    for directory in walk(stream):
        yield from _pictures(stream, directory)


def read_gps(block: Buffer) -> Position | None:
    """The position in the GPS directory of an Exif block or TIFF file; None when it cannot be read."""
    try:
        stream = Stream(block)
        pointer = stream.numbers(stream.directory(stream.first, "IFD0").find(GPS))
        return _position(stream, pointer[0]) if pointer else None
    except RefusedError:
        return None


def read_stated(block: Buffer) -> tuple[float, float] | None:
    """What the GPS directory of an Exif block or TIFF file states, in degrees, on the Earth or not."""
    try:
        stream = Stream(block)
        pointer = stream.numbers(stream.directory(stream.first, "IFD0").find(GPS))
        if not pointer:
            return None
        entries = stream.directory(pointer[0], "GPS").entries
        return gps.stated([stream.field(entry) for entry in entries], stream.order)
    except RefusedError:
        return None


def read_first(block: Buffer) -> Position | None:
    """The position in a TIFF stream that begins with its GPS directory; None when it cannot be read."""
    try:
        stream = Stream(block)
        return _position(stream, stream.first)
    except RefusedError:
        return None


def _position(stream: Stream, offset: int) -> Position | None:
    entries = stream.directory(offset, "GPS").entries
    return gps.position([stream.field(entry) for entry in entries], stream.order)


def read_xmp(block: Buffer) -> bytes:
    """The XMP packet in the first directory of a TIFF stream (tag 700); empty when there is none."""
    try:
        stream = Stream(block)
        entry = stream.directory(stream.first, "IFD0").find(_XMP)
    except RefusedError:
        return b""
    return stream.value(entry) if entry else b""


def add_gps(block: Buffer, tag: Tag, replace: bool) -> Patch:
    """The edits that add a position to a TIFF stream, relative to its start.

    `replace` allows to overwrite a position that is not ours. Raises RefusedError when there is such a
    position and it is not allowed, and when the stream is broken or cannot be appended to.
    """
    stream = Stream(block)
    if not stream.classic:
        raise RefusedError("is a BigTIFF or a raw file")
    tree = walk(stream)
    pointer = _pointer(tree)
    _check_movable(stream, tree)
    if pointer:
        patch = _with_old_pointer(stream, tree, pointer, tag, replace)
    else:
        patch = _with_new_pointer(stream, tree, gps.renewed([], stream.order, tag, replace))
    makernote.check(stream, tree, patch[-1].offset, patch[-1].offset + len(patch[-1].data))
    return patch


def _pointer(tree: list[Directory]) -> Entry | None:
    """The entry in IFD0 that points to the GPS directory; raises RefusedError for an unusual one."""
    pointers = [(directory, entry) for directory in tree if (entry := directory.find(GPS))]
    if any(directory is not tree[0] for directory, _ in pointers):
        raise RefusedError("has a GPS directory in an unusual place")
    if not pointers:
        return None
    pointer = pointers[0][1]
    if pointer.type not in (LONG, SIGNED_LONG, IFD) or pointer.count != 1:
        raise RefusedError("its pointer to the GPS directory has the wrong type")
    return pointer


def _with_old_pointer(
    stream: Stream, tree: list[Directory], pointer: Entry, tag: Tag, replace: bool
) -> tuple[Splice, ...]:
    """A new GPS directory at the end and the pointer turned to it; our own at the end is written over."""
    old = next(directory for directory in tree if directory.name == _GPS_NAME)
    _check_types(old)
    fields = gps.renewed([stream.field(entry) for entry in old.entries], stream.order, tag, replace)
    size = len(stream.data)
    if _is_our_tail(stream, tree, old):
        return (Splice(old.offset, size - old.offset, _placed(stream.order, fields, old.offset)),)
    start = _start(stream, tree)
    tail = bytes(start - size) + _placed(stream.order, fields, start)
    return Splice(pointer.offset, 4, struct.pack(stream.order + "I", start)), Splice(size, 0, tail)


def _with_new_pointer(stream: Stream, tree: list[Directory], fields: list[Field]) -> tuple[Splice, ...]:
    """IFD0 copied to the end, word for word, with one more entry: the pointer to the GPS directory."""
    start, ifd0 = _start(stream, tree), tree[0]
    count = len(ifd0.entries)
    directory = start + 2 + 12 * (count + 1) + 4
    behind = _placed(stream.order, fields, directory)
    index = next((i for i, entry in enumerate(ifd0.entries) if entry.tag > GPS), count)
    begin = ifd0.offset + 2
    cut = begin + 12 * index
    copy = (
        counted(stream.order, count + 1)
        + stream.data[begin:cut]
        + struct.pack(stream.order + "HHII", GPS, LONG, 1, directory)
        + stream.data[cut : begin + 12 * count]
        + struct.pack(stream.order + "I", ifd0.next)
    )
    size = len(stream.data)
    tail = bytes(start - size) + copy + behind
    return Splice(4, 4, struct.pack(stream.order + "I", start)), Splice(size, 0, tail)


def _placed(order: str, fields: list[Field], offset: int) -> bytes:
    """A directory at `offset`; raises RefusedError when it would reach over the limit of the format."""
    if offset + len(written(order, fields, 0)) > _LIMIT:
        raise RefusedError("would grow over 4 GiB, the limit of TIFF")
    return written(order, fields, offset)


def _start(stream: Stream, tree: list[Directory]) -> int:
    """Where to append: an even offset, behind the pointer to a next directory that the last one lacks."""
    start = max(len(stream.data), *(directory.end for directory in tree))
    return start + start % 2


def _is_our_tail(stream: Stream, tree: list[Directory], old: Directory) -> bool:
    """Whether the stream ends with this very directory as we write it, and with nothing else."""
    ours = written(stream.order, [stream.field(entry) for entry in old.entries], old.offset)
    # The lengths first: behind a directory at the start of a file there may be gigabytes.
    if len(stream.data) - old.offset != len(ours) or bytes(stream.data[old.offset :]) != ours:
        return False
    others = [directory for directory in tree if directory is not old]
    ends = [offset + size for directory in others for offset, size in _extents(stream, directory)]
    return max([*ends, *(directory.end for directory in others)]) <= old.offset


def _extents(stream: Stream, directory: Directory) -> list[Range]:
    """Where the values and picture data of a directory lie; raises RefusedError when that is outside."""
    found = [(entry.offset, entry.size) for entry in directory.entries if entry.size > stream.inline]
    if any(offset + size > len(stream.data) for offset, size in found):
        raise RefusedError(f"a value of its {directory.name} directory lies outside")
    return found + list(_pictures(stream, directory))


def _check_movable(stream: Stream, tree: list[Directory]) -> None:
    """Raises RefusedError when something lies outside the stream, or uses the bytes of the header or of the
    first directory: it would change with them, or look different to programs that watch for such overlaps.
    """
    ifd0 = tree[0]
    _check_types(ifd0)
    used = [(directory.offset, directory.end - directory.offset) for directory in tree[1:]]
    used += [extent for directory in tree for extent in _extents(stream, directory)]
    for offset, size in used:
        if size and (offset < _HEADER or (offset < ifd0.end and offset + size > ifd0.offset)):
            raise RefusedError("a value lies in its header or its first directory")


def _check_types(directory: Directory) -> None:
    """Some programs give a directory up at its first entry when that has no type, others warn at unknown
    types and say where; further entries without a type (LG's telephones write them) are passed over.
    """
    unknown = [entry for entry in directory.entries if entry.type not in CLASSIC_SIZES]
    if any(entry.type or entry is directory.entries[0] for entry in unknown):
        raise RefusedError(f"its {directory.name} directory has an entry of an unknown type")


def _pictures(stream: Stream, directory: Directory) -> Iterator[Range]:
    for offset_tag, length_tag in _PICTURE:
        where = directory.find(offset_tag)
        offsets, lengths = stream.numbers(where), stream.numbers(directory.find(length_tag))
        if where and len(offsets) != len(lengths):
            raise RefusedError(f"its {directory.name} directory does not say how long its picture data are")
        for offset, length in zip(offsets, lengths, strict=False):
            if min(offset, length) < 0 or offset + length > len(stream.data):
                raise RefusedError(f"picture data of its {directory.name} directory lie outside")
            yield offset, length
