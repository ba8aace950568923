"""Camera raw files in containers of their own: what they say is read, nothing is ever embedded.

Fujifilm's RAF holds a whole JPEG, Sigma's X3F as well (X3F file format, sections 2 and 3), Minolta's MRW a
TIFF stream. Other raw files are TIFF streams, or boxes (Canon's CR3), and are read as such.
"""

from __future__ import annotations

from collections.abc import Iterator

from geotag.errors import RefusedError
from geotag.metadata import jpeg
from geotag.metadata.patch import Blocks, Buffer, Range
from geotag.metadata.signatures import FUJIFILM, MINOLTA
from geotag.types import Patch, Tag

_REASON = "is a raw file"
_JPEG_AT = 84
# The segments before the picture; how long the picture itself is does not matter.
_MOST_HEAD = 1 << 22
_MOST_PARTS = 1_000
_SECTION_HEAD = 28
_SECTION_JPEG = 18


def blocks(data: Buffer) -> Blocks:
    """The Exif blocks and XMP packets of a raw file, up to the first fault."""
    if data[: len(MINOLTA)] == MINOLTA:
        return Blocks(exif=tuple(_minolta(data)))
    previews = _fujifilm(data) if data[: len(FUJIFILM)] == FUJIFILM else _sigma(data)
    found = [jpeg.blocks(bytes(data[at : min(at + length, at + _MOST_HEAD)])) for at, length in previews]
    return Blocks(
        exif=tuple(block for preview in found for block in preview.exif),
        xmp=tuple(packet for preview in found for packet in preview.xmp),
    )


def embed(data: Buffer, tag: Tag, replace: bool) -> Patch:  # noqa: ARG001
    """Raises RefusedError."""
    raise RefusedError(_REASON)


def picture(data: Buffer) -> Iterator[Range]:  # noqa: ARG001
    """Raises RefusedError: a raw file counts as a whole."""
    raise RefusedError(_REASON)


def _fujifilm(data: Buffer) -> Iterator[Range]:
    """Offset and length of the JPEG, which stand in the header."""
    yield _number(data, _JPEG_AT, "big"), _number(data, _JPEG_AT + 4, "big")


def _minolta(data: Buffer) -> Iterator[bytes]:
    """The TIFF streams in the header: blocks of a name, a length and a body."""
    at, end = 8, min(len(data), 8 + _number(data, 4, "big"))
    while at < end:
        begin = at + 8
        at = begin + _number(data, at + 4, "big")
        if data[begin - 8 : begin - 4] == b"\0TTW" and at <= end:
            yield bytes(data[begin:at])


def _sigma(data: Buffer) -> Iterator[Range]:
    """Offset and length of the JPEG pictures that the directory at the end lists."""
    at = _number(data, max(0, len(data) - 4), "little")
    if data[at : at + 4] != b"SECd":
        return
    for entry in range(min(_number(data, at + 8, "little"), _MOST_PARTS)):
        section = _number(data, at + 12 + 12 * entry, "little")
        length = _number(data, at + 16 + 12 * entry, "little")
        if data[section : section + 4] == b"SECi" and _number(data, section + 12, "little") == _SECTION_JPEG:
            yield section + _SECTION_HEAD, max(0, length - _SECTION_HEAD)


def _number(data: Buffer, at: int, order: str) -> int:
    """Four bytes as a whole number; less at the end of the file."""
    return int.from_bytes(data[at : at + 4], "big" if order == "big" else "little")
