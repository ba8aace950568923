"""JPEG 2000 (JP2, JPX) and JPEG XL in boxes: a position in an Exif box, the codestream left as it is.

Structure: ISO/IEC 15444-1 annex I, 15444-2 annex M, ISO/IEC 18181-2. JPEG 2000 has no Exif box of its own:
by custom it is a uuid box ("JpgTiffExif->JP2"), which ExifTool and exiv2 read. In JPEG XL it is an Exif box
that begins with the offset of the TIFF header in 4 bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from geotag.errors import RefusedError
from geotag.metadata import gps, tiff, xmp
from geotag.metadata.boxes import XMP_UUID, Box, boxes, check_box, is_uuid
from geotag.metadata.patch import Blocks, Buffer, Range, growth, shifted
from geotag.metadata.signatures import JPEG_2000, JPEG_XL
from geotag.types import Patch, Splice, Tag

_EXIF_UUID = b"JpgTiffExif->JP2"
# Photoshop's own uuid for the same, where many programs do not look.
_PHOTOSHOP_UUID = bytes.fromhex("0537cdab9d0c4431a72afa561f2a113e")
_EXIF_HEAD = b"Exif\0\0"
# GeoJP2 (a GeoTIFF in a uuid box), and the label of GMLJP2 (OGC 08-085).
_GEO_UUID = bytes.fromhex("b14bf8bd083d4b43a5ae8cd7d5a6ce03")
_GML = b"gml.data"
_CODESTREAMS = (b"jp2c", b"jxlc", b"jxlp")
_TOLD = (b"uuid", b"xml ", b"Exif", b"free", b"jumb", b"brob")
# Fragment lists (15444-2, annex M) and indexes (15444-9) count from the start of the file, a checksum covers
# stretches of it (15444-2, annex M), and jbrd rebuilds a JPEG, Exif included (18181-2).
_TIED = {
    **dict.fromkeys((b"ftbl", b"flst", b"cidx", b"fidx", b"iptr"), "holds offsets that count from its start"),
    b"chck": "holds a checksum of itself",
    b"jbrd": "is a packed JPEG, which could no longer be restored",
    b"brob": "keeps metadata compressed",
}


def blocks(data: Buffer) -> Blocks:
    """The Exif blocks and XMP packets of such a file, up to the first fault."""
    exif, packets = [], []
    for box in _readable(data):
        if _is_exif(data, box):
            exif.append(_exif(data, box)[1])
        elif is_uuid(data, box, XMP_UUID) or box.type == b"xml ":
            packets.append(_packet(data, box))
    return Blocks(exif=tuple(exif), xmp=tuple(packets))


def embed(data: Buffer, tag: Tag, replace: bool) -> Patch:
    """The edits that put a position into such a file; raises RefusedError with the reason not to."""
    found = _sound(data)
    for box in found:
        _check(data, box)
    exif = [box for box in found if _is_exif(data, box)]
    if len(exif) > 1:
        raise RefusedError("has two Exif boxes")
    if exif and is_uuid(data, exif[0], _PHOTOSHOP_UUID):
        raise RefusedError("keeps its Exif in a box of Photoshop's, where programs differ")
    if exif:
        return _grown(data, exif[0], tag, replace)
    head = b"Exif" + bytes(4) if found[0].type == b"JXL " else b"uuid" + _EXIF_UUID
    body = head + gps.block(tag)
    return (Splice(len(data), 0, struct.pack(">I", 4 + len(body)) + body),)


def picture(data: Buffer) -> Iterator[Range]:
    """Offset and length of the body of every box that is seen: header, colour, codestreams.

    Raises RefusedError when the boxes cannot be followed to the end.
    """
    for box in boxes(data, 0, len(data)):
        if box.type not in _TOLD:
            yield box.begin, box.end - box.begin


def _grown(data: Buffer, box: Box, tag: Tag, replace: bool) -> Patch:
    begin, block = _exif(data, box)
    patch = tiff.add_gps(block, tag, replace)
    length = box.end - box.offset + growth(patch)
    if box.begin - box.offset == 16:
        size = Splice(box.offset + 8, 8, struct.pack(">Q", length))
    elif length <= 0xFFFFFFFF:
        size = Splice(box.offset, 4, struct.pack(">I", length))
    else:
        raise RefusedError("has an Exif box that cannot grow")
    return (size, *shifted(patch, begin))


def _check(data: Buffer, box: Box) -> None:
    """Raises RefusedError for a box that says the file must not change, or already says where it is."""
    check_box(data, box)
    if reason := _TIED.get(box.type):
        raise RefusedError(reason)
    if is_uuid(data, box, _GEO_UUID) or (box.type == b"asoc" and data.find(_GML, box.begin, box.end) >= 0):
        raise RefusedError("is georeferenced (GeoJP2 or GMLJP2)")
    if is_uuid(data, box, XMP_UUID) or box.type == b"xml ":
        xmp.check(_packet(data, box))


def _sound(data: Buffer) -> list[Box]:
    """The boxes of a file that may grow; raises RefusedError for one that may not."""
    if data[:12] not in (JPEG_2000, JPEG_XL):
        raise RefusedError("is a bare codestream, which has no room for metadata")
    found = list(boxes(data, 0, len(data)))
    if len(found) < 2 or found[1].type != b"ftyp" or not any(box.type in _CODESTREAMS for box in found):
        raise RefusedError("has no picture, or its header is not where it belongs")
    if not found[-1].definite:
        raise RefusedError("has a last box without a length")
    return found


def _readable(data: Buffer) -> Iterator[Box]:
    """The boxes up to the first that cannot be read."""
    try:
        yield from boxes(data, 0, len(data))
    except RefusedError:
        return


def _is_exif(data: Buffer, box: Box) -> bool:
    return box.type == b"Exif" or any(is_uuid(data, box, uuid) for uuid in (_EXIF_UUID, _PHOTOSHOP_UUID))


def _exif(data: Buffer, box: Box) -> tuple[int, bytes]:
    """Where the TIFF stream of an Exif box begins, and the stream; some writers put JPEG's head before."""
    head = 16
    if box.type == b"Exif":
        head = 4 + int.from_bytes(data[box.begin : box.begin + 4], "big")
    begin = min(box.begin + head, box.end)
    if data[begin : begin + len(_EXIF_HEAD)] == _EXIF_HEAD:
        begin = min(begin + len(_EXIF_HEAD), box.end)
    return begin, bytes(data[begin : box.end])


def _packet(data: Buffer, box: Box) -> bytes:
    return bytes(data[min(box.begin + (16 if box.type == b"uuid" else 0), box.end) : box.end])


def levels(head: bytes) -> int:
    """Decomposition levels in the COD marker of a codestream's main header (ISO/IEC 15444-1, A.6.1), which
    begins somewhere in `head`; 0 if not found.
    """
    start = head.find(b"\xff\x4f\xff\x51")
    cod = head.find(b"\xff\x52\x00", start)
    return head[cod + 9] if start >= 0 and 0 <= cod < len(head) - 9 else 0
