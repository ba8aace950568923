"""HEIC and AVIF: a position in the Exif item, the pictures and their properties left as they are.

The Exif item's new data go into a media data box of their own at the end of the file, and one entry in the
list of places (iloc) is pointed to them; nothing moves. ISO/IEC 23008-12, annex A.2.1: an Exif item is the
offset of the TIFF header in 4 bytes, then the Exif data.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from geotag.errors import RefusedError
from geotag.metadata import tiff, xmp
from geotag.metadata.boxes import XMP_UUID, Box, boxes, check_box, is_uuid
from geotag.metadata.items import IN_FILE, IN_IDAT, Item, Meta, Place, parse
from geotag.metadata.patch import Blocks, Buffer, Range, apply
from geotag.types import Patch, Splice, Tag

_XMP_TYPE = b"application/rdf+xml"
_CANON_UUID = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_MOST_METADATA = 16 << 20
# Boxes that stay sound when another one follows; makers append others (motion photos, Samsung's trailer)
# that are looked for at the very end.
_PLAIN = (b"ftyp", b"meta", b"mdat", b"free", b"skip", b"uuid")
# Google's motion photos count the length of their video from the end of the file, in XMP.
_COUNTS_FROM_END = re.compile(rb"MicroVideo|MotionPhoto|GContainer|photos/1.0/container")


def blocks(data: Buffer) -> Blocks:
    """The Exif blocks and XMP packets of a HEIF file, or of Canon's raw CR3, up to the first fault."""
    exif, positions, packets = [], [], []
    try:
        for box in boxes(data, 0, len(data)):
            if box.type == b"meta":
                meta = parse(data, box)
                exif += [_exif(_value(data, meta, item))[1] for item in meta.items if item.type == b"Exif"]
                packets += [_value(data, meta, item) for item in meta.items if item.content == _XMP_TYPE]
            elif box.type == b"moov":
                exif += _canon(data, box, b"CMT1")
                positions += _canon(data, box, b"CMT4")
            elif is_uuid(data, box, XMP_UUID):
                packets.append(bytes(data[box.begin + 16 : box.end]))
    except RefusedError:
        # What was found before the fault still counts.
        pass
    return Blocks(exif=tuple(exif), gps=tuple(positions), xmp=tuple(packets))


def _canon(data: Buffer, moov: Box, kind: bytes) -> list[bytes]:
    """The TIFF streams of one kind in Canon's own box of a CR3 file: CMT1 begins with IFD0, CMT4 with GPS."""
    return [
        bytes(data[inner.begin : inner.end])
        for box in boxes(data, moov.begin, moov.end)
        if is_uuid(data, box, _CANON_UUID)
        for inner in boxes(data, box.begin + 16, box.end)
        if inner.type == kind and inner.end - inner.begin <= _MOST_METADATA
    ]


def embed(data: Buffer, tag: Tag, replace: bool) -> Patch:
    """The edits that put a position into a HEIF file; raises RefusedError with the reason not to."""
    found = list(boxes(data, 0, len(data)))
    meta = _sound(data, found)
    item, place = _exif_item(meta)
    _check_places(data, meta, place)
    value = _value(data, meta, item)
    head, block = _exif(value)
    grown = value[:head] + apply(block, tiff.add_gps(block, tag, replace))
    start = found[-1].offset if _is_alone(meta, item, place, found[-1]) else len(data)
    pointer = _pointer(place, start + 8, len(grown))
    appended = Splice(start, len(data) - start, struct.pack(">I4s", 8 + len(grown), b"mdat") + grown)
    return Splice(place.field, sum(place.widths), pointer), appended


def picture(data: Buffer) -> Iterator[Range]:
    """Offset and length of the data of every picture item, and of the boxes that say how it is shown.

    Raises RefusedError for image sequences and for items that cannot be followed.
    """
    return iter(_pictures(data, _meta(data, list(boxes(data, 0, len(data))))))


def _pictures(data: Buffer, meta: Meta) -> list[Range]:
    ranges = [*meta.shown, meta.idat]
    for item in meta.items:
        if item.type not in (b"Exif", b"mime") and item.place and item.place.method == IN_FILE:
            ranges += item.place.extents
    if any(offset + length > len(data) for offset, length in ranges):
        raise RefusedError("has a picture that lies outside")
    # Overlapping extents could name the same bytes a million times.
    if sum(length for _, length in ranges) > 4 * len(data):
        raise RefusedError("has pictures that overlap")
    return ranges


def _meta(data: Buffer, found: list[Box]) -> Meta:
    metas = [box for box in found if box.type == b"meta"]
    if len(metas) != 1 or any(box.type in (b"moov", b"moof") for box in found):
        raise RefusedError("is a film or an image sequence, or has no single list of items")
    return parse(data, metas[0])


def _sound(data: Buffer, found: list[Box]) -> Meta:
    """The items of a file that may grow at its end; raises RefusedError for one that may not."""
    if bytes(data[8:12]) == b"crx ":
        raise RefusedError("is a raw file")
    for box in found:
        check_box(data, box)
        if is_uuid(data, box, XMP_UUID):
            _check_xmp(bytes(data[box.begin + 16 : box.end]))
    meta = _meta(data, found)
    if other := next((box.type for box in found if box.type not in _PLAIN), None):
        raise RefusedError(f"has a {other.decode('latin-1')!r} box, which may have to stay at the end")
    if not found[-1].definite:
        raise RefusedError("has a last box without a length")
    if meta.handler != b"pict":
        raise RefusedError("is no HEIF picture")
    for item in meta.items:
        if item.content == _XMP_TYPE:
            _check_xmp(_value(data, meta, item))
    _pictures(data, meta)
    return meta


def _check_xmp(packet: bytes) -> None:
    xmp.check(packet)
    if _COUNTS_FROM_END.search(packet):
        raise RefusedError("is a motion photo, whose video is counted from the end")


def _exif_item(meta: Meta) -> tuple[Item, Place]:
    items = [item for item in meta.items if item.type == b"Exif"]
    if len(items) != 1:
        raise RefusedError("has no Exif item to put a position in" if not items else "has two Exif items")
    item, place = items[0], items[0].place
    if place is None or (place.method, place.reference, len(place.extents)) != (IN_FILE, 0, 1):
        raise RefusedError("has an Exif item that lies in pieces or in an unusual place")
    if (item.id, meta.primary) not in meta.describes:
        raise RefusedError("has an Exif item that does not describe the main picture")
    return item, place


def _check_places(data: Buffer, meta: Meta, place: Place) -> None:
    """Raises RefusedError when an item takes in what is written: the file's end, or the entry of iloc."""
    stop = place.field + sum(place.widths)
    for item in meta.items:
        if item.place is None or item.place.method != IN_FILE:
            continue
        for offset, length in item.place.extents:
            if not length or offset + length > len(data):
                raise RefusedError("has an item that ends with the file or behind it")
            if offset < stop and offset + length > place.field:
                raise RefusedError("has an item that lies in its own list of places")


def _is_alone(meta: Meta, item: Item, place: Place, last: Box) -> bool:
    """Whether the last box holds the Exif item and nothing else, as after our own earlier write."""
    offset, length = place.extents[0]
    others = (other.place for other in meta.items if other is not item and other.place)
    extents = [extent for other in others if other.method == IN_FILE for extent in other.extents]
    return (
        last.type == b"mdat"
        and (last.begin, last.end) == (offset, offset + length)
        and not any(start < last.end and start + size > last.offset for start, size in extents)
    )


def _pointer(place: Place, offset: int, length: int) -> bytes:
    """The numbers of an extent, in the widths that the list has."""
    try:
        numbers = zip((offset - place.base, length), place.widths, strict=True)
        return b"".join(number.to_bytes(width, "big") for number, width in numbers)
    except OverflowError as error:
        raise RefusedError("has a list of places with no room for a larger offset") from error


def _value(data: Buffer, meta: Meta, item: Item) -> bytes:
    """The data of an Exif or XMP item; empty when they lie elsewhere or outside or are too large."""
    place = item.place
    if place is None or place.reference or place.method not in (IN_FILE, IN_IDAT):
        return b""
    start, stop = (0, len(data)) if place.method == IN_FILE else (meta.idat[0], sum(meta.idat))
    parts = [
        (start + offset, start + offset + length if length else stop) for offset, length in place.extents
    ]
    if any(end > stop for _, end in parts) or sum(end - begin for begin, end in parts) > _MOST_METADATA:
        return b""
    return b"".join(data[begin:end] for begin, end in parts)


def _exif(value: bytes) -> tuple[int, bytes]:
    """Where the TIFF stream of an Exif item begins, and the stream."""
    head = 4 + int.from_bytes(value[:4], "big")
    return head, value[head:]
