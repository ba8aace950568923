"""PNG and APNG: a position in the eXIf chunk, every other chunk left as it is.

Structure: PNG, third edition (W3C), sections 5 (chunks) and 11.3 (eXIf, iTXt, APNG). Files from before
2017 keep Exif in a text chunk, a "raw profile" in hexadecimal as ImageMagick writes it: that is read.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from geotag.errors import RefusedError
from geotag.metadata import gps, tiff, xmp
from geotag.metadata.patch import Blocks, Buffer, Range, apply, growth, shifted
from geotag.metadata.signatures import PNG
from geotag.types import Patch, Splice, Tag

_EXIF_HEAD = b"Exif\0\0"
_XMP_KEYWORD = b"xml:com.adobe.xmp"
_XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
_RAW = b"raw profile type "
_RAW_EXIF = (b"exif", b"app1")
_RAW_IPTC = (b"iptc", b"8bim")
_WORDS = (b"title", b"description", b"comment")
# ExifTool says "IPTC profile" where ImageMagick says "iptc".
_PROFILE = re.compile(rb"\s*+\w++(?: profile)?+\s++\d++([\s0-9A-Fa-f]*+)")
_TEXT = (b"tEXt", b"zTXt", b"iTXt")
_CRITICAL = (b"IHDR", b"PLTE", b"IDAT", b"IEND")
# Ancillary chunks that change what is seen (sections 11.3.1, 11.3.2, 11.3.6).
_SEEN = (
    b"tRNS",
    b"cHRM",
    b"gAMA",
    b"iCCP",
    b"sBIT",
    b"sRGB",
    b"cICP",
    b"mDCV",
    b"cLLI",
    b"acTL",
    b"fcTL",
    b"fdAT",
)
_LONGEST = 0x7FFFFFFF
_MOST_TEXT = 16 << 20
_MOST_PROFILES = 16
_MOST_CHUNKS = 1_000_000
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its type, the offsets of its first byte, of its data and of their end (the CRC follows)."""

    type: bytes
    offset: int
    begin: int
    end: int


def blocks(data: Buffer) -> Blocks:
    """What a PNG file says, in chunks or raw profiles, up to the first fault; its texts are what section
    11.3.3.1 calls Title, Description and Comment, in this order.
    """
    chunks = list(_readable(data))
    exif = [_exif(data, chunk)[1] for chunk in chunks if chunk.type == b"eXIf"]
    profiles = [_profile(data, chunk) for chunk in _profiled(data, chunks)[:_MOST_PROFILES]]
    words = [(_keyword(data, chunk), chunk) for chunk in chunks if chunk.type in _TEXT]
    told = sorted((word for word in words if word[0] in _WORDS), key=lambda word: _WORDS.index(word[0]))
    return Blocks(
        exif=(*exif, *(value for kind, value in profiles if kind == "exif")),
        xmp=tuple(value for kind, value in profiles if kind == "xmp"),
        resources=tuple(value for kind, value in profiles if kind == "iptc"),
        texts=tuple(_text(data, chunk) for _, chunk in told[:_MOST_PROFILES]),
    )


def embed(data: Buffer, tag: Tag, replace: bool) -> Patch:
    """The edits that put a position into a PNG file; raises RefusedError with the reason not to."""
    chunks = _sound(data)
    if any(chunk.type == b"caBX" for chunk in chunks):
        raise RefusedError("is signed (C2PA), and writing would break the signature")
    profiled = _profiled(data, chunks)
    if len(profiled) > _MOST_PROFILES:
        raise RefusedError("has more profiles than a picture needs")
    for kind, value in (_profile(data, chunk) for chunk in profiled):
        if kind == "exif":
            raise RefusedError("keeps its Exif in an old raw profile, where programs differ")
        if kind == "xmp":
            xmp.check(value)
    found = [chunk for chunk in chunks if chunk.type == b"eXIf"]
    if len(found) > 1:
        raise RefusedError("has two Exif chunks")
    if found:
        return _grown(data, found[0], tag, replace)
    first = next(chunk for chunk in chunks if chunk.type == b"IDAT")
    return (Splice(first.offset, 0, _chunk(b"eXIf", gps.block(tag))),)


def picture(data: Buffer) -> Iterator[Range]:
    """Offset and length of the data of every chunk that is seen: header, palette, colour, picture, frames.

    Raises RefusedError when the chunks cannot be followed to IEND.
    """
    for chunk in _chunks(data):
        if chunk.type in _CRITICAL or chunk.type in _SEEN:
            yield chunk.begin, chunk.end - chunk.begin


def _grown(data: Buffer, chunk: Chunk, tag: Tag, replace: bool) -> Patch:
    begin, block = _exif(data, chunk)
    patch = tiff.add_gps(block, tag, replace)
    length = struct.pack(">I", chunk.end - chunk.begin + growth(patch))
    body = bytes(data[chunk.begin : begin]) + apply(block, patch)
    crc = struct.pack(">I", zlib.crc32(b"eXIf" + body))
    return (Splice(chunk.offset, 4, length), *shifted(patch, begin), Splice(chunk.end, 4, crc))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _exif(data: Buffer, chunk: Chunk) -> tuple[int, bytes]:
    """Where the TIFF stream of an eXIf chunk begins, and the stream; some writers put JPEG's head before."""
    body = bytes(data[chunk.begin : chunk.end])
    head = len(_EXIF_HEAD) if body.startswith(_EXIF_HEAD) else 0
    return chunk.begin + head, body[head:]


def _profiled(data: Buffer, chunks: list[Chunk]) -> list[Chunk]:
    """The text chunks that hold an XMP packet or a raw profile."""
    texts = [chunk for chunk in chunks if chunk.type in _TEXT]
    return [chunk for chunk in texts if _keyword(data, chunk).startswith((_RAW, _XMP_KEYWORD))]


def _keyword(data: Buffer, chunk: Chunk) -> bytes:
    """The keyword of a text chunk in small letters, at most 79 bytes (section 11.3.3)."""
    return bytes(data[chunk.begin : min(chunk.end, chunk.begin + 80)]).partition(b"\0")[0].lower()


def _profile(data: Buffer, chunk: Chunk) -> tuple[str, bytes]:
    """What a text chunk holds for us: ("exif", block), ("xmp", packet), ("iptc", resources) or ("", b"")."""
    keyword = _keyword(data, chunk)
    if keyword == _XMP_KEYWORD:
        return "xmp", _text(data, chunk)
    value = _unhexed(_text(data, chunk))
    if keyword.endswith(b"xmp") or value.startswith(_XMP_HEAD):
        return "xmp", value.removeprefix(_XMP_HEAD)
    if keyword.endswith(_RAW_IPTC):
        return "iptc", value
    return ("exif", value.removeprefix(_EXIF_HEAD)) if keyword.endswith(_RAW_EXIF) else ("", b"")


def _text(data: Buffer, chunk: Chunk) -> bytes:
    """The text of a text chunk behind its keyword (section 11.3.3), inflated, at most _MOST_TEXT bytes."""
    rest = bytes(data[chunk.begin : min(chunk.end, chunk.begin + _MOST_TEXT)]).partition(b"\0")[2]
    if chunk.type == b"tEXt":
        return rest
    packed, text = True, rest[1:]
    if chunk.type == b"iTXt":
        packed, text = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
    try:
        return zlib.decompressobj().decompress(text, _MOST_TEXT) if packed else text
    except zlib.error:
        return b""


def _unhexed(text: bytes) -> bytes:
    """The bytes of a raw profile: its name, its length, and hexadecimal digits on lines."""
    match = _PROFILE.match(text)
    try:
        return bytes.fromhex(match[1].decode("ascii")) if match else b""
    except ValueError:
        return b""


def _sound(data: Buffer) -> list[Chunk]:
    """The chunks of a file that keeps the rules; raises RefusedError for one that does not."""
    chunks = list(_chunks(data))
    kinds = [chunk.type for chunk in chunks]
    if kinds[0] != b"IHDR" or kinds.count(b"IHDR") > 1 or b"IDAT" not in kinds:
        raise RefusedError("has no picture, or its header is not where it belongs")
    if unknown := next((kind for kind in kinds if kind[0] & 0x20 == 0 and kind not in _CRITICAL), None):
        raise RefusedError(f"has a critical chunk {unknown.decode('latin-1')} that PNG does not know")
    first = kinds.index(b"IDAT")
    if any(kind != b"IDAT" for kind in kinds[first : first + kinds.count(b"IDAT")]):
        raise RefusedError("has other chunks between those of its picture")
    for chunk in chunks:
        if _crc(data, chunk) != bytes(data[chunk.end : chunk.end + 4]):
            raise RefusedError(f"has a damaged {chunk.type.decode('latin-1')} chunk (CRC)")
    if chunks[-1].end + 4 != len(data):
        raise RefusedError("has other data behind its end (IEND)")
    return chunks


def _crc(data: Buffer, chunk: Chunk) -> bytes:
    crc = zlib.crc32(chunk.type)
    for at in range(chunk.begin, chunk.end, _BLOCK):
        crc = zlib.crc32(data[at : min(at + _BLOCK, chunk.end)], crc)
    return struct.pack(">I", crc)


def _readable(data: Buffer) -> Iterator[Chunk]:
    """The chunks up to the first that cannot be read."""
    try:
        yield from _chunks(data)
    except RefusedError:
        return


def _chunks(data: Buffer) -> Iterator[Chunk]:
    """The chunks up to IEND; raises RefusedError for anything else."""
    if data[: len(PNG)] != PNG:
        raise RefusedError("is no PNG")
    at, kind, count = len(PNG), b"", 0
    while kind != b"IEND":
        length, kind = int.from_bytes(data[at : at + 4], "big"), bytes(data[at + 4 : at + 8])
        end = at + 8 + length
        if length > _LONGEST or end + 4 > len(data) or not (kind.isalpha() and kind.isascii()):
            raise RefusedError("is cut off, or has something that is no chunk")
        if (count := count + 1) > _MOST_CHUNKS:
            raise RefusedError("has more chunks than a picture needs")
        yield Chunk(kind, at, at + 8, end)
        at = end + 4
