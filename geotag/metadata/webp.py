"""WebP, still and animated: a position in the EXIF chunk, every other chunk left as it is.

Structure: RFC 9649, section 2 (RIFF container), 2.5 and 2.6 (simple files), 2.7 (VP8X and its flags);
RFC 6386, 9.1 (size in a VP8 key frame). A simple file has no room for metadata: it gets a VP8X chunk that
says what its picture says.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from geotag.errors import RefusedError
from geotag.metadata import gps, tiff, xmp
from geotag.metadata.patch import Blocks, Buffer, Range, growth, shifted
from geotag.types import Patch, Splice, Tag

_EXIF_HEAD = b"Exif\0\0"
_PICTURE = (b"VP8 ", b"VP8L", b"ANMF")
_SEEN = (*_PICTURE, b"ALPH", b"ANIM", b"ICCP")
_EXIF_FLAG, _ALPHA_FLAG = 0x08, 0x10
_LARGEST = 0xFFFFFFFE
_MOST_CHUNKS = 1_000_000


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its type, the offsets of its first byte, of its payload, of the payload's end, of the next."""

    type: bytes
    offset: int
    begin: int
    end: int
    next: int


def blocks(data: Buffer) -> Blocks:
    """The Exif blocks and XMP packets of a WebP file, up to the first fault."""
    chunks = list(_readable(data))
    return Blocks(
        exif=tuple(_exif(data, chunk)[1] for chunk in chunks if chunk.type == b"EXIF"),
        xmp=tuple(bytes(data[chunk.begin : chunk.end]) for chunk in chunks if chunk.type == b"XMP "),
    )


def embed(data: Buffer, tag: Tag, replace: bool) -> Patch:
    """The edits that put a position into a WebP file; raises RefusedError with the reason not to."""
    chunks = _sound(data)
    for chunk in chunks:
        if chunk.type == b"C2PA":
            raise RefusedError("is signed (C2PA), and writing would break the signature")
        if chunk.type == b"XMP ":
            xmp.check(bytes(data[chunk.begin : chunk.end]))
    found = [chunk for chunk in chunks if chunk.type == b"EXIF"]
    if len(found) > 1:
        raise RefusedError("has two Exif chunks")
    header = _header(data, chunks, bool(found))
    body = _grown(data, found[0], tag, replace) if found else _appended(chunks, gps.block(tag))
    size = len(data) - 8 + growth((*header, *body))
    if size > _LARGEST:
        raise RefusedError("would grow over 4 GiB, the limit of WebP")
    return (Splice(4, 4, struct.pack("<I", size)), *header, *body)


def picture(data: Buffer) -> Iterator[Range]:
    """Offset and length of the payload of every chunk that is seen: frames, transparency, colour profile.

    Raises RefusedError when the chunks cannot be followed to the end.
    """
    for chunk in _chunks(data):
        if chunk.type in _SEEN:
            yield chunk.begin, chunk.end - chunk.begin


def _header(data: Buffer, chunks: list[Chunk], has_exif: bool) -> Patch:
    """The edit that makes VP8X announce an EXIF chunk; the size of the canvas stays."""
    first = chunks[0]
    if first.type != b"VP8X":
        if len(chunks) > 1:
            raise RefusedError("has more chunks than its simple header allows")
        flags, width, height = _simple(
            bytes(data[first.begin : min(first.end, first.begin + 10)]), first.type
        )
        sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        return (Splice(first.offset, 0, b"VP8X" + struct.pack("<II", 10, flags | _EXIF_FLAG) + sizes),)
    flags = data[first.begin]
    if flags & _EXIF_FLAG:
        return ()
    if has_exif:
        # Readers ignore it now; announced, its orientation would turn the picture.
        raise RefusedError("has an Exif chunk that its header does not announce")
    return (Splice(first.begin, 1, bytes((flags | _EXIF_FLAG,))),)


def _simple(head: bytes, kind: bytes) -> tuple[int, int, int]:
    """Flags, width and height (pixels) of a picture by its own first bytes."""
    if kind == b"VP8 ":
        if len(head) < 10 or head[0] & 1 or head[3:6] != b"\x9d\x01\x2a":
            raise RefusedError("has a picture (VP8) that does not begin with a key frame")
        width, height = (side & 0x3FFF for side in struct.unpack("<HH", head[6:10]))
        flags = 0
    else:
        if len(head) < 5 or head[0] != 0x2F or head[4] >> 5:
            raise RefusedError("has a picture (VP8L) with a header that is unknown")
        bits = int.from_bytes(head[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        flags = _ALPHA_FLAG if bits >> 28 & 1 else 0
    if not width or not height:
        raise RefusedError("has a picture without a size")
    return flags, width, height


def _appended(chunks: list[Chunk], block: bytes) -> Patch:
    """The EXIF chunk in its place: before XMP, else at the end (section 2.7)."""
    at = next((chunk.offset for chunk in chunks if chunk.type == b"XMP "), chunks[-1].next)
    return (Splice(at, 0, b"EXIF" + struct.pack("<I", len(block)) + block + bytes(len(block) % 2)),)


def _grown(data: Buffer, chunk: Chunk, tag: Tag, replace: bool) -> Patch:
    begin, block = _exif(data, chunk)
    patch = tiff.add_gps(block, tag, replace)
    length = chunk.end - chunk.begin + growth(patch)
    size = Splice(chunk.begin - 4, 4, struct.pack("<I", length))
    padding = Splice(chunk.end, chunk.next - chunk.end, bytes(length % 2))
    return (size, *shifted(patch, begin), padding)


def _exif(data: Buffer, chunk: Chunk) -> tuple[int, bytes]:
    """Where the TIFF stream of an EXIF chunk begins, and the stream; some writers put JPEG's head before."""
    body = bytes(data[chunk.begin : chunk.end])
    head = len(_EXIF_HEAD) if body.startswith(_EXIF_HEAD) else 0
    return chunk.begin + head, body[head:]


def _sound(data: Buffer) -> list[Chunk]:
    """The chunks of a file that keeps the rules; raises RefusedError for one that does not."""
    chunks = list(_chunks(data))
    kinds = [chunk.type for chunk in chunks]
    if 8 + int.from_bytes(data[4:8], "little") != len(data):
        raise RefusedError("is not as long as its header says")
    if not kinds or kinds[0] not in (b"VP8X", b"VP8 ", b"VP8L") or kinds.count(b"VP8X") > 1:
        raise RefusedError("does not begin with its header or its picture")
    if kinds[0] == b"VP8X" and chunks[0].end - chunks[0].begin != 10:
        raise RefusedError("has a header (VP8X) of the wrong length")
    if not any(kind in _PICTURE for kind in kinds):
        raise RefusedError("has no picture")
    return chunks


def _readable(data: Buffer) -> Iterator[Chunk]:
    """The chunks up to the first that cannot be read."""
    try:
        yield from _chunks(data)
    except RefusedError:
        return


def _chunks(data: Buffer) -> Iterator[Chunk]:
    """The chunks of the container; raises RefusedError for anything else."""
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise RefusedError("is no WebP")
    at, stop, count = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little")), 0
    while at < stop:
        end = at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")
        following = end + end % 2
        if following > stop:
            raise RefusedError("is cut off, or has something that is no chunk")
        if (count := count + 1) > _MOST_CHUNKS:
            raise RefusedError("has more chunks than a picture needs")
        yield Chunk(bytes(data[at : at + 4]), at, at + 8, end, following)
        at = following
