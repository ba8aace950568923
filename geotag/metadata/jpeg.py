"""JPEG: a position in the Exif segment (APP1), everything else left as it is.

Structure: ITU-T T.81 annex B (markers), JFIF 1.02 (APP0 comes first), Exif 2.32 section 4.7 (APP1). A
segment holds at most 65,533 bytes.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from geotag.errors import RefusedError
from geotag.metadata import foreign, gps, makernote, markers, mpf, tiff, xmp
from geotag.metadata.ifd import Stream, walk
from geotag.metadata.patch import Blocks, Buffer, Edit, Range, growth, ordered, shifted
from geotag.types import Patch, Splice, Tag

_SOI, _EOI, _SOS, _JPEG_LS, _COM = 0xD8, 0xD9, 0xDA, 0xF7, 0xFE
_APP0, _APP1, _APP2, _APP11, _APP13, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xEF
# The one marker without a segment, and the first that is not reserved (T.81, table B.1).
_TEM, _LEAST = 0x01, 0xC0
_STANDALONE = frozenset((0x00, _TEM, *range(0xD0, _EOI)))
_EXIF = b"Exif\0"
_EXIF_HEAD = 6
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_RESOURCES = b"Photoshop 3.0\0"
_MOST = 0xFFFF

# What some programs take for an Exif segment as well.
_ODD_EXIF = re.compile(rb".{0,4}exif\0", re.DOTALL | re.IGNORECASE)
_PICTURE_START = b"\xff\xd8\xff"
_TIFF_HEADER = re.compile(rb"II\*\0|MM\0\*")
# The length of an item in a container of pictures (Google's GContainer, in XMP).
_ITEM_LENGTH = re.compile(rb":Length\s*(?:=\s*[\"']|>)\s*(\d{1,18})")


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker segment: the offsets of its first byte (FF), of its payload and of the payload's end."""

    marker: int
    offset: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A JPEG file: the segments before the coded data, where these begin (SOS) and end (after EOI)."""

    segments: tuple[Segment, ...]
    scan: int
    end: int


def blocks(data: Buffer) -> Blocks:
    """What the segments before the picture say, up to the first fault.

    Image resources may be longer than a segment: the next one goes on with them.
    """
    segments = list(_readable(data))
    return Blocks(
        exif=tuple(_bodies(data, segments, _APP1, _EXIF, _EXIF_HEAD)),
        xmp=tuple(_bodies(data, segments, _APP1, _XMP, len(_XMP))),
        resources=(b"".join(_bodies(data, segments, _APP13, _RESOURCES, len(_RESOURCES))),),
    )


def embed(data: Buffer, tag: Tag, replace: bool) -> Patch:
    """The edits that put a position into a JPEG file; raises RefusedError with the reason not to."""
    return edit(data, tag, replace).patch


def edit(data: Buffer, tag: Tag, replace: bool) -> Edit:
    """The edits, and where the picture lies: finding its end takes a search through the whole file, so both
    are told at once. Raises RefusedError.
    """
    layout = _layout(data)
    return Edit(_patch(data, layout, tag, replace), tuple(_picture(layout)))


def _patch(data: Buffer, layout: Layout, tag: Tag, replace: bool) -> Patch:
    _check_foreign(data, layout)
    found = [s for s in layout.segments if s.marker == _APP1 and _starts(data, s, _EXIF)]
    if len(found) > 1:
        raise RefusedError("has two Exif segments")
    if found:
        at = found[0].end
        patch = _grown_exif(data, found[0], layout, tag, replace)
    else:
        at = _behind_app0(layout)
        body = _EXIF + b"\0" + gps.block(tag)
        patch = (Splice(at, 0, struct.pack(">BBH", 0xFF, _APP1, _length(len(body))) + body),)
    return ordered(patch, _corrected_index(data, layout, at, growth(patch)))


def picture(data: Buffer, end: int | None = None) -> Iterator[Range]:
    """Offset and length of the tables, the Adobe colour segment and the coded data from SOS to EOI.

    Raises RefusedError when the file is no whole JPEG. Who knows where EOI ends saves the search for it.
    """
    return _picture(_layout(data, end))


def _picture(layout: Layout) -> Iterator[Range]:
    for segment in layout.segments:
        if segment.marker == _APP14 or not (_APP0 <= segment.marker <= _APP15 or segment.marker == _COM):
            yield segment.offset, segment.end - segment.offset
    yield layout.scan, layout.end - layout.scan


def _grown_exif(data: Buffer, segment: Segment, layout: Layout, tag: Tag, replace: bool) -> Patch:
    begin = segment.begin + _EXIF_HEAD
    block = bytes(data[begin : segment.end])
    patch = tiff.add_gps(block, tag, replace)
    grown = growth(patch)
    if not grown:
        return shifted(patch, begin)
    _check_previews(data, block, begin, layout.end)
    length = _length(segment.end - segment.begin + grown)
    return (Splice(segment.begin - 2, 2, struct.pack(">H", length)), *shifted(patch, begin))


def _length(payload: int) -> int:
    """The length field of a segment, which counts its own two bytes (T.81, B.1.1.4)."""
    if payload + 2 > _MOST:
        raise RefusedError("has an Exif segment with no room for a position (at most 65,533 bytes)")
    return payload + 2


def _behind_app0(layout: Layout) -> int:
    """Behind SOI and all APP0 segments that lead: JFIF must come first (JFIF 1.02)."""
    at = 2
    for segment in layout.segments:
        if segment.marker != _APP0:
            break
        at = segment.end
    return at


def _corrected_index(data: Buffer, layout: Layout, at: int, grown: int) -> Patch:
    indexes = [s for s in layout.segments if s.marker == _APP2 and _starts(data, s, mpf.SIGNATURE)]
    if len(indexes) > 1:
        raise RefusedError("has two indexes of pictures (MPF)")
    patches = [mpf.corrected(data, s.begin + len(mpf.SIGNATURE), s.end, at, grown) for s in indexes]
    return patches[0] if patches else ()


def _check_foreign(data: Buffer, layout: Layout) -> None:
    """Raises RefusedError for what breaks when the file grows or changes."""
    for segment in layout.segments:
        # ISO/IEC 19566-5, annex D: "JP", two counters, the box's length, its type.
        if segment.marker == _APP11 and data[segment.begin + 12 : segment.begin + 16] == b"jumb":
            raise RefusedError(foreign.SIGNED)
        head = bytes(data[segment.begin : min(segment.end, segment.begin + 10)])
        if segment.marker == _APP1 and _ODD_EXIF.match(head) and not head.startswith(_EXIF):
            raise RefusedError("has an Exif segment with an odd name")
        if segment.marker == _JPEG_LS:
            raise RefusedError("is JPEG-LS")
    for packet in _bodies(data, layout.segments, _APP1, _XMP, len(_XMP)):
        xmp.check(packet)
        if any(int(length) == layout.end for length in _ITEM_LENGTH.findall(packet)):
            raise RefusedError("states its own length in its XMP")
    if foreign.counts_from_start(data):
        raise RefusedError("carries a trailer that counts from the start of the file (AFCP or ZIP)")


def _check_previews(data: Buffer, block: bytes, base: int, end: int) -> None:
    """Makers' notes may point at a preview behind the picture: counted from the start of the file, from the
    Exif header, from the note or from a TIFF header in it. Such a pointer leads astray when the block grows.
    """
    starts = {end} if end < len(data) else set()
    at = data.find(_PICTURE_START, end)
    while at >= 0:
        starts.add(at)
        at = data.find(_PICTURE_START, at + 3)
    if not starts:
        return
    note = makernote.find(walk(Stream(block)))
    bases = {
        0,
        base + (note.offset if note else 0),
        *(base + found.start() for found in _TIFF_HEADER.finditer(block)),
    }
    words = {
        word
        for order in "<>"
        for shift in range(4)
        for word in struct.unpack_from(f"{order}{(len(block) - shift) // 4}I", block, shift)
    }
    if any(start - counted_from in words for start in starts for counted_from in bases):
        raise RefusedError("has a preview behind the picture that its Exif block points at")


def _bodies(
    data: Buffer, segments: Iterable[Segment], marker: int, signature: bytes, head: int
) -> Iterator[bytes]:
    """What the segments with this marker and signature hold behind their first `head` bytes."""
    for segment in segments:
        if segment.marker == marker and _starts(data, segment, signature):
            yield bytes(data[segment.begin + head : segment.end])


def _starts(data: Buffer, segment: Segment, signature: bytes) -> bool:
    return bytes(data[segment.begin : min(segment.end, segment.begin + len(signature))]) == signature


def _layout(data: Buffer, end: int | None = None) -> Layout:
    *segments, scan = _segments(data)
    return Layout(tuple(segments), scan.offset, _end(data, scan.offset) if end is None else end)


def _readable(data: Buffer) -> Iterator[Segment]:
    """The segments up to the first that cannot be read."""
    try:
        yield from _segments(data)
    except RefusedError:
        return


def _segments(data: Buffer) -> Iterator[Segment]:
    """The segments up to the first SOS, the last one yielded; raises RefusedError for anything else."""
    if data[:2] != b"\xff\xd8":
        raise RefusedError("is no JPEG")
    at = 2
    while True:
        start = at
        # The marker and the length at once: every look into a file that is read in pieces has its price.
        head = data[at : at + 4]
        if head[:1] not in (b"\xff", b""):
            raise RefusedError("has junk between its segments")
        while head[:2] == b"\xff\xff":
            at += 1
            head = data[at : at + 4]
        if len(head) < 4:
            raise RefusedError("ends before its picture begins")
        marker = head[1]
        if marker == _EOI or marker in _STANDALONE:
            raise RefusedError("has no picture, or junk between its segments")
        begin = at + 4
        at = at + 2 + int.from_bytes(head[2:], "big")
        if at < begin or at > len(data):
            raise RefusedError("has a segment that runs past its end")
        yield Segment(marker, start, begin, at)
        if marker == _SOS:
            return


def _end(data: Buffer, scan: int) -> int:
    """The offset behind EOI; the coded data are searched, not parsed, and segments between scans skipped."""
    at = markers.following(data, scan)
    while at >= 0:
        marker = data[at + 1]
        if marker == _EOI:
            return at + 2
        if marker != _TEM and (marker < _LEAST or marker == _SOI):
            break
        at += 2
        if marker != _TEM:
            at += max(2, int.from_bytes(data[at : at + 2], "big"))
        at = markers.following(data, at)
    raise RefusedError("has no end (EOI): it is cut off or damaged")
