"""The items of a HEIF or AVIF file: pictures, Exif, XMP, and where each of them lies.

Structure: ISO/IEC 14496-12, 8.11 (meta, iloc, pitm, iinf, iref); ISO/IEC 23008-12, annex A (Exif items).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from geotag.errors import RefusedError
from geotag.metadata.boxes import Box, boxes
from geotag.metadata.patch import Buffer, Range

IN_FILE, IN_IDAT = 0, 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item lies (an entry of iloc).

    `method` says what offsets count from (IN_FILE, IN_IDAT), `reference` which file holds the data (0: this
    one). `extents` are offset and length with `base` added, as they stand. `field` is the offset in the file
    of the first extent's numbers, which take `widths` bytes.
    """

    method: int
    reference: int
    base: int
    extents: tuple[Range, ...]
    field: int
    widths: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Item:
    """An item: its number, type ("Exif", "hvc1", "mime" ...), content type where it is "mime", and place."""

    id: int
    type: bytes
    content: bytes
    place: Place | None


@dataclass(frozen=True, slots=True)
class Meta:
    """A meta box: its handler, the number of the primary item, its items, the items that describe others
    (pairs from cdsc references), the body of idat, and the boxes that say how pictures are shown.
    """

    handler: bytes
    primary: int
    items: tuple[Item, ...]
    describes: frozenset[tuple[int, int]]
    idat: Range
    shown: tuple[Range, ...]


class _Reader:
    """Whole numbers, one after the other, from a stretch of a file."""

    def __init__(self, data: Buffer, at: int, end: int) -> None:
        self.data, self.at, self.end = data, at, end

    def take(self, width: int) -> int:
        """The next unsigned number of `width` bytes; raises RefusedError behind the end."""
        self.at += width
        if self.at > self.end:
            raise RefusedError("has a list of items that is cut off")
        return int.from_bytes(self.data[self.at - width : self.at], "big")


def parse(data: Buffer, meta: Box) -> Meta:
    """The contents of a meta box; raises RefusedError when it is broken or holds a list twice."""
    parts: dict[bytes, Box] = {}
    for box in boxes(data, meta.begin + 4, meta.end):
        if box.type in parts and box.type != b"free":
            raise RefusedError("has a list of items twice")
        parts[box.type] = box
    if not {b"hdlr", b"pitm", b"iinf", b"iloc"} <= parts.keys():
        raise RefusedError("has no list of items")
    places = dict(_places(data, parts[b"iloc"]))
    items = [
        Item(number, kind, content, places.get(number))
        for number, kind, content in _infos(data, parts[b"iinf"])
    ]
    if len({item.id for item in items}) < len(items):
        raise RefusedError("has two items of one number")
    idat = parts.get(b"idat")
    shown = [parts[kind] for kind in (b"pitm", b"iprp", b"iref") if kind in parts]
    return Meta(
        handler=bytes(data[parts[b"hdlr"].begin + 8 : parts[b"hdlr"].begin + 12]),
        primary=_primary(data, parts[b"pitm"]),
        items=tuple(items),
        describes=frozenset(_describes(data, parts[b"iref"]) if b"iref" in parts else ()),
        idat=(idat.begin, idat.end - idat.begin) if idat else (0, 0),
        shown=tuple((box.begin, box.end - box.begin) for box in shown),
    )


def _versioned(data: Buffer, box: Box) -> tuple[int, _Reader]:
    """The version of a full box, and a reader behind its flags."""
    reader = _Reader(data, box.begin, box.end)
    return reader.take(4) >> 24, reader


def _primary(data: Buffer, pitm: Box) -> int:
    version, reader = _versioned(data, pitm)
    return reader.take(4 if version else 2)


def _infos(data: Buffer, iinf: Box) -> Iterator[tuple[int, bytes, bytes]]:
    """Number, type and content type of each item (8.11.6); older entries have no type and are left out."""
    version, reader = _versioned(data, iinf)
    reader.take(4 if version else 2)
    for box in boxes(data, reader.at, iinf.end):
        version, entry = _versioned(data, box)
        if box.type != b"infe" or version not in (2, 3):
            continue
        number, protection = entry.take(2 if version == 2 else 4), entry.take(2)
        kind = entry.take(4).to_bytes(4, "big")
        words = bytes(data[entry.at : min(box.end, entry.at + 1024)]).split(b"\0")
        yield number, b"????" if protection else kind, words[1] if len(words) > 1 else b""


def _describes(data: Buffer, iref: Box) -> Iterator[tuple[int, int]]:
    """Pairs (from, to) of the cdsc references (8.11.12)."""
    version, reader = _versioned(data, iref)
    width = 4 if version else 2
    for box in boxes(data, reader.at, iref.end):
        entry = _Reader(data, box.begin, box.end)
        source, count = entry.take(width), entry.take(2)
        targets = [entry.take(width) for _ in range(count)]
        if box.type == b"cdsc":
            yield from ((source, target) for target in targets)


def _places(data: Buffer, iloc: Box) -> Iterator[tuple[int, Place]]:
    """Number and place of each item (8.11.3)."""
    version, reader = _versioned(data, iloc)
    if version > 2:
        raise RefusedError("has a list of places of an unknown version")
    sizes = reader.take(2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    if not {offset_size, length_size, base_size, index_size} <= {0, 4, 8} or not offset_size + length_size:
        raise RefusedError("has a list of places with numbers of an odd size")
    for _ in range(reader.take(4 if version == 2 else 2)):
        number = reader.take(4 if version == 2 else 2)
        method = reader.take(2) & 15 if version else IN_FILE
        reference, base, count = reader.take(2), reader.take(base_size), reader.take(2)
        field = reader.at + index_size
        extents = []
        for _ in range(count):
            reader.take(index_size)
            extents.append((base + reader.take(offset_size), reader.take(length_size)))
        yield number, Place(method, reference, base, tuple(extents), field, (offset_size, length_size))
