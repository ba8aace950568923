"""JPEG 2000 around a real picture and JPEG XL around a made-up one; no code is shared with geotag."""

from __future__ import annotations

import io
import struct

from PIL import Image

from tests.blocks import exif

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
EXIF_UUID = b"JpgTiffExif->JP2"
PHOTOSHOP_UUID = bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e")
GEO_UUID = bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")


def box(kind: bytes, *body: bytes) -> bytes:
    content = b"".join(body)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def saved() -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).save(out, "JPEG2000")
    return out.getvalue()


def jp2_file(*after: bytes, before: bytes = b"") -> bytes:
    """A real JPEG 2000 picture with more boxes before and after its codestream."""
    whole = saved()
    at = whole.index(b"jp2c") - 4
    return whole[:at] + before + whole[at:] + b"".join(after)


def jxl_file(*boxes: bytes) -> bytes:
    """The container of JPEG XL around a codestream that no test decodes."""
    return box(b"JXL ", b"\r\n\x87\n") + box(b"ftyp", b"jxl \0\0\0\0jxl ") + b"".join(boxes)


JXLC = box(b"jxlc", b"\xff\x0a" + bytes(50))
LARGE = struct.pack(">I4sQ", 1, b"uuid", 16 + 16 + len(exif())) + EXIF_UUID + exif()

SOUND = {
    "plain": jp2_file(),
    "exif": jp2_file(box(b"uuid", EXIF_UUID, exif("<"))),
    "exif before the picture": jp2_file(before=box(b"uuid", EXIF_UUID, b"Exif\0\0" + exif(">"))),
    "exif in a box with a long length": jp2_file(LARGE),
    "other boxes": jp2_file(
        box(b"uuid", bytes(16), b"x"), box(b"xml ", b"<a/>"), box(b"uuid", XMP_UUID, b"<a/>")
    ),
    "jpeg xl": jxl_file(JXLC),
    "jpeg xl in parts": jxl_file(
        box(b"jxlp", bytes(30)), box(b"jxlp", b"\x80\0\0\1" + bytes(30)), box(b"xml ", b"<a/>")
    ),
    "jpeg xl with exif": jxl_file(box(b"Exif", bytes(4), exif(">")), JXLC),
    "jpeg xl with exif, offset": jxl_file(JXLC, box(b"Exif", b"\0\0\0\6Exif\0\0", exif("<"))),
}
"""Name to bytes: a position can be embedded in each."""
