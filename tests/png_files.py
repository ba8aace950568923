"""PNG files by hand: small, sound or broken on purpose; no code is shared with geotag."""

from __future__ import annotations

import struct
import zlib

from tests.blocks import exif
from tests.xmp_packets import PLACELESS

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


HEADER = chunk(b"IHDR", struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 0))
ROWS = zlib.compress(b"\0abc\0def")
PICTURE = chunk(b"IDAT", ROWS[:5]) + chunk(b"IDAT", ROWS[5:])
END = chunk(b"IEND", b"")
FRAMES = (
    chunk(b"acTL", struct.pack(">II", 2, 0))
    + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, 3, 2, 0, 0, 1, 10, 0, 0))
    + PICTURE
    + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 1, 3, 2, 0, 0, 1, 10, 0, 0))
    + chunk(b"fdAT", struct.pack(">I", 2) + zlib.compress(b"\0ABC\0DEF"))
)


def file(*before: bytes, picture: bytes = PICTURE, after: bytes = b"") -> bytes:
    """A PNG of 3 by 2 grey pixels with more chunks before and after the picture."""
    return SIGNATURE + HEADER + b"".join(before) + picture + after + END


def itxt(packet: bytes, packed: bool = False) -> bytes:
    body = zlib.compress(packet) if packed else packet
    return chunk(b"iTXt", b"XML:com.adobe.xmp\0" + bytes((packed, 0)) + b"en\0titel\0" + body)


def raw_profile(kind: bytes, value: bytes, packed: bool = True) -> bytes:
    """A profile as ImageMagick writes it."""
    text = b"\n%s\n%8d\n" % (kind, len(value)) + b"\n".join(
        value[at : at + 36].hex().encode() for at in range(0, len(value), 36)
    )
    name = b"Raw profile type " + kind + b"\0"
    return chunk(b"zTXt", name + b"\0" + zlib.compress(text)) if packed else chunk(b"tEXt", name + text)


SOUND = {
    "plain": file(),
    "animated": file(picture=FRAMES),
    "texts and times": file(chunk(b"tEXt", b"Comment\0hello"), after=chunk(b"tIME", bytes(7))),
    "exif": file(chunk(b"eXIf", exif("<"))),
    "exif, big-endian, behind the picture": file(after=chunk(b"eXIf", exif(">"))),
    "exif with the head of JPEG": file(chunk(b"eXIf", b"Exif\0\0" + exif("<"))),
    "xmp without a position": file(itxt(PLACELESS)),
    "other raw profile": file(raw_profile(b"iptc", b"8BIM")),
}
"""Name to bytes: a position can be embedded in each."""


def mended(data: bytes) -> bytes:
    """`data` with the right CRC behind every chunk: for fuzzing, which cannot guess them."""
    out, at = bytearray(data[:8]), 8
    while at + 12 <= len(data) and at + 12 + int.from_bytes(data[at : at + 4], "big") <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        out += data[at:end] + struct.pack(">I", zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return bytes(out + data[at:])
