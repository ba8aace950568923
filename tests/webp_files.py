"""WebP files by hand around real pictures; no code is shared with geotag."""

from __future__ import annotations

import io
import struct
from typing import Any

from PIL import Image

from tests.blocks import exif
from tests.xmp_packets import PLACELESS


def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def saved(mode: str = "RGB", /, **options: Any) -> bytes:
    out = io.BytesIO()
    image = Image.linear_gradient("L").resize((33, 20)).convert(mode)
    if mode == "RGBA":
        image.putalpha(image.getchannel("R"))
    image.save(out, "WEBP", **options)
    return out.getvalue()


def header(flags: int, width: int = 33, height: int = 20) -> bytes:
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return chunk(b"VP8X", struct.pack("<I", flags) + sizes)


LOSSY, LOSSLESS, CLEAR = saved()[12:], saved(lossless=True)[12:], saved("RGBA", lossless=True)[12:]
FRAMES: dict[str, Any] = {
    "save_all": True,
    "append_images": [Image.new("RGB", (33, 20), "red")],
    "duration": 70,
}

SOUND = {
    "lossy": riff(LOSSY),
    "lossless": riff(LOSSLESS),
    "lossless with alpha": riff(CLEAR),
    "lossy with alpha": saved("RGBA"),
    "animated": saved(**FRAMES),
    "extended, odd profile": riff(header(0x20), chunk(b"ICCP", bytes(131)), LOSSY),
    "xmp": riff(header(0x04), LOSSY, chunk(b"XMP ", PLACELESS)),
    "unknown chunk at the end": riff(header(0), LOSSY, chunk(b"abcd", b"xyz")),
    "exif": riff(header(0x08), LOSSY, chunk(b"EXIF", exif("<"))),
    "odd exif": riff(header(0x0C), LOSSY, chunk(b"EXIF", exif(">") + b"\0"), chunk(b"XMP ", PLACELESS)),
    "exif with the head of JPEG": riff(header(0x08), LOSSY, chunk(b"EXIF", b"Exif\0\0" + exif("<"))),
    "announced but missing": riff(header(0x08), LOSSY),
}
"""Name to bytes: a position can be embedded in each."""


def mended(data: bytes) -> bytes:
    """`data` with the right length in its first header: for fuzzing, which cannot guess it."""
    return data[:4] + struct.pack("<I", max(0, len(data) - 8)) + data[8:]
