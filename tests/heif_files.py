"""HEIF files by hand around a made-up picture, and real AVIF; no code is shared with geotag."""

from __future__ import annotations

import io
import struct

from PIL import Image

from tests.blocks import exif

PIXELS = bytes(range(200))
EXIF_ITEM = b"\0\0\0\6Exif\0\0"


def box(kind: bytes, *body: bytes, large: bool = False) -> bytes:
    content = b"".join(body)
    if large:
        return struct.pack(">I4sQ", 1, kind, 16 + len(content)) + content
    return struct.pack(">I4s", 8 + len(content), kind) + content


def full(kind: bytes, version: int, *body: bytes) -> bytes:
    return box(kind, bytes((version, 0, 0, 0)), *body)


def infe(number: int, kind: bytes, rest: bytes = b"\0", version: int = 2, protection: int = 0) -> bytes:
    return full(
        b"infe", version, struct.pack(">HH" if version == 2 else ">IH", number, protection), kind, rest
    )


def number_of(value: int, width: int) -> bytes:
    return value.to_bytes(width, "big") if width else b""


def iloc(
    entries: list[tuple[int, int, list[tuple[int, int]]]],
    version: int = 1,
    sizes: int = 0x4400,
    base: int = 0,
) -> bytes:
    """Entries are number, method, extents (offset with base, length); `sizes` as the box states them."""
    widths = [sizes >> shift & 15 for shift in (12, 8, 4, 0)]
    number = ">I" if version == 2 else ">H"
    out = struct.pack(">H", sizes) + struct.pack(number, len(entries))
    for item, method, extents in entries:
        out += struct.pack(number, item) + (struct.pack(">H", method) if version else b"")
        out += struct.pack(">H", 0) + number_of(base, widths[2]) + struct.pack(">H", len(extents))
        for offset, length in extents:
            out += bytes(widths[3]) if version else b""
            out += number_of(offset - base, widths[0]) + number_of(length, widths[1])
    return full(b"iloc", version, out)


def heif(
    block: bytes = b"",
    *,
    version: int = 1,
    sizes: int = 0x4400,
    base: int = 0,
    packet: bytes = b"",
    kinds: tuple[bytes, ...] = (b"hvc1", b"Exif", b"mime"),
    methods: tuple[int, ...] = (0, 0, 0),
    cdsc: bytes = struct.pack(">HHH", 2, 1, 1),
    meta: bytes = b"",
    handler: bytes = b"pict",
    after: bytes = b"",
    large: bool = False,
) -> bytes:
    """A HEIF file of a made-up picture (item 1), an Exif item (2) and an XMP item (3)."""
    values = [PIXELS, EXIF_ITEM + (block or exif()), packet or b"<nothing/>"]
    contents = [b"\0", b"\0", b"\0application/rdf+xml\0"]

    def head(start: int) -> bytes:
        entries, at = [], start
        for index, value in enumerate(values):
            entries.append((index + 1, methods[index], [(at, len(value))]))
            at += len(value)
        infos = [infe(index + 1, kind, contents[index]) for index, kind in enumerate(kinds)]
        return box(b"ftyp", b"heic\0\0\0\0mif1heic") + full(
            b"meta",
            0,
            full(b"hdlr", 0, bytes(4), handler, bytes(13)),
            full(b"pitm", 0, struct.pack(">H", 1)),
            full(b"iinf", 0, struct.pack(">H", len(infos)), *infos),
            full(b"iref", 0, box(b"cdsc", cdsc)),
            box(b"iprp", box(b"ipco", box(b"irot", b"\1"))),
            meta,
            iloc(entries, version, sizes, base),
        )

    front = 16 if large else 8
    return head(len(head(1 << 12)) + front) + box(b"mdat", *values, large=large) + after


def avif(**options: object) -> bytes:
    out = io.BytesIO()
    tags = Image.Exif()
    tags[0x010F] = "Test"
    Image.linear_gradient("L").resize((32, 24)).convert("RGB").save(out, "AVIF", exif=tags, **options)
    return out.getvalue()


SOUND = {
    "plain": heif(),
    "big-endian": heif(exif(">")),
    "oldest list": heif(version=0),
    "newest list, wide numbers, base": heif(version=2, sizes=0x8888, base=64),
    "other boxes": heif(after=box(b"free", bytes(9)) + box(b"uuid", bytes(20))),
    "long mdat": heif(large=True),
    "avif": avif(),
}
"""Name to bytes: a position can be embedded in each."""
